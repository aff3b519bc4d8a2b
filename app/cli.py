"""The command `readout`.

Each command imports what it needs when it runs: a server starts without what only curation uses,
and a check without what only the server uses.
"""

# ruff: noqa: PLC0415 - for the reason above

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from app import __version__
from app.curation.reading import Finding, visible
from app.settings import Settings, SettingsError
from app.text import clean

if TYPE_CHECKING:
    from app.store.database import Store

FILES = click.argument("files", nargs=-1, required=True, metavar="FILES…")


def main() -> None:
    """Run a command; a setting that cannot be used is said in one line."""
    # A file may hold what a terminal can't show; it is written as an escape, not as a crash.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # text streams
    try:
        readout(prog_name="readout")
    except (SettingsError, OSError) as error:
        raise SystemExit(f"readout: {visible(str(error))}") from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def readout() -> None:
    """Serve what leaders agreed, promised and said, with the words that prove it."""


@readout.command()
@FILES
def check(files: tuple[str, ...]) -> None:
    """Find every problem of the files, taken together as one data set."""
    from app.curation.check import check as check_files

    _report(check_files(files))
    click.echo(f"{_files(files)}: no problems")


@readout.command()
@FILES
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="DOCUMENT=FILE",
    help="The text of a document, as UTF-8. Repeat it for each document.",
)
@click.option("--fix", is_flag=True, help="Fill in start, characters and sha256.")
def verify(files: tuple[str, ...], texts: tuple[str, ...], *, fix: bool) -> None:
    """Prove each passage against the text of its document."""
    from app.curation.verify import TextError, Texts, verify_files

    try:
        report = verify_files(files, Texts.read(texts), fix=fix)
    except TextError as error:
        raise SystemExit(f"readout: {visible(str(error))}") from None
    _report(report.findings, report.notes)


@readout.command()
@FILES
@click.option("--message", metavar="TEXT", help="Why: it stands with the release.")
@click.option(
    "--prune",
    metavar="REASON",
    help="Withdraw every record that is published and not in the files, for this reason.",
)
def load(files: tuple[str, ...], message: str | None, prune: str | None) -> None:
    """Check the files and publish them as the next release."""
    _load(files, Settings.from_environment(), message=message, prune=prune)


def _load(
    files: Iterable[str],
    settings: Settings,
    *,
    message: str | None = None,
    prune: str | None = None,
) -> None:
    """Load the files into the database of the settings, and say what that did."""
    from app.curation.load import load as load_files

    message, prune = _said(message, "--message"), _said(prune, "--prune")
    path = settings.database_path
    with _said_in_a_line():
        release, new = load_files(
            files, path, _progress(), message=message, prune=prune, keep=settings.keep_releases
        )
    done = "is published" if new else "has this content already"
    records = f"{sum(release.counts.values()):,} records"
    if new and release.number > 1:
        records += f" ({_counted(release.changes)})"
    click.echo(f"release {release.number} {done}: {records}, in {path}")


def _said(text: str | None, option: str) -> str | None:
    """What was typed for an option that everybody will read."""
    if text is not None and (clean(text) or not text.strip() or len(text) > 2_000):
        raise SystemExit(f"readout: {option} takes a sentence: up to 2,000 printable characters")
    return text


def _counted(changes: dict[str, int] | None) -> str:
    """`2 added, 1 changed`."""
    found = [f"{count:,} {action}" for action, count in (changes or {}).items() if count]
    return ", ".join(found) or "no record changed"


@readout.command()
def releases() -> None:
    """List the releases, the newest first."""
    from app.curation.archive import releases as published_releases
    from app.curation.archive import there_are

    path = Settings.from_environment().database_path
    with _said_in_a_line():
        for release, kept in published_releases(path, there_are(path)):
            changed = "" if release.changes is None else f"  {_counted(release.changes)}"
            gone = "" if kept else "  (not kept)"
            click.echo(f"{release.number:>4}  {release.published_at}  "
                       f"{sum(release.counts.values()):>9,} records{changed}{gone}")  # fmt: skip
            if release.message:
                click.echo(f"      {visible(release.message)}")


