"""Behind a real proxy, with the files that docs/operations.md names."""

import csv
import html
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from app.http.protocol import MAX_URL
from app.settings import PROJECT
from tests.conftest import free_port, serving
from tests.needs import nginx


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    """Caddy with our file, on a port of this machine."""
    text = (PROJECT / "deploy" / "one-server.Caddyfile").read_text(encoding="utf-8")
    text = text.replace("readout.example.org {", f"http://127.0.0.1:{port} {{")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    return _caddy(folder, "{\n\tadmin off\n}\n" + text)


def caddy_of_compose(folder: Path, port: int, behind: int) -> list[str]:
    """Caddy with the file of docker-compose.yml, where one of the two servers is away."""
    text = (PROJECT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    text = text.replace(":8080 {", f"http://127.0.0.1:{port} {{")
    text = text.replace("server-1:8000", "127.0.0.1:1")
    return _caddy(folder, text.replace("server-2:8000", f"127.0.0.1:{behind}"))


def _caddy(folder: Path, text: str) -> list[str]:
    file = folder / "Caddyfile"
    file.write_text(text)
    program = shutil.which("caddy", path=str(Path(sys.executable).parent))
    assert program
    return [program, "run", "--adapter", "caddyfile", "--config", str(file)]


def nginx_server(folder: Path, port: int, behind: int) -> list[str]:
    """nginx with our file, on a port of this machine."""
    text = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    file = folder / "nginx.conf"
    file.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}"))
    settings = f"daemon off; pid {folder}/pid; error_log stderr;"
    return [nginx(), "-p", str(folder), "-c", str(file), "-g", settings]


@contextmanager
def running(command: list[str], url: str, home: Path) -> Iterator[None]:
    """A proxy that answers."""
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_DATA_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        last = time.monotonic() + 15
        while True:
            try:
                if httpx.get(f"{url}/health/live").status_code == 200:
                    break
            except httpx.HTTPError:
                assert process.poll() is None
            assert time.monotonic() < last
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(15)


@pytest.mark.parametrize("proxy", [caddy, caddy_of_compose, nginx_server])
def test_a_proxy_in_front_changes_nothing_but_the_address(
    proxy: Callable[[Path, int, int], list[str]], seeded: Path, tmp_path: Path
) -> None:
    port = behind = free_port()
    while behind == port:
        behind = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "READOUT_PUBLIC_URL": url,
        "READOUT_TRUSTED_PROXIES": "127.0.0.1",
        "READOUT_LOG_REQUESTS": "true",
        "READOUT_LOG_CLIENTS": "true",
        "READOUT_LOG_FORMAT": "json",
    }
    with serving(seeded, "--port", str(behind), **settings) as server:
        command = proxy(tmp_path, port, behind)
        with running(command, url, tmp_path), httpx.Client(base_url=url) as client:
            first = client.get("/agreements?limit=2")
            assert first.json()["next"].startswith(f"{url}/agreements?limit=2&cursor=")
            assert first.headers["access-control-allow-origin"] == "*"
            again = {"if-none-match": first.headers["etag"]}
            assert client.get("/agreements?limit=2", headers=again).status_code == 304
            assert client.get("/actors/jpan").json()["nearest"][0] == "/actors/japan"
            table = client.get("/commitments?format=csv")
            assert len(list(csv.reader(io.StringIO(table.text)))) == 14
            part = client.get("/releases/1/readout.db", headers={"range": "bytes=0-14"})
            assert (part.status_code, part.content) == (206, b"SQLite format 3")
            # The longest query there is, and not a byte more.
            least = len("/search?q=&q=")
            for more, status in ((0, 422), (1, 414)):
                q = "q" * (MAX_URL - least + more)
                assert client.get(f"/search?q=&q={q}").status_code == status
            page = client.get("/agreements", headers={"accept": "text/html"})
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert "Accept" in page.headers["vary"]
            packed = client.get("/agreements", headers={"accept-encoding": "br"})
            assert packed.json()["total"] == 9
            # Figures are not for everybody, and nobody makes himself another one.
            for path in ("/metrics", "/metrics?x", "//metrics", "/%6Detrics", "/metrics/"):
                figures = client.get(f"{url}{path}")
                assert figures.status_code == 404, path
                assert "readout_requests_total" not in figures.text
            client.get("/quotes", headers={"x-forwarded-for": "203.0.113.9"})
        server.process.terminate()
        _, logged = server.process.communicate(timeout=30)
    assert '"client":"127.0.0.1"' in logged
    assert "203.0.113.9" not in logged


def test_everything_leads_on_under_a_path_of_a_host(seeded: Path, tmp_path: Path) -> None:
    port, behind = free_port(), free_port()
    url = f"http://127.0.0.1:{port}/readout"
    with serving(seeded, "--port", str(behind), READOUT_PUBLIC_URL=url):
        command = nginx_server(tmp_path, port, behind)
        file = tmp_path / "nginx.conf"
        ours = file.read_text()
        for proxied in ("http://readout", "http://readout/"):  # with its path, or without
            text = ours.replace("location = /metrics", "location = /readout/metrics")
            text = text.replace("location / {", "location /readout/ {")
            file.write_text(text.replace("proxy_pass http://readout", f"proxy_pass {proxied}"))
            with (
                running(command, url, tmp_path),
                httpx.Client(base_url=url, follow_redirects=True) as client,
            ):
                _goes_everywhere(client, url)
                assert client.get("/metrics").status_code == 404
        # Nothing that is kept knows of it.
        assert (
            httpx.get(f"http://127.0.0.1:{behind}/actors/japan").json()["href"] == "/actors/japan"
        )


NOT_THERE = {"/readout/nowhere", "/readout/search"}  # the latter is where a form leads


def _goes_everywhere(client: httpx.Client, url: str) -> None:
    """Follow every link of pages and of heads, some of each kind."""
    browser = {"accept": "text/html"}
    rest = ["/readout/", "/readout/search?q=jpan", "/readout/nowhere", "/readout/docs"]
    seen: dict[str, str] = {}
    while rest:
        path = rest.pop()
        kind = re.sub(r"(?<=s/)[^/?]+|(?<==)[^&]*", "…", path)
        if path in seen or list(seen.values()).count(kind) > 1:
            continue
        seen[path] = kind
        answer = client.get(f"{url.removesuffix('/readout')}{path}", headers=browser)
        assert answer.status_code == 200 or path in NOT_THERE, path
        assert str(answer.url).startswith(f"{url}/"), path
        for link in re.findall("<(/[^>]*)>", answer.headers.get("link", "")):
            assert link.startswith("/readout/"), path
            rest.append(link)
        if answer.headers["content-type"].startswith("text/html"):
            assert len(answer.content) > 500
            links = re.findall(r'\s(?:href|src|action)="(/[^"]*)"', answer.text)
            assert all(link.startswith("/readout/") for link in links), path
            rest += [html.unescape(link).partition("#")[0] for link in links]
    assert len(seen) > 100
    walk = client.get("/commitments?limit=5").json()["next"]
    assert walk.startswith(f"{url}/commitments?limit=5&cursor=")
    assert client.get(walk).status_code == 200
    assert client.get("/commitments?by=Japan").json()["run"] == f"{url}/commitments?by=japan"
    moved = client.get("/agreements.csv", follow_redirects=False)
    assert moved.headers["location"] == "/readout/agreements?format=csv"
    head = client.head("/agreements", headers=browser)
    page = client.get("/agreements", headers=browser)
    assert head.headers["content-length"] == page.headers["content-length"]
