"""Queries: what a client asked for, as a statement. No HTTP, no connection."""
