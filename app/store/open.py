"""Which database the settings name."""

from app.settings import Settings, path_of
from app.store.database import Store
from app.store.files import FileStore


def open_store(settings: Settings) -> Store:
    """Open the database for reading; that there is nothing in it yet is no error."""
    path = path_of(settings.database_url)
    if path is not None:
        return FileStore(path, settings.query_seconds)
    # A server on a file starts without the driver.
    from app.store.schemas import SchemaStore  # noqa: PLC0415

    return SchemaStore(settings.database_url, settings.query_seconds)
