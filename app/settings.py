"""The settings: few, frozen, read once from the environment."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.beside import table_beside
from app.nearest import did_you_mean
from app.vocabulary import PLURALS

_APP = Path(__file__).resolve().parent
PROJECT = _APP.parent
# A wheel has them within the package, as nothing else of it may stand in `site-packages`.
_SHIPPED = _APP if (_APP / "migrations").is_dir() else PROJECT
MIGRATIONS = _SHIPPED / "migrations"
SEED = _SHIPPED / "data" / "seed.json"
STARTER = _SHIPPED / "data" / "starter.json"
PREFIX = "READOUT_"
_SQLITE = "sqlite:///"
QUERY_SECONDS = 10
_DATA = table_beside(__file__)
_OWN_PATHS = {*_DATA["own_paths"], *PLURALS}


class SettingsError(Exception):
    """A setting that cannot be used; its text says what to type instead."""


def _of_no_own_path(url: str) -> str:
    """Under `/quotes`, nobody could tell the list of quotes from the root of the service."""
    if urlsplit(url).path.strip("/").partition("/")[0] in _OWN_PATHS:
        raise ValueError(url)
    return url


def _networks(addresses: str) -> str:
    for address in addresses.split(","):
        ip_network(address.strip(), strict=False)
    return addresses


def _of_a_file(url: str) -> str:
    if not url.startswith(_SQLITE) or url.removeprefix(_SQLITE) in {"", ":memory:"}:
        raise ValueError(url)
    return url


class Settings(BaseModel):
    """What an operator can set; each field is an environment variable `READOUT_…`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    database_url: Annotated[str, AfterValidator(_of_a_file)] = "sqlite:///readout.db"
    """The local SQLite file of the newest release; the folder beside it, `readout.db.releases`,
    holds the releases. Default: `readout.db` in the folder in which `readout` is started."""
    releases_url: str | None = Field(
        None, pattern=r"^((s3|gs|az)://[^/?#@\s]+(/[^?#@]*)?|file:///[^?#]+)$"
    )
    """The bucket or shared folder in which releases are kept, for several servers: `s3://`,
    `gs://`, `az://` or `file://`, with credentials in the usual variables (`AWS_…`, `GOOGLE_…`,
    `AZURE_…`). The folder beside the database is then a copy of what is needed of it.
    Default: none; the folder beside the database keeps the releases."""
    public_url: Annotated[str, AfterValidator(_of_no_own_path)] = Field(
        "http://127.0.0.1:8000",
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$",
    )
    """The address under which clients reach the server, for `next` and other whole URLs; under a
    path of a host, too (`https://example.org/readout`), whether or not the proxy in front takes
    that path off. Default: where `readout serve` listens. It is never taken from a request."""

    operator: str | None = Field(None, min_length=1, max_length=200)
    """Who runs this server, as it stands on `/about`. Default: nobody is named."""

    contact: str | None = Field(
        None, pattern=r"^(https://[^\s/]\S*|(mailto:)?[^@\s:]+@[^@\s]+)$", max_length=200
    )
    """Whom to tell of a mistake in the record or a weakness of this server, by mail or on the web:
    it stands on `/about`, beside each record and in `/.well-known/security.txt`. Default: nobody,
    and no such file."""

    keep_releases: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many releases stay readable with `as_of`, the current one included; each is a file as
    large as the data set. One that was current within an hour before the newest one was published
    stays in any case. Default: all of them."""

    cache_mib: Annotated[int, Field(ge=0, le=65_536)] = 64
    """How much memory each server process keeps for answers that were given before, in MiB;
    0 for none."""

    query_seconds: Annotated[int, Field(ge=1, le=600)] = QUERY_SECONDS
    """How long a query may take, in seconds, before it is given up with 503."""

    rate_limit: str | None = Field(
        None, pattern=r"^[1-9][0-9]{0,8}/([1-9][0-9]{0,4} ?)?(second|minute|hour|day)$"
    )
    """How often one client may ask, such as `600/minute`, counted by each server process.
    Default: as often as it can. A client is an IPv4 address, or a /64 of IPv6."""

    trusted_proxies: Annotated[str, AfterValidator(_networks)] | None = None
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

    @property
    def contact_address(self) -> str | None:
        """The contact as an address that can be linked: `mailto:desk@example.org`."""
        bare = self.contact and ":" not in self.contact
        return f"mailto:{self.contact}" if bare else self.contact

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `READOUT_*`. Raises SettingsError for a name or a value that can't be used."""
        names = {f"{PREFIX}{name.upper()}": name for name in cls.model_fields}
        given: dict[str, str] = {}
        for variable, value in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in names:
                raise SettingsError(
                    f"{variable} is not a setting{did_you_mean(variable, names)}; "
                    f"there are {', '.join(names)}"
                )
            if not value.strip():
                raise SettingsError(f"{variable} is empty; give it a value, or unset it")
            given[names[variable]] = value.strip()
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
        value = _without_password(given[name]) if name.endswith("_url") else given[name]
        raise SettingsError(f"{PREFIX}{name.upper()} must {_DATA['must'][name]}; it is {value}")

    @property
    def database_path(self) -> Path:
        """The SQLite file that `database_url` names."""
        return Path(self.database_url.removeprefix(_SQLITE))


def _without_password(url: str) -> str:
    """An address without what may be a password."""
    scheme, separator, rest = url.partition("://")
    place, _, after = rest.partition("?")
    # A password that is not encoded may hold anything, the marks that end it included.
    if "@" in after or (not separator and "@" in url):
        return f"{scheme}://…" if separator else "…"
    return f"{scheme}{separator}{place.rpartition('@')[2]}"
