"""Django without the store of pages in front, so that each answer that is measured is made for its request."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
