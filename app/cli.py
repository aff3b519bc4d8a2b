"""The command `readout`.

Each command imports what it needs when it runs: a server starts without what only curation uses,
and a check without what only the server uses.
"""

# ruff: noqa: PLC0415 - for the reason above

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from app import __version__, commands
from app.curation.reading import visible
from app.settings import SEED, Settings, SettingsError
from app.text import clean, counted

if TYPE_CHECKING:
    from app.store.mirror import Mirror
    from app.store.serving import Store


def main() -> None:
    """Run a command."""
    # A file may hold what a terminal can't show; it is written as an escape, not as a crash.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # text streams
    try:
        readout(prog_name="readout")
    except Exception as error:
        _say_why(error)
        raise


def _say_why(error: Exception) -> None:
    """Exit with the reason in a line; with every problem on a line where there are several."""
    from app.curation.load import NotLoaded, Rejected
    from app.curation.verify import TextError
    from app.store.kept import StorageError

    if isinstance(error, Rejected):
        commands.report(error.findings)
    if isinstance(error, (SettingsError, OSError, NotLoaded, StorageError, TextError)):
        raise SystemExit(f"readout: {visible(str(error))}") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def readout() -> None:
    """Serve what leaders agreed, promised and said, with the words that prove it."""


@readout.command()
@commands.FILES
@click.option("--message", metavar="TEXT", help="Why: it stands with the release.")
@click.option(
    "--prune",
    metavar="REASON",
    help="Withdraw every record that is published and not in the files, for this reason.",
)
@click.option(
    "--trust-clock", is_flag=True, help="Publish at the time of the clock, however odd it is."
)
@click.option(
    "--despite-damage",
    is_flag=True,
    help="Go on from the newest release that is whole, where the last one can't be read.",
)
@commands.STRICT
def load(files: tuple[str, ...], **wish: Any) -> None:
    """Check the files and publish them as the next release."""
    warnings: list[int] = []
    _load(files, Settings.from_environment(), warn=warnings.append, **wish)
    for number in warnings:
        said = f"{counted(number, 'warning')}; readout check FILES lists them"
        click.echo(f"readout: {said}", err=True)


def _load(files: Iterable[str], settings: Settings, **wish: Any) -> None:
    """Load the files into the releases of the settings, and say what that did."""
    from app.curation.load import Wish
    from app.curation.load import load as load_files
    from app.store.mirror import Mirror

    for option in ("message", "prune"):
        text = wish.get(option)
        if text is not None and (clean(text) or not text.strip() or len(text) > 2_000):
            raise SystemExit(
                f"readout: --{option} takes a sentence: up to 2,000 printable characters"
            )
    whole_wish = Wish(keep=settings.keep_releases, **wish)
    release, new = load_files(files, Mirror.of(settings), _progress(), whole_wish)
    done = "is published" if new else "has this content already"
    records = f"{sum(release.counts.values()):,} records"
    if new and release.number > 1:
        records += f" ({_counted(release.changes)})"
    click.echo(f"release {release.number} {done}: {records}, in {_place(settings)}")


def _place(settings: Settings) -> str:
    """Where the releases are, wherever that was named from."""
    return settings.releases_url or str(settings.database_path.absolute())


def _counted(changes: dict[str, int] | None) -> str:
    """`2 added, 1 changed`."""
    counts = [f"{count:,} {action}" for action, count in (changes or {}).items() if count]
    return ", ".join(counts) or "no record changed"


@readout.command()
def releases() -> None:
    """List the releases, the newest first."""
    from app.curation.archive import releases as published_releases

    for release, kept in published_releases(_mirror()):
        changed = "" if release.changes is None else f"  {_counted(release.changes)}"
        gone = "" if kept else "  (not kept)"
        records = f"{sum(release.counts.values()):>9,} records"
        click.echo(f"{release.number:>4}  {release.published_at}  {records}{changed}{gone}")
        if release.message:
            click.echo(f"      {visible(release.message)}")


@readout.command()
@click.argument("a", type=click.IntRange(1))
@click.argument("b", type=click.IntRange(1))
def diff(a: int, b: int) -> None:
    """Show what is different between release A and release B."""
    from app.curation.archive import difference
    from app.curation.history import described

    count = 0
    for change in difference(_mirror(), a, b):
        count += 1
        sign, *lines = described(change)
        colour = {"+": "green", "-": "red"}.get(sign[0], "yellow")
        click.secho(visible(sign), fg=colour)
        for line in lines:
            click.echo(visible(line))
    if not count:
        click.echo(f"release {a} and release {b} have the same records")


@readout.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--message", metavar="TEXT", help="Why: it stands with the release.")
def rollback(number: int, message: str | None) -> None:
    """Publish the content of release NUMBER again, as the next release."""
    from app.curation.archive import bundles_of

    with TemporaryDirectory(prefix="readout-") as folder:
        _load(
            bundles_of(_mirror(), number, Path(folder)),
            Settings.from_environment(),
            message=f"Rolled back to release {number}." if message is None else message,
            prune=f"Rolled back to release {number}, which did not have it yet.",
        )


@readout.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="PATH")
@click.option("--release", type=click.IntRange(1), help="Another release than the present one.")
@click.option("--sqlite", is_flag=True, help="As an SQLite file, not as a bundle.")
def export(target: Path, release: int | None, *, sqlite: bool) -> None:
    """Write the data set into the file PATH as a bundle; into a folder as several."""
    from app.curation.archive import export as write

    write(_mirror(), release, target, database=sqlite)
    click.echo(f"written: {target}")


