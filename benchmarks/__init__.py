"""Measures the site: see README.md in this folder, or run ``make bench``."""
