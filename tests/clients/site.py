"""The reference client, asking the site under test without a network."""

import importlib.util
import io
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.test import Client

PATH = Path(__file__).resolve().parents[2] / "clients" / "python" / "strategy_site_client.py"
spec = importlib.util.spec_from_file_location("strategy_site_client", PATH)
client = importlib.util.module_from_spec(spec)
spec.loader.exec_module(client)


class Answer(io.BytesIO):
    """What ``urlopen`` would return."""

    status = 200


class LocalSite(client.Site):
    """A site whose requests go to Django's test client."""

    def __init__(self):
        super().__init__("http://testserver", pause=lambda seconds: None)
        self.client = Client()

    def open(self, address, headers=None):
        parts = urlsplit(urljoin(self.url + client.API, address))
        response = self.client.get(f"{parts.path}?{parts.query}", headers=headers or {})
        content = response.getvalue()
        if response.status_code >= 400:
            raise client.SiteError(response.status_code, response.json())
        answer = Answer(content)
        answer.status = response.status_code
        return answer


class MemoryCopy(client.JsonCopy):
    """A copy that is kept in memory alone."""

    def __init__(self):
        self.token, self.stored = None, {}

    def writing(self):
        return client.contextlib.nullcontext()
