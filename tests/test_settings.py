"""The settings: what an operator types is taken or refused, never half understood."""

from pathlib import Path

import pytest

from app.main import create_api
from app.settings import Settings, SettingsError


def test_defaults_need_nothing() -> None:
    settings = Settings.from_environment({"PATH": "/bin"})
    assert settings.database_path == Path("readout.db")  # of the folder in which it is started
    assert settings.public_url == "http://127.0.0.1:8000"


def test_what_is_given_is_taken() -> None:
    given = {
        "READOUT_DATABASE_URL": "sqlite:////data/readout.db",
        "READOUT_PUBLIC_URL": "https://readout.example.org",
    }
    settings = Settings.from_environment(given)
    assert settings.database_path == Path("/data/readout.db")
    assert settings.public_url == "https://readout.example.org"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("READOUT_DATABSE_URL", "x", 'did you mean "READOUT_DATABASE_URL"?'),
        ("READOUT_FOO", "x", "there are READOUT_DATABASE_URL, "),
        ("READOUT_DATABASE_URL", "", "is empty"),
        ("READOUT_DATABASE_URL", "readout.db", "must name an SQLite file"),
        ("READOUT_DATABASE_URL", "sqlite:///:memory:", "must name an SQLite file"),
        ("READOUT_DATABASE_URL", "mysql://user:secret@host/db", "it is mysql://host/db"),
        ("READOUT_DATABASE_URL", "mysql://user:s?secret@host/db", "it is mysql://…"),
        ("READOUT_DATABASE_URL", "mysql://host/db?password=secret", "it is mysql://host/db"),
        ("READOUT_DATABASE_URL", "postgresql://user:secret@host/db", "SQLite file (sqlite:///"),
        (
            "READOUT_DATABASE_URL",
            "postgresql://user:s@secret@host/db",
            "it is postgresql://host/db",
        ),
        *(
            ("READOUT_RELEASES_URL", url, "such as s3://bucket/readout, gs://bucket/readout, az://")
            for url in (
                "bucket",
                "s3://",
                "ftp://bucket/readout",
                "memory:///",
                "file://releases",
                "https://bucket.example.org/readout",
                "az://container/readout?sig=secret",
            )
        ),
        ("READOUT_RELEASES_URL", "s3://key:secret@bucket/readout", "it is s3://bucket/readout"),
        ("READOUT_PUBLIC_URL", "readout.example.org", "such as https://"),
        ("READOUT_PUBLIC_URL", "https://example.org/a?b", "such as https://"),
        ("READOUT_PUBLIC_URL", "https://example.org/../a", "such as https://"),
        ("READOUT_PUBLIC_URL", "https://example.org/quotes/", "under no path that begins as one"),
        ("READOUT_PUBLIC_URL", "https://example.org\r\nX: 1", "such as https://"),
        (
            "READOUT_QUERY_SECONDS",
            "0",
            "must be a whole number of seconds from 1 to 600, such as 10; it is 0",
        ),
        ("READOUT_RATE_LIMIT", "often", "such as 10/second, 600/minute or 10000/hour; it is often"),
        (
            "READOUT_RATE_LIMIT",
            "0/minute",
            "such as 10/second, 600/minute or 10000/hour; it is 0/minute",
        ),
        (
            "READOUT_TRUSTED_PROXIES",
            "proxy.example.org",
            "must be addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8; "
            "it is proxy.example.org",
        ),
        ("READOUT_LOG_FORMAT", "xml", "must be text or json; it is xml"),
        ("READOUT_LOG_REQUESTS", "perhaps", "must be true or false; it is perhaps"),
        (
            "READOUT_METRICS_PORT",
            "70000",
            "must be a port, such as 9100, or 0 for no figures; it is 70000",
        ),
        (
            "READOUT_DRAIN_SECONDS",
            "-1",
            "must be a whole number of seconds from 0 to 3600, such as 10; it is -1",
        ),
        (
            "READOUT_SHUTDOWN_SECONDS",
            "soon",
            "must be a whole number of seconds from 0 to 3600, such as 20; it is soon",
        ),
        (
            "READOUT_CACHE_MIB",
            "many",
            "must be a whole number of MiB from 0 to 65536, such as 64; it is many",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: value})
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert variable in str(caught.value)


def test_no_path_of_the_service_can_stand_before_it() -> None:
    heads = {
        str(getattr(route, "path", "/")).split("/")[1] for route in create_api(Settings()).routes
    }
    refused = {head for head in heads if head and "{" not in head}
    assert {"quotes", "check", "embed", "static"} <= refused
    for head in refused:
        with pytest.raises(SettingsError, match="under no path that begins as one of its own"):
            Settings.from_environment({"READOUT_PUBLIC_URL": f"https://example.org/{head}/x"})
