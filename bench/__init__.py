"""How fast Readout is, beside Datasette on the same rows. README.md says how to repeat it."""
