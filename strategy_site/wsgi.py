"""The WSGI entry point: ``strategy_site.wsgi:application`` (PEP 3333)."""

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
except Exception:
    traceback.print_exc()  # now: what we raise is told when we have ended
    time.sleep(PAUSE_SECONDS)
    sys.exit(1)
