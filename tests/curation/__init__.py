"""From files that a curator types to a published release."""
