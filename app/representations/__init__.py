"""Representations: a page is a value, a format is a function of it."""
