"""The site's settings with the bare view and a count of queries for who asks, and without the store of pages."""

from strategy_site.settings import *  # noqa: F403 - the settings of the site, whole
from strategy_site.settings import MIDDLEWARE

ROOT_URLCONF = "benchmarks.urls"
WSGI_APPLICATION = "benchmarks.wsgi.application"
MIDDLEWARE = ["benchmarks.middleware.QueryCountMiddleware", *MIDDLEWARE]
API_ANONYMOUS_QUOTA = 1_000_000_000  # counted as everywhere, never reached
