"""The command `readout`.

Each command imports what it needs when it runs: a server starts without what only curation uses,
and a check without what only the server uses.
"""

# ruff: noqa: PLC0415 - for the reason above

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import __version__
from app.curation.reading import Finding, visible
from app.settings import Settings, SettingsError, path_of, shown

if TYPE_CHECKING:
    from app.curation.load import Change, Progress
    from app.records import Release
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
def load(files: tuple[str, ...]) -> None:
    """Check the files and publish them as the next release."""
    _load(files, Settings.from_environment().load_into)


def _load(files: tuple[str, ...], url: str) -> None:
    from app.curation.load import NotLoaded, Rejected

    try:
        release, change = _publishing(url)(files, _progress())
    except Rejected as rejected:
        _report(rejected.findings)
    except NotLoaded as error:
        raise SystemExit(f"readout: {visible(str(error))}") from None
    else:
        done = "is published" if change else "has this content already"
        records = f"{sum(release.counts.values()):,} records"
        if change and release.number > 1:
            records += f" ({change.new:,} new, {change.gone:,} gone)"
        click.echo(f"release {release.number} {done}: {records}, in {path_of(url) or shown(url)}")


def _publishing(url: str) -> Callable[[tuple[str, ...], Progress], tuple[Release, Change | None]]:
    """The load into the database at this address."""
    path = path_of(url)
    if path is not None:
        from app.curation.load import load as load_file

        return lambda files, progress: load_file(files, path, progress)
    from app.curation.publish import load as load_schema

    return lambda files, progress: load_schema(files, url, progress)


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
def serve(host: str, port: int, seed: str | None) -> None:
    """Serve the release in the database, and each new one as it is published."""
    import uvicorn

    from app.http.protocol import Protocol
    from app.main import App

    _give_memory_back()
    settings = Settings.from_environment()
    if seed:
        _prepare(settings, seed)
    listening = _listen(host, port)
    address = f"http://{_reachable(host)}:{listening.getsockname()[1]}"
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": address})
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app = App(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        # A client that never reads its answer does not keep the server from ending.
        timeout_graceful_shutdown=3,
        http=Protocol,
        ws="none",
    )
    # The socket takes requests from here on, and the server answers them in a moment.
    listening.listen(config.backlog)
    click.echo(_greeting(app.store, settings.public_url.rstrip("/")))
    uvicorn.Server(config).run(sockets=[listening])


def _prepare(settings: Settings, seed: str) -> None:
    """Load the seed where there is nothing; bring what an older version made up to date."""
    from app.store.release import OutdatedRelease, UnusableRelease

    url = settings.load_into
    try:
        if _is_empty(url):
            _load((seed,), url)
    except OutdatedRelease:
        from app.curation.load import NotLoaded

        try:
            _migrate(url)
        except NotLoaded as error:
            click.echo(f"readout: {visible(str(error))}", err=True)
        else:
            click.echo(
                f"{path_of(url) or shown(url)} is brought up to date; its content is as it was"
            )
    except UnusableRelease:
        pass  # here and above, the server says why, and waits for a release


def _is_empty(url: str) -> bool:
    """Whether nothing was ever published there. Raises UnusableRelease."""
    path = path_of(url)
    if path is not None:
        from app.store.files import published

        published(path)
        return not path.exists()
    from app.store.schemas import newest

    return newest(url) is None


def _migrate(url: str) -> None:
    path = path_of(url)
    if path is not None:
        from app.curation.load import migrate as migrate_file

        migrate_file(path)
    else:
        from app.curation.publish import migrate as migrate_schema

        migrate_schema(url)


# A piece of memory of this size or more goes back to the system when it is freed.
_MAPPED_FROM = 256 * 1024  # bytes
_M_MMAP_THRESHOLD = -3  # mallopt(3)


def _give_memory_back() -> None:
    """Return what a large search took. Left alone, glibc raises the threshold and keeps it all."""
    if sys.platform == "linux":
        # musl has no mallopt, and returns memory by itself; it is no reason not to serve.
        with suppress(AttributeError, ImportError, OSError):
            import ctypes

            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)


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
