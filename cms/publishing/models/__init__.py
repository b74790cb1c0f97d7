"""The tables of drafts, releases, roles, the change log and the audit trail."""

from cms.publishing.models.audit import AuditEntry
from cms.publishing.models.changes import Change, ChangeLogHead, ContentState, content_state, content_version
from cms.publishing.models.redirects import FormerSlug
from cms.publishing.models.releases import PreviewLink, Release, ReleaseItem, ScheduledChange
from cms.publishing.models.revisions import Revision
from cms.publishing.models.roles import RoleAssignment

__all__ = [
    "AuditEntry",
    "Change",
    "ChangeLogHead",
    "ContentState",
    "FormerSlug",
    "PreviewLink",
    "Release",
    "ReleaseItem",
    "Revision",
    "RoleAssignment",
    "ScheduledChange",
    "content_state",
    "content_version",
]