def _mirror() -> Mirror:
    """The releases that the settings name."""
    from app.store.mirror import Mirror

    return Mirror.of(Settings.from_environment())


@readout.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port."
)
@click.option(
    "--seed",
    metavar="FILE",
    help="Load this file, and not Readout's own, if there is no release yet. Releases of an older "
    "version of Readout are taken over; their content stays.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many processes serve: one for each core that they may have.",
)
def serve(host: str, port: int, seed: str | None, workers: int) -> None:
    """Serve the release in the database, and each new one as it is published."""
    settings = Settings.from_environment()
    from app.serve import application, end_at_a_signal, run, run_several

    _seed(settings, seed)
    listening = _listen(
        host, port, f"readout serve --port {port + 1}, or make serve PORT={port + 1}"
    )
    address = f"http://{_reachable(host)}:{listening.getsockname()[1]}"
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": address})
    end_at_a_signal()
    app = application(settings)
    # The socket takes requests from here on, and the server answers them in a moment.
    listening.listen(2_048)
    click.echo(_greeting(app.store, settings))
    if workers == 1:
        run(app, settings, listening)
    else:
        app.store.close()  # it was opened for the greeting
        run_several(workers, settings, listening)


def _seed(settings: Settings, seed: str | None) -> None:
    """Load the seed where there is no release; publish anew what an older version published."""
    from app.curation import former
    from app.store.kept import StorageError
    from app.store.mirror import Mirror
    from app.store.seal import UnusableRelease
    from app.store.tables import REVISION

    mirror = Mirror.of(settings)
    if not seed and (mirror.bucket or mirror.folder.database.exists()):
        return  # the server says what it has, or has not
    try:
        former.take_over(mirror)
        manifests = mirror.refresh()
        if not manifests.numbers:
            _try_to_load((seed or str(SEED),), settings, mirror)
        elif manifests.newest and manifests.newest.revision < REVISION:
            from app.curation.archive import bundles_of

            with TemporaryDirectory(prefix="readout-") as folder:
                _try_to_load(bundles_of(mirror, None, Path(folder)), settings, mirror)
    except (StorageError, UnusableRelease, former.ForeignDatabase) as error:
        click.echo(f"readout: {visible(str(error))}", err=True)


def _try_to_load(files: Iterable[str], settings: Settings, mirror: Mirror) -> None:
    """Load files, unless another server is faster; with an older release, the server waits."""
    from app.curation.load import NotLoaded, Rejected
    from app.store.tables import REVISION

    try:
        _load(files, settings)
    except NotLoaded as error:
        newest = None if isinstance(error, Rejected) else mirror.refresh().newest
        if newest is None:
            raise
        if newest.revision < REVISION:
            click.echo(f"readout: {visible(str(error))}", err=True)


def _greeting(store: Store, settings: Settings) -> str:
    address = settings.public_url.rstrip("/")
    if store.current is None:
        return f"Readout is at {address} with nothing to serve yet: {store.unavailable()}"
    return (
        f"Readout serves release {store.current.info.number} at {address} from {_place(settings)} "
        f"(try: curl {address}/agreements; documentation: {address}/docs)"
    )


def _listen(host: str, port: int, again: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise SystemExit(
            f"readout: can't listen on {host} port {port} ({error.strerror}); "
            f"try another one: {again}"
        ) from None
    return listening


def _reachable(host: str) -> str:
    """An address that a client on this machine can use."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{host}]" if ":" in host else host


@readout.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="The port."
)
def curate(folder: Path, port: int) -> None:
    """Open the page on which texts of FOLDER become records, for one person on this machine.

    A text is DOCUMENT.txt, and its records are written into DOCUMENT.json beside it.
    """
    from app.curate.desk import Desk
    from app.curate.server import run
    from app.serve import end_at_a_signal

    end_at_a_signal(sys.exit)  # by an exception, so that the preview is removed
    if not folder.is_dir():
        raise SystemExit(f"readout: {visible(str(folder))} is not a folder")
    desk = Desk(folder, _mirror())
    desk.warm()
    listening = _listen("127.0.0.1", port, f"readout curate {folder} --port {port + 1}")
    listening.listen()
    run(desk, listening, lambda url: click.echo(f"Readout curates {desk.folder} at {url}"))


for command in (
    commands.check, commands.verify, commands.text, commands.draft, commands.coverage,
    commands.schema,
):  # fmt: skip
    readout.add_command(command)


@readout.command()
def openapi() -> None:
    """Print the OpenAPI document, each path and component on a line."""
    from app.main import create_api, openapi_document

    document = openapi_document(create_api(Settings()))
    sections = {name: document.pop(name) for name in ("paths", "components")}
    lines = [f'"{name}":{_compact(value)}' for name, value in document.items()]
    lines.append(f'"paths":{_by_line(sections["paths"])}')
    parts = (f'"{name}":{_by_line(part)}' for name, part in sections["components"].items())
    lines.append(f'"components":{{{",".join(parts)}}}')
    click.echo("{" + ",\n".join(lines) + "}")


def _by_line(entries: dict[str, Any]) -> str:
    lines = (f'"{name}":{_compact(value)}' for name, value in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _progress() -> Callable[[str, int, int], None]:
    """A line that is written over, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def show(what: str, done: int, of: int) -> None:
        click.echo(f"\r{what}: {done:,} of {of:,} files\033[K", nl=done == of, err=True)

    return show
