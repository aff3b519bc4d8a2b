"""What a scanner of web applications finds, when it follows every link and form that it sees."""

import json
import subprocess
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.conftest import Server
from tests.needs import wapiti

pytestmark = pytest.mark.attack
# All but those that ask other machines, and those for LDAP and for Java: here is neither, and they
# take it for a sign that a parameter is refused, or that a word more finds as little.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,"
    "redirect,shellshock,sql,timesql,xss,xxe"
)
SECONDS = 60  # of the crawl, which has no end: filters can be combined without end
OF_A_MODULE = 20
# Whoever does not speak TLS himself leaves what is said of it to the proxy that does.
OF_THE_PROXY = {"HTTP Secure Headers": {"Strict-Transport-Security"}}


def test_finds_nothing_unexplained(server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    subprocess.run(
        [
            wapiti(), "--url", f"{server.url}/", "--scope", "folder", "--module", MODULES,
            "--max-scan-time", str(SECONDS), "--max-attack-time", str(OF_A_MODULE),
            "--header", "Accept: text/html", "--no-bugreport", "--store-session", str(tmp_path),
            "--format", "json", "--output", str(report),
        ],
        cwd=tmp_path, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL, check=False, timeout=3_000,
    )  # fmt: skip
    result = json.loads(report.read_text(encoding="utf-8"))
    assert result["infos"]["crawled_pages_nbr"] > 20
    unexplained = [
        (sort, finding["method"], finding["path"], finding["parameter"], finding["info"])
        for part in ("vulnerabilities", "anomalies")
        for sort, findings in result[part].items()
        for finding in findings
        if not any(text in finding["info"] for text in OF_THE_PROXY.get(sort, ()))
    ]
    assert unexplained == []
    assert httpx.get(f"{server.url}/health/ready").status_code == 200
