"""The settings: few, frozen, read once from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict
from rapidfuzz import process

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "READOUT_"


class SettingsError(Exception):
    """A setting that cannot be used; its text says what to type instead."""


class Settings(BaseModel):
    """What an operator can set; each field is an environment variable `READOUT_…`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    database_url: str = f"sqlite:///{PROJECT / 'readout.db'}"
    """Where the record is kept. Default: `readout.db` in the project's folder."""
    public_url: str = "http://127.0.0.1:8000"
    """The address under which clients reach the server, for `next` and other whole URLs.
    Default: where `readout serve` listens. It is never taken from a request."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `READOUT_*`; blank means not set. Raises SettingsError for an unknown name."""
        known = {f"{PREFIX}{name.upper()}": name for name in cls.model_fields}
        given: dict[str, str] = {}
        for variable, value in environment.items():
            if not variable.startswith(PREFIX) or not value.strip():
                continue
            if variable not in known:
                nearest = process.extractOne(variable, list(known))
                raise SettingsError(f"{variable} is not a setting; did you mean {nearest[0]}?")
            given[known[variable]] = value.strip()
        settings = cls.model_validate(given)
        settings.database_path  # noqa: B018 - refuses an unusable address now, not at first use
        if not settings.public_url.startswith(("http://", "https://")):
            raise SettingsError("READOUT_PUBLIC_URL must begin with http:// or https://")
        return settings

    @property
    def database_path(self) -> Path:
        """The SQLite file that `database_url` names. Raises SettingsError for another address."""
        scheme, _, path = self.database_url.partition(":///")
        if scheme != "sqlite" or not path or path == ":memory:":
            raise SettingsError(
                "READOUT_DATABASE_URL must name an SQLite file: sqlite:///readout.db, or "
                f"sqlite:////data/readout.db for an absolute path; it is {self._shown_url()}"
            )
        return Path(path)

    def _shown_url(self) -> str:
        """The address without a password."""
        scheme, separator, rest = self.database_url.partition("://")
        return f"{scheme}{separator}{rest.rpartition('@')[2]}"
