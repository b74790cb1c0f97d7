"""Runs the project's commands in processes of their own, with nothing of our environment but what is given."""

import os
import subprocess
import sys

from django.conf import settings

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-key-of-fifty-characters-and-more-that-nobody-uses-0123456789",
    "ALLOWED_HOSTS": "strategy.example.org",
    "SITE_URL": "https://strategy.example.org",
    "EMAIL_URL": "dummymail://",
    "DEFAULT_FROM_EMAIL": "strategy-site@example.org",
}


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Python in the project's folder; the output is text in ``stdout`` and ``stderr``."""
    # An empty variable counts as not set, and one that is there is not read from a developer's .env file.
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    blank = dict.fromkeys(("ENVIRONMENT", "DEBUG", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "LANGUAGES"), "")
    command = [sys.executable, *arguments]
    return subprocess.run(  # noqa: S603 - our own Python
        command, cwd=settings.BASE_DIR, env=kept | blank | environment, capture_output=True, text=True, timeout=120
    )


def run_manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run ``manage.py`` in a process of its own."""
    return run_python("manage.py", *arguments, **environment)
