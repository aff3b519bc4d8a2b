"""The settings: few, frozen, read once from the environment."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.nearest import did_you_mean

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "READOUT_"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")


_RATE = re.compile(r"[1-9][0-9]{0,8}/(?:[1-9][0-9]{0,4} ?)?(?:second|minute|hour|day)")
QUERY_SECONDS = 10
_MUST_BE = {
    "keep_releases": "a whole number of at least 1, such as 10",
    "cache_mib": "a whole number of MiB from 0 to 65536, such as 64",
    "query_seconds": "a whole number of seconds from 1 to 600, such as 10",
    "log_format": "text or json",
    "log_requests": "true or false",
    "log_queries": "true or false",
    "log_clients": "true or false",
    "metrics_port": "a port, such as 9100, or 0 for no figures",
    "drain_seconds": "a whole number of seconds from 0 to 3600, such as 10",
    "shutdown_seconds": "a whole number of seconds from 0 to 3600, such as 20",
}


class SettingsError(Exception):
    """A setting that cannot be used; its text says what to type instead."""


class Settings(BaseModel):
    """What an operator can set; each field is an environment variable `READOUT_…`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    database_url: str = f"sqlite:///{PROJECT / 'readout.db'}"
    """The SQLite file that the record is kept in. Default: `readout.db` in the project's folder."""
    public_url: str = "http://127.0.0.1:8000"
    """The address under which clients reach the server, for `next` and other whole URLs.
    Default: where `readout serve` listens. It is never taken from a request."""

    keep_releases: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many releases stay readable with `as_of`, the current one included; each is a file as
    large as the data set. Default: all of them."""

    cache_mib: Annotated[int, Field(ge=0, le=65_536)] = 64
    """How much memory each server process keeps for answers that were given before, in MiB;
    0 for none."""

    query_seconds: Annotated[int, Field(ge=1, le=600)] = QUERY_SECONDS
    """How long a query may take, in seconds, before it is given up with 503."""

    rate_limit: str | None = None
    """How often one client may ask, such as `600/minute`, counted by each server process.
    Default: as often as it can. A client is an IPv4 address, or a /64 of IPv6."""

    trusted_proxies: str | None = None
    """The addresses or networks, with commas, of the proxies in front, whose `X-Forwarded-For`
    says who asks. Default: nobody's is believed."""

    log_format: Literal["text", "json"] | None = None
    """How the log is written to stderr: `text` for people, `json` for programs. Default: text on
    a terminal."""

    log_requests: bool = True
    """Whether the log has a line for each request; a proxy in front may write its own."""

    log_queries: bool = False
    """Whether the log has the parameters of a request, and paths that do not exist."""

    log_clients: bool = False
    """Whether the log has the addresses of clients."""

    metrics_port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    """The port of `/metrics`, if it is not to be that of the service; 0 for no `/metrics`."""

    drain_seconds: Annotated[int, Field(ge=0, le=3_600)] = 0
    """How long to serve on after SIGTERM, in seconds, while `/health/ready` already fails: as
    long as the proxy in front needs to see it."""

    shutdown_seconds: Annotated[int, Field(ge=0, le=3_600)] = 20
    """How long after that the requests and downloads under way have to come to their end, in
    seconds; what is not done then is broken off."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `READOUT_*`. Raises SettingsError for a name or a value that can't be used."""
        known = {f"{PREFIX}{name.upper()}": name for name in cls.model_fields}
        given: dict[str, str] = {}
        for variable, value in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                raise SettingsError(
                    f"{variable} is not a setting{did_you_mean(variable, known)}; "
                    f"there are {', '.join(known)}"
                )
            if not value.strip():
                raise SettingsError(f"{variable} is empty; give it a value, or unset it")
            given[known[variable]] = value.strip()
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            raise SettingsError(
                f"{PREFIX}{name.upper()} must be {_MUST_BE[name]}; it is {given[name]}"
            ) from None
        _ = settings.database_path  # refuses it now, not at first use
        if settings.rate_limit and not _RATE.fullmatch(settings.rate_limit):
            raise SettingsError(
                "READOUT_RATE_LIMIT must be a number of requests and a time, such as 10/second, "
                f"600/minute or 10000/hour; it is {settings.rate_limit}"
            )
        if settings.trusted_proxies:
            _refuse_no_networks(settings.trusted_proxies)
        if not _ORIGIN.fullmatch(settings.public_url):
            raise SettingsError(
                "READOUT_PUBLIC_URL must be an address without a path, such as "
                "https://readout.example.org"
            )
        return settings

    @property
    def database_path(self) -> Path:
        """The SQLite file that `database_url` names. Raises SettingsError if it names none."""
        scheme, _, rest = self.database_url.partition("://")
        path = rest.removeprefix("/")
        if scheme != "sqlite" or path == rest or path in {"", ":memory:"}:
            raise SettingsError(
                "READOUT_DATABASE_URL must name an SQLite file (sqlite:///readout.db, or "
                "sqlite:////data/readout.db for an absolute path); it is "
                f"{shown(self.database_url)}"
            )
        return Path(path)


def _refuse_no_networks(given: str) -> None:
    try:
        for proxy in given.split(","):
            ip_network(proxy.strip(), strict=False)
    except ValueError:
        raise SettingsError(
            "READOUT_TRUSTED_PROXIES must be addresses or networks with commas between them, such "
            f"as 127.0.0.1,10.0.0.0/8; it is {given}"
        ) from None


def shown(url: str) -> str:
    """An address without what may be a password."""
    scheme, separator, rest = url.partition("://")
    place, _, after = rest.partition("?")
    # A password that is not encoded may hold anything, the marks that end it included.
    if "@" in after or (not separator and "@" in url):
        return f"{scheme}://…" if separator else "…"
    return f"{scheme}{separator}{place.rpartition('@')[2]}"
