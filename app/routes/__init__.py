"""Routes: one file per resource, two lines per endpoint."""
