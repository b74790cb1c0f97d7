"""The WSGI entry point: ``strategy_site.wsgi:application`` (PEP 3333), Django behind the store of pages."""

import os
import sys
import time
import traceback

from django.core.wsgi import get_wsgi_application

# The server replaces a worker that ended at once, and forgets how often when two of them end in turn.
PAUSE_SECONDS = 10

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strategy_site.settings")

try:
    application = get_wsgi_application()
    from django.conf import settings

    from strategy_site.front import front

    if not settings.DEBUG:  # whoever changes a template sees it at once
        application = front(application)
except Exception:
    traceback.print_exc()  # now: what we raise is told when we have ended
    time.sleep(PAUSE_SECONDS)
    sys.exit(1)
