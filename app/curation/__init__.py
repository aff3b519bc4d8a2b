"""Curation: from the files that a curator writes to a published release."""
