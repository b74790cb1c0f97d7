"""The tables of drafts, releases, roles, the change log, the audit trail and of mail."""

from cms.publishing.models.audit import AuditEntry
from cms.publishing.models.changes import Change, ChangeLogHead, ContentState, content_state, content_version
from cms.publishing.models.mail import MailSettings, Notice
from cms.publishing.models.redirects import FormerSlug
from cms.publishing.models.releases import Pin, PreviewLink, Release, ReleaseItem, ScheduledChange
from cms.publishing.models.roles import RoleAssignment
from cms.publishing.models.versions import Comment, PartVersion, Publication, Revision

__all__ = [
    "AuditEntry",
    "Change",
    "ChangeLogHead",
    "Comment",
    "ContentState",
    "FormerSlug",
    "MailSettings",
    "Notice",
    "PartVersion",
    "Pin",
    "PreviewLink",
    "Publication",
    "Release",
    "ReleaseItem",
    "Revision",
    "RoleAssignment",
    "ScheduledChange",
    "content_state",
    "content_version",
]
