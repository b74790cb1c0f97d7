"""What every content model is made of (``base``), and how content becomes public (the other modules)."""

from publishing.models.audit import AuditEntry
from publishing.models.base import (
    Child,
    ContentModel,
    ContentQuerySet,
    LocalizedName,
    Publishable,
    PublishableQuerySet,
    related_count,
)
from publishing.models.changes import Change, ChangeLogHead, ContentState, content_state, content_version
from publishing.models.counters import RequestCounter
from publishing.models.exports import ContentExport
from publishing.models.keys import ApiKey, ApiUsage
from publishing.models.redirects import FormerSlug
from publishing.models.releases import PreviewLink, Release, ReleaseItem, ScheduledChange
from publishing.models.revisions import EditingSession, Revision
from publishing.models.roles import RoleAssignment
from publishing.models.search import SearchEntry, SearchFacets, SearchWord
from publishing.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ApiKey",
    "ApiUsage",
    "AuditEntry",
    "Change",
    "ChangeLogHead",
    "Child",
    "ContentExport",
    "ContentModel",
    "ContentQuerySet",
    "ContentState",
    "EditingSession",
    "FormerSlug",
    "LocalizedName",
    "PreviewLink",
    "Publishable",
    "PublishableQuerySet",
    "Release",
    "ReleaseItem",
    "RequestCounter",
    "Revision",
    "RoleAssignment",
    "ScheduledChange",
    "SearchEntry",
    "SearchFacets",
    "SearchWord",
    "WebhookDelivery",
    "WebhookEndpoint",
    "content_state",
    "content_version",
    "related_count",
]
