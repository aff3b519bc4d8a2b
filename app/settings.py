"""The settings: few, frozen, read once from the environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.nearest import did_you_mean

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "READOUT_"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")


class SettingsError(Exception):
    """A setting that cannot be used; its text says what to type instead."""


class Settings(BaseModel):
    """What an operator can set; each field is an environment variable `READOUT_…`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    database_url: str = f"sqlite:///{PROJECT / 'readout.db'}"
    """Where the record is kept: an SQLite file, or a PostgreSQL database.
    Default: `readout.db` in the project's folder."""
    load_url: str | None = None
    """The database that `readout load` writes to, where servers read a replica of it.
    Default: `READOUT_DATABASE_URL`."""
    public_url: str = "http://127.0.0.1:8000"
    """The address under which clients reach the server, for `next` and other whole URLs.
    Default: where `readout serve` listens. It is never taken from a request."""

    keep_releases: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many releases stay readable with `as_of`, the current one included; each is a file as
    large as the data set. Default: all of them."""

    cache_mib: Annotated[int, Field(ge=0, le=65_536)] = 64
    """How much memory each server process keeps for answers that were given before, in MiB;
    0 for none."""

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
        except ValidationError:
            raise SettingsError(
                "READOUT_KEEP_RELEASES must be a whole number of at least 1, such as 10; it is "
                f"{given['keep_releases']}"
            ) from None
        for name in ("database_url", "load_url"):
            if url := getattr(settings, name):
                path_of(url, f"{PREFIX}{name.upper()}")  # refuses it now, not at first use
        if not _ORIGIN.fullmatch(settings.public_url):
            raise SettingsError(
                "READOUT_PUBLIC_URL must be an address without a path, such as "
                "https://readout.example.org"
            )
        return settings

    @property
    def database_path(self) -> Path:
        """The SQLite file that `database_url` names. Raises SettingsError if it names none."""
        path = path_of(self.database_url)
        if path is None:
            raise SettingsError(f"{shown(self.database_url)} is not an SQLite file")
        return path

    @property
    def load_into(self) -> str:
        """The address of the database that a load writes to."""
        return self.load_url or self.database_url


def path_of(url: str, setting: str = "READOUT_DATABASE_URL") -> Path | None:
    """The SQLite file that an address names; None if it is one of a PostgreSQL database.

    Raises SettingsError for any other.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgresql", "postgresql+psycopg"} and separator:
        return None
    path = rest.removeprefix("/")
    if scheme != "sqlite" or path == rest or path in {"", ":memory:"}:
        raise SettingsError(
            f"{setting} must name an SQLite file (sqlite:///readout.db, or "
            "sqlite:////data/readout.db for an absolute path) or a PostgreSQL database "
            f"(postgresql://user:password@host:5432/database); it is {shown(url)}"
        )
    return Path(path)


def shown(url: str) -> str:
    """An address without what may be a password."""
    scheme, separator, rest = url.partition("://")
    place, _, after = rest.partition("?")
    # A password that is not encoded may hold anything, the marks that end it included.
    if "@" in after or (not separator and "@" in url):
        return f"{scheme}://…" if separator else "…"
    return f"{scheme}{separator}{place.rpartition('@')[2]}"
