"""The contexts of the templates: what pages for people need beside the answer."""
