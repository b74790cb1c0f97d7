"""Everything that changes content or what the public sees of it. Admin, commands and tests call these functions.

Each is keyword-only and atomic, asks the permission table for the acting user (``None`` is the system itself), and
writes the audit entry and the change log in the same transaction. What cannot be done raises ``PublishingError``
(or its ``EditConflict``) with words for the person who tried, or ``PermissionDenied``; nothing is changed then.
"""

from cms.publishing.actions.confirmation import confirm
from cms.publishing.actions.copying import create_from
from cms.publishing.actions.drafts import discard, restore, save_draft, set_aside
from cms.publishing.actions.previews import revoke, share
from cms.publishing.actions.publication import (
    correct_live,
    decline_correction,
    delete,
    publish,
    publish_again,
    publish_correction,
    unpublish,
)
from cms.publishing.actions.reference import delete_reference, save_reference
from cms.publishing.actions.releases import (
    add_to_release,
    add_what_fits,
    approve_release,
    publish_release,
    remove_from_release,
    undo_release,
)
from cms.publishing.actions.review import approve, comment, request_changes, submit
from cms.publishing.actions.schedules import cancel_schedule, publish_due, schedule

__all__ = [
    "add_to_release",
    "add_what_fits",
    "approve",
    "approve_release",
    "cancel_schedule",
    "comment",
    "confirm",
    "correct_live",
    "create_from",
    "decline_correction",
    "delete",
    "delete_reference",
    "discard",
    "publish",
    "publish_again",
    "publish_correction",
    "publish_due",
    "publish_release",
    "remove_from_release",
    "request_changes",
    "restore",
    "revoke",
    "save_draft",
    "save_reference",
    "schedule",
    "set_aside",
    "share",
    "submit",
    "undo_release",
    "unpublish",
]
