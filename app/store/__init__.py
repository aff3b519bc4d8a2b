"""The store: relational tables for finding, finished JSON bodies for sending."""
