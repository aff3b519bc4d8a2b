"""What whoever runs it sees and needs: the log, the figures, limits, processes, and the end."""

import asyncio
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import Response
from starlette.types import Message

from app.http import limited
from app.http.limited import Limited
from app.problems import TooSlow
from app.representations.pages.related import LISTINGS
from app.settings import PROJECT
from app.turns import asking
from bench.synthetic import synthesize
from tests.builders import a_bundle, an_agreement, write
from tests.conftest import (
    READOUT,
    Program,
    Server,
    file_of,
    free_port,
    load,
    open_release,
    serving,
    wait_until,
)

LOGGED = {"READOUT_LOG_REQUESTS": "true", "READOUT_LOG_FORMAT": "json"}


def end(server: Program) -> tuple[int, str]:
    """End a server as an operator does: its status, and what it logged."""
    server.process.send_signal(signal.SIGTERM)
    _, logged = server.process.communicate(timeout=30)
    return server.process.returncode, logged


def lines(logged: str) -> list[dict[str, Any]]:
    """The lines of requests."""
    return [line for line in map(json.loads, logged.splitlines()) if "route" in line]


def figures(url: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The figures by name and labels, those in the order of their names."""
    values: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(httpx.get(url).text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            values.setdefault(sample.name, {})[labels] = sample.value
    return values


class TestLog:
    """A line a request."""

    def test_a_request_is_a_line(self, seeded: Path) -> None:
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        headers = {"x-request-id": "abc-1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        with serving(seeded, **LOGGED) as server:
            with httpx.Client(base_url=server.url) as client:
                first = client.get("/commitments/us-defense-of-japan?fields=id", headers=headers)
                client.get("/commitments/us-defense-of-japan?fields=id")
                client.get("/agreements?q=secret-word&topc=x")
                client.get("/what-i-look-for?q=secret-word")
                client.head("/health/live")
            status, logged = end(server)
        assert status == 0
        assert first.headers["x-request-id"] == "abc-1"
        sent = re.fullmatch(rf"00-{trace}-([0-9a-f]{{16}})-01", first.headers["traceparent"])
        assert sent
        assert sent[1] != "00f067aa0ba902b7"

        record, again, refused, missing, live = lines(logged)
        assert record | {"ms": 0, "time": ""} == {
            "time": "", "level": "info", "id": "abc-1", "ms": 0, "bytes": len(first.content),
            "method": "GET", "route": "/commitments/{id}",
            "path": "/commitments/us-defense-of-japan", "status": 200, "cache": "miss",
            "release": 1, "trace": trace,
        }  # fmt: skip
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])
        assert 0 < record["ms"] < 10_000
        assert again["cache"] == "hit"
        assert (refused["status"], refused["problem"]) == (422, "bad-query")
        assert (missing["status"], missing["route"], missing["problem"]) == (
            404, "other", "not-found",
        )  # fmt: skip
        assert (live["method"], live["cache"], live["bytes"]) == ("HEAD", "pass", 0)
        assert len({line["id"] for line in (record, again, refused, missing, live)}) == 5
        # Neither what somebody asked for nor who it was.
        assert "secret-word" not in logged
        assert "look-for" not in logged
        assert "127.0.0.1" not in logged

    def test_more_is_written_where_it_is_wanted(self, seeded: Path) -> None:
        more = {"READOUT_LOG_QUERIES": "true", "READOUT_LOG_CLIENTS": "true"}
        with serving(seeded, **LOGGED, **more) as server:
            httpx.get(f"{server.url}/what-i-look-for?q=x")
            _, logged = end(server)
        (line,) = lines(logged)
        assert (line["path"], line["query"], line["client"]) == (
            "/what-i-look-for", "q=x", "127.0.0.1",
        )  # fmt: skip

    @pytest.mark.parametrize("id_", ["", "a b", "x" * 129, 'a"b', "a\\u0000", "é"])
    def test_an_id_that_is_none_is_not_taken(self, server: Server, id_: str) -> None:
        given = id_.encode()
        answer = httpx.get(f"{server.url}/health/live", headers={b"x-request-id": given})
        assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", answer.headers["x-request-id"])

    @pytest.mark.parametrize(
        "trace",
        ["00-x-y-01", f"00-{'0' * 32}-{'b' * 16}-01", f"00-{'a' * 32}-{'0' * 16}-01",
         f"ff-{'a' * 32}-{'b' * 16}-01"],
    )  # fmt: skip
    def test_a_trace_that_is_none_is_not_taken(self, server: Server, trace: str) -> None:
        answer = httpx.get(f"{server.url}/health/live", headers={"traceparent": trace})
        assert "traceparent" not in answer.headers

    def test_people_read_it_as_words(self, seeded: Path) -> None:
        text = LOGGED | {"READOUT_LOG_FORMAT": "text"}
        with serving(seeded, **text) as server:
            httpx.get(f"{server.url}/agreements?limit=2")
            httpx.get(f"{server.url}/actors/%0d%0aforged")
            _, logged = end(server)
        first, second = logged.splitlines()
        line = r"\d\d:\d\d:\d\d 200 GET /agreements \d+\.\d ms [\d,]+ bytes miss "
        assert re.fullmatch(line, first)
        assert second.endswith("pass not-found")

    def test_nobody_who_reads_it_holds_up_no_answer(self, seeded: Path) -> None:
        with serving(seeded, **LOGGED) as server:  # which nobody reads while it runs
            with httpx.Client(base_url=server.url) as client:
                for _ in range(1_500):  # more than a pipe holds
                    assert client.get("/health/live").status_code == 200
            server.process.kill()


class TestFigures:
    """What Prometheus reads."""

    def test_what_happens_is_counted(self, seeded: Path) -> None:
        with serving(seeded) as server:
            for path in ("/agreements", "/agreements", "/actors/japan", "/no", "/agreements?x=1"):
                httpx.get(server.url + path)
            assert httpx.get(f"{server.url}/{'x' * 9_000}").status_code == 414
            wait_until(lambda: figures(f"{server.url}/metrics")["readout_cache_bytes"][()] > 0)
            numbers = figures(f"{server.url}/metrics")
        requests = numbers["readout_requests_total"]
        assert requests["miss", "/agreements", "200"] == 1
        assert requests["hit", "/agreements", "200"] == 1
        assert requests["pass", "/agreements", "422"] == 1
        assert requests["miss", "/actors/{id}", "200"] == 1
        assert requests["pass", "other", "404"] == 1
        assert numbers["readout_request_seconds_count"]["/agreements",] == 3
        assert numbers["readout_problems_total"]["bad-query",] == 1
        assert numbers["readout_problems_total"]["url-too-long",] == 1
        assert numbers["readout_release"][()] == 1
        assert abs(numbers["readout_release_published_timestamp_seconds"][()] - time.time()) < 3_600
        assert numbers["readout_query_seconds_count"]["quick",] > 0
        assert numbers["readout_database_connections"]["idle",] == 4

    @pytest.mark.faults  # it takes ten seconds
    def test_everything_is_counted_before_anybody_asks(self, seeded: Path) -> None:
        with serving(seeded) as server:

            def query_count() -> float:
                return sum(figures(f"{server.url}/metrics")["readout_query_seconds_count"].values())

            # By each filter, how many changes there are, and how many promises, deeds and reports;
            # how many records, the release says.
            ahead = sum(len(listing.facets) for listing in LISTINGS.values()) + 2
            wait_until(lambda: query_count() == ahead, seconds=30)
            path = "/agreements?facet=kind&facet=topic&limit=1"
            assert httpx.get(server.url + path).json()["facets"]["topic"]
            assert httpx.get(f"{server.url}/changes?limit=1").json()["total"]
            assert query_count() == ahead + 2  # the pages themselves

    def test_a_file_that_is_refused_is_seen(self, tmp_path: Path) -> None:
        database = tmp_path / "readout.db"
        load([write(tmp_path / "bundle.json", a_bundle())], database)
        with serving(database) as server:

            def figures_now() -> tuple[float, ...]:
                names = "readout_database_fault", "readout_behind", "readout_release"
                now = figures(f"{server.url}/metrics")
                return tuple(now[name][()] for name in names)

            assert figures_now() == (0, 0, 1)
            new = a_bundle(agreements=[an_agreement()])
            load([write(tmp_path / "bundle.json", new)], database)
            wait_until(lambda: figures_now() == (0, 0, 2))
            file = file_of(database, 2)
            whole = file.read_bytes()
            file.write_bytes(whole[:-100] + bytes(100))
            wait_until(lambda: figures_now() == (1, 1, 1))
            health = {"status": "ok", "release": 1, "behind": True}
            assert httpx.get(f"{server.url}/health/ready").json() == health
            file.write_bytes(whole)
            wait_until(lambda: figures_now() == (0, 0, 2))
            _, logged = end(server)
        assert "was written to while it was served" in logged
        assert "release 2 is not served: it has no seal" in logged

    def test_they_are_to_be_had_on_a_port_of_their_own(self, seeded: Path) -> None:
        port = free_port()
        with serving(seeded, READOUT_METRICS_PORT=str(port)) as server:
            assert httpx.get(f"{server.url}/metrics").status_code == 404
            httpx.get(f"{server.url}/agreements")

            def counted() -> dict[tuple[str, ...], float]:
                return figures(f"http://127.0.0.1:{port}/metrics").get("readout_requests_total", {})

            wait_until(lambda: counted().get(("miss", "/agreements", "200")) == 1)
            assert httpx.get(f"{server.url}/metrics").status_code == 404
            assert end(server)[0] == 0

    def test_or_not_at_all(self, seeded: Path) -> None:
        with serving(seeded, READOUT_METRICS_PORT="0") as server:
            assert httpx.get(f"{server.url}/metrics").status_code == 404


class TestLimits:
    """What one client may take from the others."""

    def test_one_client_may_ask_so_often(self, seeded: Path) -> None:
        with serving(seeded, READOUT_RATE_LIMIT="3/minute") as server:
            answers = [httpx.get(f"{server.url}/agreements") for _ in range(5)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
            states = [answer.headers["ratelimit"] for answer in answers]
            assert all(re.fullmatch(r'"default";r=\d+;t=\d+', state) for state in states)
            assert [state.split(";")[1] for state in states] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
            for answer in answers:
                assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
                assert answer.headers["access-control-allow-origin"] == "*"
            assert answers[3].json()["type"] == "urn:readout:problem:too-many-requests"
            assert 0 < int(answers[3].headers["retry-after"]) <= 60
            # Whoever watches it is let through, and nobody is believed to be another one.
            assert httpx.get(f"{server.url}/health/ready").status_code == 200
            forged = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"}
            assert httpx.get(f"{server.url}/agreements", headers=forged).status_code == 429
            # What belongs to another request is not counted.
            assert httpx.options(f"{server.url}/agreements").status_code == 204
            assert httpx.get(f"{server.url}/static/icon.svg").status_code == 200

    def test_a_trusted_proxy_says_who_asks(self, seeded: Path) -> None:
        trusting = {"READOUT_RATE_LIMIT": "1/minute", "READOUT_TRUSTED_PROXIES": "127.0.0.0/8"}
        with serving(seeded, **trusting) as server:

            def ask(*chain: str) -> int:
                headers = {"x-forwarded-for": ", ".join(chain)}
                return httpx.get(f"{server.url}/agreements", headers=headers).status_code

            assert (ask("203.0.113.1"), ask("203.0.113.1")) == (200, 429)
            assert ask("203.0.113.2") == 200
            # What the client itself put in front is not believed.
            assert ask("203.0.113.9", "203.0.113.2") == 429
            # All of one network are one.
            assert (ask("2001:db8::1"), ask("2001:db8::2"), ask("2001:db8:0:1::1")) == (
                200, 429, 200,
            )  # fmt: skip

    def test_who_asked_long_ago_is_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limited, "MAX_CLIENTS", 3)
        layer = Limited(Response(), "1/day")
        statuses: list[int] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        async def ask(*clients: str) -> list[int]:
            statuses.clear()
            for client in clients:
                asking.set(client)
                scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
                await layer({**scope, "headers": []}, receive, send)
            return list(statuses)

        assert asyncio.run(ask("a", "b", "c", "a", "b", "c")) == [200, 200, 200, 429, 429, 429]
        assert asyncio.run(ask("a", "d", "b", "a")) == [429, 200, 200, 429]

    def test_a_query_that_takes_too_long_is_given_up(self, seeded: Path) -> None:
        release = open_release(seeded, seconds=1)
        endless = (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
        )
        begun = time.monotonic()
        for slow in (True, False):
            with pytest.raises(TooSlow, match="no query may take longer") as caught:
                asyncio.run(release.rows((endless, {}), slow=slow))
            assert caught.value.status == 503
            assert "instead of sort=rank" in str(caught.value)
        assert time.monotonic() - begun < 8
        assert asyncio.run(release.rows(("SELECT 1", {}), slow=True)) == [[(1,)]]
        release.retire()

    def test_where_files_are_short_others_wait_for_one(self, seeded: Path) -> None:
        with serving(seeded) as server:
            assert httpx.get(f"{server.url}/agreements").status_code == 200
            address = "127.0.0.1", int(server.url.rpartition(":")[2])
            most = 10 + len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, most))
            request = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            clients = [socket.create_connection(address, timeout=20) for _ in range(40)]
            for client in reversed(clients):  # those that were taken ask last
                time.sleep(0.01)
                client.sendall(request)
            for client in clients:
                with client:
                    assert client.recv(12) == b"HTTP/1.1 200"
            status, written = end(server)
            assert status == 0
            # It may say that it could not look for a release, and nothing else.
            lines = [json.loads(line) for line in written.splitlines()]
            assert {line["logger"] for line in lines} <= {"app.store.serving"}

    @pytest.mark.parametrize(
        "path",
        ["/", "/agreements", "/no", "/docs", "/static/icon.svg", "/openapi.json", "/metrics",
         "/agreements?format=csv", "/agreements?topc=x&format=html", "/health/live"],
    )  # fmt: skip
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
    def test_every_answer_is_safe_in_a_browser(
        self, server: Server, method: str, path: str
    ) -> None:
        headers = httpx.request(method, server.url + path, headers={"host": "evil.example"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "evil.example" not in str(headers)


@contextmanager
def downloading(url: str) -> Iterator[socket.socket]:
    """A download that has begun, and that nobody takes on."""
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect((host, int(port)))
        client.settimeout(20)
        client.sendall(b"GET /releases/1/readout.db HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        yield client


def rest(client: socket.socket) -> tuple[int, int]:
    """What is left of an answer: the bytes of its body that came, and those that there are."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
    taken = b""
    with suppress(ConnectionError):
        while piece := client.recv(2**20):
            taken += piece
    head, _, body = taken.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert length
    return len(body), int(length[1])


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is larger than what sockets hold."""
    folder = tmp_path_factory.mktemp("larger")
    load([str(file) for file in synthesize(folder / "data", 1_500)], folder / "readout.db")
    return folder / "readout.db"


def test_the_system_holds_little_for_who_takes_nothing(larger: Path) -> None:
    with serving(larger) as server, downloading(server.url) as client:
        time.sleep(1)
        server.process.send_signal(signal.SIGSTOP)
        client.settimeout(2)
        held = 0
        with suppress(TimeoutError):
            while piece := client.recv(2**16):
                held += len(piece)
        server.process.send_signal(signal.SIGCONT)
    assert held < 2**19


def test_a_port_that_is_taken_is_not_the_one_that_is_advised(
    seeded: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("serve", "--port", str(port), READOUT_DATABASE_URL=f"sqlite:///{seeded}")
    assert done.returncode == 1
    advice = f"try another one: readout serve --port {port + 1}, or make serve PORT={port + 1}"
    assert done.stderr.endswith(f"port {port} (Address already in use); {advice}\n")


def refuses(url: str) -> bool:
    """Whether nobody listens there."""
    try:
        httpx.get(f"{url}/health/ready")
    except httpx.ConnectError:
        return True
    except httpx.TransportError:
        pass  # it was taken, and broken off
    return False


class TestEnd:
    """SIGTERM, and SIGHUP: nothing is cut."""

    @pytest.fixture(autouse=True)
    def _hangups_end_a_server(self) -> Iterator[None]:
        """Also where the tests run under `nohup`, which every process below it inherits."""
        before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        yield
        signal.signal(signal.SIGHUP, before)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_a_download_comes_to_its_end(self, larger: Path, number: int) -> None:
        with serving(larger) as server, downloading(server.url) as client:
            server.process.send_signal(number)
            wait_until(lambda: refuses(server.url), 10)
            assert server.process.poll() is None
            came, length = rest(client)
            assert came == length > 4 * 2**20
            assert server.process.wait(10) == 0

    def test_one_that_nobody_takes_is_broken_off_in_time(self, larger: Path) -> None:
        with (
            serving(larger, READOUT_SHUTDOWN_SECONDS="1") as server,
            downloading(server.url) as client,
        ):
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(8) == 0
            came, length = rest(client)
            assert came < length

    def test_it_says_so_before(self, seeded: Path) -> None:
        with serving(seeded, READOUT_DRAIN_SECONDS="2") as server:
            assert httpx.get(f"{server.url}/health/ready").status_code == 200
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: httpx.get(f"{server.url}/health/ready").status_code == 503, 1)
            assert "about to end" in httpx.get(f"{server.url}/health/ready").json()["detail"]
            assert httpx.get(f"{server.url}/health/live").status_code == 200
            assert httpx.get(f"{server.url}/agreements").status_code == 200
            assert server.process.wait(8) == 0

    def test_it_ends_while_garbage_is_collected(self) -> None:
        """No exception comes out of that."""
        program = (
            "import os, signal; from app.serve import end_at_a_signal; end_at_a_signal()\n"
            "class Garbage:\n"
            "    def __del__(self): os.kill(os.getpid(), signal.SIGTERM); sum(range(1_000))\n"
            "Garbage(); print('went on')"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def test_it_ends_before_it_has_begun(self, seeded: Path) -> None:
        process = subprocess.Popen(
            [READOUT, "serve", "--port", "0"],
            env={"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": f"sqlite:///{seeded}"},
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        process.stdout.close()

    def test_it_ends_without_a_word_while_it_begins(self, seeded: Path, tmp_path: Path) -> None:
        loop = "import time\nprint('loading', flush=True)\ntime.sleep(10)\n"
        (tmp_path / "uvloop.py").write_text(loop)
        with serving(seeded, PYTHONPATH=str(tmp_path)) as server:
            assert server.process.stdout
            assert server.process.stdout.readline() == "loading\n"
            assert end(server) == (0, "")

    def test_nohup_is_heard(self, seeded: Path) -> None:
        process = subprocess.Popen(
            ["nohup", READOUT, "serve", "--port", "0"],
            env={"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": f"sqlite:///{seeded}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout
        url = process.stdout.readline().split(" at ")[1].split()[0]
        process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{url}/health/live").status_code == 200
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.mark.faults
class TestSeveral:
    """Several processes on one socket."""

    def test_they_serve_as_one(self, tmp_path: Path) -> None:
        database = tmp_path / "readout.db"
        load([write(tmp_path / "bundle.json", a_bundle())], database)
        with serving(database, "--workers", "2", **LOGGED) as server:

            def ids() -> set[str]:
                answers = [httpx.get(f"{server.url}/health/ready", timeout=30) for _ in range(20)]
                assert {answer.status_code for answer in answers} == {200}
                return {answer.headers["x-request-id"].split("-")[0] for answer in answers}

            wait_until(lambda: len(ids()) == 2)
            before = ids()
            workers = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
            serving_now = [int(pid) for pid in workers.read_text().split() if _serves(int(pid))]
            assert len(serving_now) == 2

            # The figures are of both.
            successes = sum(
                httpx.get(f"{server.url}/agreements").status_code == 200 for _ in range(30)
            )

            def counted() -> float:
                requests = figures(f"{server.url}/metrics")["readout_requests_total"]
                return sum(v for (_, route, _), v in requests.items() if route == "/agreements")

            wait_until(lambda: counted() == successes)

            # One that dies is replaced.
            os.kill(serving_now[0], signal.SIGKILL)
            wait_until(lambda: len(ids() - before) == 1)

            # Both change to a new release, and none goes back.
            new = a_bundle(agreements=[an_agreement()])
            load([write(tmp_path / "bundle.json", new)], database)
            wait_until(lambda: httpx.get(f"{server.url}/agreements").json()["release"] == 2)
            time.sleep(0.3)
            releases = [httpx.get(f"{server.url}/agreements").json()["release"] for _ in range(30)]
            assert set(releases) == {2}
            wait_until(lambda: figures(f"{server.url}/metrics")["readout_release"][()] == 2)

            status, logged = end(server)
        assert status == 0
        assert "a server process ended with -9" in logged
        assert not [pid for pid in serving_now if Path(f"/proc/{pid}").exists()]

    def test_a_signal_to_all_of_them_is_one(self, seeded: Path) -> None:
        draining = {"READOUT_DRAIN_SECONDS": "3"}
        with serving(seeded, "--workers", "2", **draining) as server:
            wait_until(lambda: httpx.get(f"{server.url}/health/ready", timeout=30).is_success)
            children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
            workers = [int(pid) for pid in children.read_text().split()]
            for pid in workers:  # as systemd and a terminal do
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.1)  # or the two that come to each would be one already
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert httpx.get(f"{server.url}/health/ready").status_code == 503
            assert httpx.get(f"{server.url}/agreements").status_code == 200
            assert server.process.wait(15) == 0

    def test_they_end_with_what_started_them(self, seeded: Path, tmp_path: Path) -> None:
        with serving(seeded, "--workers", "2", TMPDIR=str(tmp_path)) as server:
            wait_until(lambda: httpx.get(f"{server.url}/health/ready", timeout=30).is_success)
            port = int(server.url.rpartition(":")[2])
            server.process.kill()
            server.process.wait()

            def is_free() -> bool:
                with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                    return True
                return False

            wait_until(is_free)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_a_download_comes_to_its_end(self, larger: Path, number: int) -> None:
        with serving(larger, "--workers", "2") as server, downloading(server.url) as client:
            server.process.send_signal(number)

            def is_refused() -> bool:
                with suppress(httpx.TimeoutException):
                    try:
                        httpx.get(f"{server.url}/health/live", timeout=5)
                    except (httpx.NetworkError, httpx.RemoteProtocolError):
                        return True
                return False

            wait_until(is_refused)  # nobody waits for a server that is about to end
            came, length = rest(client)
            assert came == length
            assert server.process.wait(10) == 0


def _serves(pid: int) -> bool:
    """Whether a process is one that serves, and not what looks after semaphores."""
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
