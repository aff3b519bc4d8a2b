"""What docker-compose.yml promises, as far as it can be held to it without an engine."""

import re
import shlex
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types
from click.testing import CliRunner

from app.cli import readout
from app.settings import PREFIX, PROJECT, Settings, path_of
from tests.dockerfile import read_stages

COMPOSE: dict[str, Any] = yaml.safe_load(
    (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = ["server-1", "server-2"]
IMAGE = read_stages((PROJECT / "Dockerfile").read_text(encoding="utf-8"))[-1]
PROXIED = (PROJECT / "deploy" / "Caddyfile").read_text(encoding="utf-8")


def test_has_what_it_needs_and_nothing_else() -> None:
    assert set(SERVICES) == {"database", *SERVERS, "proxy"}
    keys = {
        "image", "build", "restart", "read_only", "cap_drop", "tmpfs", "environment", "volumes",
        "healthcheck", "depends_on", "command", "ports", "stop_grace_period",
    }  # fmt: skip
    for name, service in SERVICES.items():
        assert set(service) <= keys, name
        assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["database", "proxy"])
def test_images_of_others_are_of_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z]+:[0-9]+[0-9.]*-[a-z]+", SERVICES[name]["image"])
    assert "build" not in SERVICES[name]


@pytest.mark.parametrize("name", SERVERS)
def test_servers_get_settings_that_exist(name: str) -> None:
    given = {
        variable: re.sub(r"\$\{[^}]*?(?::-([^}]*))?\}", r"\1", value)
        for variable, value in SERVICES[name]["environment"].items()
    }
    settings = Settings.from_environment({k: v for k, v in given.items() if k.startswith(PREFIX)})
    assert path_of(settings.database_url) is None
    assert "@database:5432/" in settings.database_url
    assert settings.public_url == "http://127.0.0.1:8000"
    assert set(given) == {"READOUT_DATABASE_URL", "READOUT_PUBLIC_URL", "PGPASSWORD"}


def test_no_password_is_written_down() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable:
                assert value.startswith("${POSTGRES_PASSWORD:?")


def test_the_database_keeps_its_data_in_a_volume() -> None:
    # From version 18 on, the image keeps each major version in a folder of its own below this one.
    (volume,) = SERVICES["database"]["volumes"]
    source, target = volume.split(":")
    assert source in COMPOSE["volumes"]
    assert target == "/var/lib/postgresql"


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert SERVICES["proxy"]["ports"] == ["8000:80"]
    assert ":80 {" in PROXIED


def test_the_proxy_asks_the_servers_whether_they_are_ready() -> None:
    behind = " ".join(f"{name}:{IMAGE.exposed[0]}" for name in SERVERS)
    assert f"reverse_proxy {behind} {{" in PROXIED
    assert "health_uri /health/ready" in PROXIED
    assert PROXIED.count("{") == PROXIED.count("}")
    (mount,) = SERVICES["proxy"]["volumes"]
    assert (PROJECT / mount.split(":")[0]).is_file()


def test_whoever_is_waited_for_says_that_it_is_healthy() -> None:
    for name in ("database", "proxy"):
        check = SERVICES[name]["healthcheck"]
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} < set(check)
    for name in SERVERS:  # the image says it
        assert SERVICES[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert "healthcheck" not in SERVICES[name]
    assert IMAGE.healthcheck


def test_one_server_loads_the_seed_and_the_other_one_only_serves() -> None:
    assert "--seed" in IMAGE.command
    assert "command" not in SERVICES["server-1"]
    command = SERVICES["server-2"]["command"]
    assert "--seed" not in command
    assert CliRunner().invoke(readout, [*command, "--help"]).exit_code == 0


def test_what_the_head_of_the_file_says_can_be_typed() -> None:
    head = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8").partition("name:")[0]
    typed = [line.removeprefix("#   ") for line in head.splitlines() if line.startswith("#   ")]
    assert len(typed) == 2
    assert shlex.split(typed[1])[-3] in SERVERS
