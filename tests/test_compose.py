"""What docker-compose.yml promises, as far as it can be held to it without an engine."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types
from click.testing import CliRunner
from compose_spec import PyOptions

from app.cli import readout
from app.settings import PREFIX, PROJECT, Settings
from tests.test_image import IMAGE

COMPOSE: dict[str, Any] = yaml.safe_load(
    (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = ["server-1", "server-2"]
PROXIED = (PROJECT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def test_is_what_the_specification_allows() -> None:
    # The aliases are resolved, as an engine does it first.
    PyOptions().from_yaml(yaml.safe_dump(COMPOSE)).validate()


def test_the_linter_of_its_security_has_nothing_to_say(tmp_path: Path) -> None:
    """No rights, no way to get any, no writable root, bounds of everything, no secret in it."""
    for name in ("docker-compose.yml", ".compose-lint.yml"):
        shutil.copy(PROJECT / name, tmp_path)  # for it minds where a project lies
    linter = str(Path(sys.executable).with_name("compose-lint"))
    options = ["--quiet", "--strict-config", "--no-env", "--no-merge-overrides", "--fail-on=low"]
    done = subprocess.run(
        [linter, "check", *options, "docker-compose.yml"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["bucket", "proxy"])
def test_images_of_others_are_of_an_exact_version(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:[0-9]+\.[0-9]+[0-9.]*(-[a-z]+)?", SERVICES[name]["image"])
    assert "build" not in SERVICES[name]


@pytest.mark.parametrize("name", [*SERVERS, "load"])
def test_servers_and_loads_get_settings_that_exist(name: str) -> None:
    given = {
        variable: re.sub(r"\$\{[^}]*?(?::-([^}]*))?\}", r"\1", value)
        for variable, value in SERVICES[name]["environment"].items()
    }
    assert given.pop("READOUT_RELEASES_URL").startswith("s3://readout/")
    settings = Settings.from_environment({k: v for k, v in given.items() if k.startswith(PREFIX)})
    assert settings.public_url == "http://127.0.0.1:8000"
    assert given["AWS_ENDPOINT"] == "http://bucket:8333"
    (config,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert settings.trusted_proxies == str(ip_network(config["subnet"]))


def test_the_bucket_has_the_name_and_the_keys_that_the_servers_have() -> None:
    bucket, server = SERVICES["bucket"], SERVICES["server-1"]
    assert "-bucket=readout" in bucket["command"]
    for key in KEYS:
        assert bucket["environment"][key] == server["environment"][key]
        assert ":?" in server["environment"][key]  # none that everybody knows


def test_only_the_proxy_is_reached_from_outside_and_not_the_bucket_from_it() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert SERVICES["proxy"]["ports"] == ["127.0.0.1:8000:8080"]
    assert ":8080 {" in PROXIED
    internal = {name for name, network in COMPOSE["networks"].items() if network}
    assert all(COMPOSE["networks"][name]["internal"] for name in internal)
    for name, service in SERVICES.items():
        assert (set(service["networks"]) <= internal) is (name != "proxy")
    assert set(SERVICES["proxy"]["networks"]).isdisjoint(SERVICES["bucket"]["networks"])


def test_the_proxy_asks_the_servers_whether_they_are_ready() -> None:
    behind = " ".join(f"{name}:{IMAGE.port}" for name in SERVERS)
    assert f"reverse_proxy {behind} {{" in PROXIED
    assert "health_uri /health/ready" in PROXIED
    (mount,) = SERVICES["proxy"]["volumes"]
    assert (PROJECT / mount.split(":")[0]).is_file()


def test_whoever_is_waited_for_says_that_it_is_healthy() -> None:
    for name in ("bucket", "proxy"):
        check = SERVICES[name]["healthcheck"]
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} < set(check)
    for name in [*SERVERS, "load"]:  # the image says it of itself
        assert SERVICES[name]["depends_on"] == {"bucket": {"condition": "service_healthy"}}
        assert "healthcheck" not in SERVICES[name]
    assert IMAGE.healthcheck


def test_each_server_keeps_its_files_and_loads_the_seed_if_there_is_nothing() -> None:
    volumes = [volume for name in SERVERS for volume in SERVICES[name]["volumes"]]
    assert [volume.split(":") for volume in volumes] == [[name, IMAGE.volume] for name in SERVERS]
    assert {*SERVERS, "bucket"} == set(COMPOSE["volumes"])
    assert "--seed" in IMAGE.command
    assert not any("command" in SERVICES[name] for name in SERVERS)


def test_what_the_head_of_the_file_says_can_be_typed() -> None:
    head = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8").partition("name:")[0]
    typed = [line.removeprefix("#   ") for line in head.splitlines() if line.startswith("#   ")]
    assert len(typed) == 3
    *_, service, file = shlex.split(typed[2])
    program, *words = SERVICES[service]["entrypoint"]
    assert [program] == IMAGE.entrypoint
    assert CliRunner().invoke(readout, [*words, "--help", file]).exit_code == 0
