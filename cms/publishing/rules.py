"""What must be right of an item before the public sees it: the rules of its model, for the state that it ends in."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.content.models import ContentModel
from cms.content.snapshots import Snapshot, child_relations
from cms.publishing.exceptions import PublishingError
from cms.publishing.overlay import columns_of


def require_right(item: ContentModel, live: Snapshot | None = None) -> None:
    """Raise ``PublishingError`` unless ``item``, as it is stored now, follows the rules of its model.

    A draft was checked beside what was live when it was saved; two of them can be wrong together. ``live`` is the
    snapshot of a publishable item.
    """
    if broken := broken_rules(item, live):
        raise PublishingError(
            _("“%(item)s” cannot be published: %(reasons)s"),
            code="rules",
            params={"item": item, "reasons": " ".join(broken)},
        )


def broken_rules(item: ContentModel, live: Snapshot | None = None) -> list[str]:
    """Return what the ``clean()`` of ``item`` and of its children in ``live`` says against them."""
    rows, found = [item], []
    for name, model in child_relations(type(item)).items():
        children = live["children"][name] if live else []
        rows += [model(**{model.parent_field: item}, **columns_of(model, child, None)) for child in children]
    for row in rows:
        try:
            row.clean()
        except ValidationError as error:
            found += error.messages
    return found
