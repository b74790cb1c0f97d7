"""The WSGI entry point: ``strategy_site.wsgi:application`` (PEP 3333)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")

application = get_wsgi_application()
