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
from publishing.models.changes import Change, ChangeLogHead, content_version
from publishing.models.redirects import FormerSlug
from publishing.models.releases import PreviewLink, Release, ReleaseItem, ScheduledChange
from publishing.models.revisions import EditingSession, Revision
from publishing.models.roles import RoleAssignment
from publishing.models.search import SearchEntry, SearchFacets, SearchWord

__all__ = [
    "AuditEntry",
    "Change",
    "ChangeLogHead",
    "Child",
    "ContentModel",
    "ContentQuerySet",
    "EditingSession",
    "FormerSlug",
    "LocalizedName",
    "PreviewLink",
    "Publishable",
    "PublishableQuerySet",
    "Release",
    "ReleaseItem",
    "Revision",
    "RoleAssignment",
    "ScheduledChange",
    "SearchEntry",
    "SearchFacets",
    "SearchWord",
    "content_version",
    "related_count",
]
