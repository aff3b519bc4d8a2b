"""What pages for people show beside the record: worked out here, written by the templates."""
