"""Backups: one file that holds every row and every uploaded file of the site as they were at one moment."""
