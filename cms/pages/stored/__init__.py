"""Stored pages: a public address is rendered once, and answered in front of Django as long as nothing that it shows
has changed (docs/decisions/0023-stored-pages.md)."""
