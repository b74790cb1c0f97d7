"""The public site as static files, for a web server to fall back to: ``manage.py mirror``."""
