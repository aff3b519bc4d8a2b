"""Attacks on a real server, on this machine alone; what they take and what others notice of it."""
