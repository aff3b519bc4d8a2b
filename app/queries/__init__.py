"""Queries: the parameters of a request, and its statements. No HTTP, no connection."""
