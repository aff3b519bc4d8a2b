"""Server processes: one, or several that share a socket; and how they come to their end."""

import asyncio
import atexit
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.context import SpawnProcess
from tempfile import TemporaryDirectory
from threading import Event, Thread
from types import FrameType

import uvicorn
from prometheus_client import start_http_server
from prometheus_client.multiprocess import mark_process_dead

from app import logs, metrics
from app.http.observed import RequestLog
from app.http.protocol import Protocol
from app.main import App
from app.settings import Settings

_SAME_SIGNAL = 0.5  # seconds
_CLEARED_UP = 100  # tenths of a second
_AT_A_TURN = 100  # connections
_NO_ROOM = 0.1  # seconds
_UNSENT = 128 * 1024  # bytes that the system takes beyond what is on its way to a client

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that says when it is about to end, serves on for a while, and cuts nothing."""

    def __init__(self, config: uvicorn.Config, ending: Event, drain_seconds: float) -> None:
        """Set the event at a signal to end, and serve on for so long."""
        super().__init__(config)
        self._ending = ending
        self._drain_seconds = drain_seconds
        self._end_at: float | None = None
        self._signalled_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end at the first signal; end at the second.

        One that comes at once is the same: to a process of several, it comes from who sent it to
        all, and from the supervisor.
        """
        now, before = time.monotonic(), self._signalled_at
        self._signalled_at = now
        if before is not None and now - before < _SAME_SIGNAL:
            return
        if self._drain_seconds and self._end_at is None:
            self._ending.set()
            self._end_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take connections, many at a turn.

        uvloop takes one: where a thousand are busy, whoever is new waits for all of them.
        """
        await super().startup([])
        for listening in sockets or []:
            listening.setblocking(False)
            self._listen(listening)

    def _listen(self, listening: socket.socket) -> None:
        if not self.should_exit:
            asyncio.get_running_loop().add_reader(listening, self._take, listening)

    def _take(self, listening: socket.socket) -> None:
        loop, tasks = asyncio.get_running_loop(), self.server_state.tasks
        for _ in range(_AT_A_TURN):
            try:
                connection, _ = listening.accept()
                # Left alone, the system takes 2 MB for a client that reads nothing.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
            except BlockingIOError:
                return
            except OSError:  # there are no more files: one that is closed makes room
                loop.remove_reader(listening)
                loop.call_later(_NO_ROOM, self._listen, listening)
                return
            protocol = partial(Protocol, self.config, self.server_state, self.lifespan.state)
            task = loop.create_task(loop.connect_accepted_socket(protocol, connection))
            tasks.add(task)  # type: ignore[arg-type] # nobody looks at what they return
            task.add_done_callback(tasks.discard)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, and let come to its end what was begun."""
        for listening in sockets or []:
            asyncio.get_running_loop().remove_reader(listening)
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to end; asked ten times a second."""
        if self._end_at and time.monotonic() > self._end_at:
            self.should_exit = True
        if counter % _CLEARED_UP == 0 and Protocol.cut:
            Protocol.cut = 0
            gc.collect()  # an answer that was cut refers to itself, and to its data
            _glibc("malloc_trim", 0)
        return await super().on_tick(counter)


def run(app: App, settings: Settings, listening: socket.socket) -> None:
    """Serve in this process, until a signal."""
    _serve_figures(settings, listening)
    _serve(app, settings, listening)


def run_several(workers: int, settings: Settings, listening: socket.socket) -> None:
    """Serve in several processes, until a signal; one that dies is replaced.

    uvicorn's own supervisor knows no server but its own, which does not drain.
    """
    ending = Event()
    end_at_a_signal(ending.set)
    with TemporaryDirectory(prefix="readout-figures-") as folder:
        os.environ[metrics.FILES] = folder
        _serve_figures(settings, listening)
        running = [_start(settings, listening) for _ in range(workers)]
        while not ending.wait(0.2):
            for at, process in enumerate(running):
                if not process.is_alive():
                    mark_process_dead(process.pid)  # type: ignore[no-untyped-call] # it has no types
                    log.error("a server process ended with %s", process.exitcode)
                    ending.wait(1)  # whatever ended it may need a moment to be over
                    running[at] = _start(settings, listening)
        # As long as one process has it, clients wait in its queue for nobody.
        listening.close()
        for process in running:
            process.terminate()
        for process in running:
            process.join()


def _start(settings: Settings, listening: socket.socket) -> SpawnProcess:
    process = get_context("spawn").Process(target=_work, args=(settings, listening))
    process.start()
    return process


def _work(settings: Settings, listening: socket.socket) -> None:
    """Serve beside other processes, as long as there is one that started them."""
    end_at_a_signal()
    Thread(target=_end_with_parent, daemon=True).start()
    _serve(application(settings), settings, listening)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent  # noqa: S101 - this runs in what was started
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def application(settings: Settings) -> App:
    """The application, with its log set up."""
    writer = logs.set_up(settings.log_format)
    return App(settings, RequestLog(writer) if settings.log_requests else None)


def _serve(app: App, settings: Settings, listening: socket.socket) -> None:
    # Left alone, glibc raises the threshold when much was taken at once, and keeps it all.
    _glibc("mallopt", _M_MMAP_THRESHOLD, _MAPPED_FROM)
    # What is there by now stays: no search for garbage has to look at it again.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app.asgi,
        log_config=None,
        log_level=logging.ERROR,  # a warning about each that is no request would fill the log
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application knows whom to believe
        timeout_graceful_shutdown=settings.shutdown_seconds,
        http=Protocol,
        ws="none",
    )
    server = Server(config, app.ending, settings.drain_seconds)
    # Its own `run` prepares the loop when it has begun: a signal in between would be an error.
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))


def _end() -> None:
    """End this process; an exception would be lost where it comes while garbage is collected."""
    atexit._run_exitfuncs()  # of the log, for one
    os._exit(0)


def end_at_a_signal(end: Callable[[], object] = _end) -> None:
    """Exit with 0 when asked to end: before the server runs, and as it raises the signal again.

    A terminal that is closed asks for the same, unless `nohup` said that it does not matter.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _serve_figures(settings: Settings, listening: socket.socket) -> None:
    """Serve the figures, where that is set, on a port of their own at the address of the service.

    The thread that does ends with the process.
    """
    if not settings.metrics_port:
        return
    host = listening.getsockname()[0]
    try:
        start_http_server(settings.metrics_port, host, metrics.Now())
    except OSError as error:
        raise SystemExit(
            f"readout: can't listen on {host} port {settings.metrics_port} ({error.strerror}); "
            "READOUT_METRICS_PORT names it"
        ) from None


# A piece of memory of this size or more goes back to the system when it is freed.
_MAPPED_FROM = 256 * 1024  # bytes
_M_MMAP_THRESHOLD = -3  # mallopt(3)


def _glibc(function: str, *arguments: int) -> None:
    if sys.platform == "linux":
        # musl has no such function, and returns memory by itself; it is no reason not to serve.
        with suppress(AttributeError, ImportError, OSError):
            import ctypes  # noqa: PLC0415 - there is none on some systems

            getattr(ctypes.CDLL(None), function)(*arguments)
