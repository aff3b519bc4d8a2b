"""HTTP: what every answer has in common."""