@readout.command()
@click.argument("a", type=click.IntRange(1))
@click.argument("b", type=click.IntRange(1))
def diff(a: int, b: int) -> None:
    """Show what is different between release A and release B."""
    from app.curation.archive import difference, there_are
    from app.curation.past import described

    path = Settings.from_environment().database_path
    count = 0
    with _said_in_a_line():
        for change in difference(path, there_are(path), a, b):
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
    from app.curation.archive import bundles_of, there_are

    settings = Settings.from_environment()
    path = settings.database_path
    with _said_in_a_line(), TemporaryDirectory(prefix="readout-") as folder:
        _load(
            bundles_of(path, there_are(path), number, Path(folder)),
            settings,
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
    from app.curation.archive import there_are

    path = Settings.from_environment().database_path
    with _said_in_a_line():
        write(path, there_are(path), release, target, database=sqlite)
    click.echo(f"written: {target}")


@contextmanager
def _said_in_a_line() -> Iterator[None]:
    """Say why nothing was done; every problem on a line where there are several."""
    from app.curation.load import NotLoaded, Rejected

    try:
        yield
    except Rejected as rejected:
        _report(rejected.findings)
    except NotLoaded as error:
        raise SystemExit(f"readout: {visible(str(error))}") from None


@readout.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port."
)
@click.option(
    "--seed",
    metavar="FILE",
    help="Load this file if there is no database yet. One that is there keeps its content; if an "
    "older version of Readout made it, it is brought up to date.",
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
    from app.serve import application, end_at_a_signal, run, run_several

    settings = Settings.from_environment()
    if seed:
        _prepare(settings, seed)
    listening = _listen(host, port)
    address = f"http://{_reachable(host)}:{listening.getsockname()[1]}"
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": address})
    end_at_a_signal()
    app = application(settings)
    # The socket takes requests from here on, and the server answers them in a moment.
    listening.listen(2_048)
    click.echo(_greeting(app.store, settings.public_url.rstrip("/")))
    if workers == 1:
        run(app, settings, listening)
    else:
        asyncio.run(app.store.close())  # it was opened to be told of
        run_several(workers, settings, listening)


def _prepare(settings: Settings, seed: str) -> None:
    """Load the seed where there is nothing; bring what an older version made up to date."""
    from app.store.files import is_outdated

    path = settings.database_path
    if not path.exists():
        _load((seed,), settings)
    elif is_outdated(path):
        from app.curation.load import NotLoaded, migrate

        try:
            migrate(path)
        except NotLoaded as error:
            # The server says why it can't be served, and waits for a release.
            click.echo(f"readout: {visible(str(error))}", err=True)
        else:
            click.echo(f"{path} is brought up to date; its content is as it was")


def _greeting(store: Store, address: str) -> str:
    if store.current is None:
        return f"Readout is at {address} with nothing to serve yet: {store.fault}"
    return (
        f"Readout serves release {store.current.info.number} at {address} "
        f"(try: curl {address}/agreements; documentation: {address}/docs)"
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise SystemExit(
            f"readout: can't listen on {host} port {port} ({error.strerror}); "
            "try another one: readout serve --port 8123, or make serve PORT=8123"
        ) from None
    return listening


def _reachable(host: str) -> str:
    """An address that a client on this machine can use."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{host}]" if ":" in host else host


@readout.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--agreements", default=1_000, show_default=True, type=click.IntRange(1, 10_000_000),
    help="How many agreements; there are twice as many commitments and quotes.",
)  # fmt: skip
def synthesize(folder: Path, agreements: int) -> None:
    """Write a made-up data set of any size into FOLDER, to measure with."""
    from app.curation.synthetic import synthesize as write_files

    count = sum(1 for _ in write_files(folder, agreements))
    click.echo(f"{count:,} files in {folder}; load them with: readout load {folder}/*.json")


@readout.command()
def schema() -> None:
    """Print the JSON Schema of the files that curators write."""
    from app.curation.bundle import bundle_schema

    _print_json(bundle_schema())


@readout.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from app.main import create_api, openapi_document

    _print_json(openapi_document(create_api(Settings())))


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _report(findings: list[Finding], notes: Iterable[str] = ()) -> None:
    """Every problem on a line, then the notes; with problems, exit status 1."""
    for line in (*map(str, findings), *map(visible, notes)):
        click.echo(line)
    if findings:
        click.echo(f"{len(findings)} problem{'s'[: len(findings) != 1]}", err=True)
        sys.exit(1)


def _files(files: tuple[str, ...]) -> str:
    return visible(files[0]) if len(files) == 1 else f"{len(files)} files"


def _progress() -> Callable[[str, int, int], None]:
    """A line that is written over, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def show(what: str, done: int, of: int) -> None:
        click.echo(f"\r{what}: {done:,} of {of:,} files\033[K", nl=done == of, err=True)

    return show
