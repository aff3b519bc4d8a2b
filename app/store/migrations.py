"""Migrations: bring a database to the schema of this program."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from app.settings import MIGRATIONS


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring a database, empty or older, to this program's schema."""
    command.upgrade(configuration(connection), "head")
