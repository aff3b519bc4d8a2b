"""Proofreading: which quotations, figures and promises of a draft are on record, and how."""
