"""The tables of the API: keys and their use, counted requests and bulk exports."""

from cms.api.models.counters import RequestCounter
from cms.api.models.exports import ContentExport
from cms.api.models.keys import ApiKey, ApiUsage

__all__ = [
    "ApiKey",
    "ApiUsage",
    "ContentExport",
    "RequestCounter",
]
