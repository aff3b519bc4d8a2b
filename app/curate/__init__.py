"""The page for a curator, on the curator's machine. Nothing that serves the record imports it."""
