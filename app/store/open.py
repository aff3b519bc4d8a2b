"""Which database the settings name."""

from app.settings import Settings
from app.store.database import Store
from app.store.files import FileStore


def open_store(settings: Settings) -> Store:
    """Open the database for reading; that there is nothing in it yet is no error."""
    return FileStore(settings.database_path)
