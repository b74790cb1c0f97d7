"""What the permission tests share: an organization with an item in each place, planted texts, and the table itself."""

from dataclasses import dataclass, field
from functools import cache

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import connection

from cms.content.models import Publishable
from cms.content.snapshots import snapshot
from cms.publishing import actions
from cms.publishing.models import Release, RoleAssignment
from cms.publishing.permissions import Action
from regions.models import Office
from tests.factories import OfficeFactory, PillarFactory, StrategyFactory

# Role -> what it may do where it reaches; written out here once more, so that a slip in the code's table is found.
MAY = {
    None: "",
    "translator": "view comment export save submit",
    "editor": "view comment export save submit create share restore",
    "publisher": "view comment export save submit create share restore review publish delete",
    "administrator": "view comment export save submit create share restore review publish delete administer",
}
PLACES = ("own", "below", "other", "whole")
REACHED = {"own", "below"}
TRANSLATES = "es"


def allowed(role: str | None, action: str, place: str) -> bool:
    """Say whether ``role``, given for the own office, may do ``action`` in ``place``."""
    granted = MAY[role].split()
    if place == "whole":
        return action in granted and action in {"view", "comment", "export"}
    return action in granted and place in REACHED


@dataclass
class World:
    """One live item a place, each with a draft; a hidden office and strategy beside them."""

    offices: dict[str, Office]
    items: dict[str, Publishable]
    hidden: dict[str, Publishable]
    people: dict[str | None, AbstractBaseUser] = field(default_factory=dict)

    def release(self, place: str) -> Release:
        """Return a release in preparation with the item of ``place``."""
        release = Release.objects.create(title="A release")
        actions.add_to_release(release=release, items=[self.items[place]], user=None)
        return release


def secrets_of(place: str) -> list[str]:
    """Return the texts that nobody may read who may not view ``place``."""
    return [f"{kind}-of-{place}" for kind in ("draft", "hidden", "comment")]


def draft(item: Publishable, *, comment: str = "", **columns) -> None:
    data = snapshot(item)
    data["fields"].update(columns)
    actions.save_draft(item=item, data=data, user=None, opened_on=None, comment=comment)


def make_world() -> World:
    """Build the organization: own office (with one below) and another, both under the headquarters."""
    top = OfficeFactory(slug="top")
    own = OfficeFactory(slug="own", parent=top)
    offices = {
        "own": own,
        "below": OfficeFactory(slug="below", parent=own),
        "other": OfficeFactory(slug="other", parent=top),
    }
    items = {place: StrategyFactory(slug=place, office=office) for place, office in offices.items()}
    items["whole"] = PillarFactory(slug="whole")
    hidden = {}
    for place, item in items.items():
        column = "name_es" if place == "whole" else "title_es"
        draft(item, comment=f"comment-of-{place}", **{column: f"draft-of-{place}"})
        if place in offices:
            hidden[place] = StrategyFactory(
                office=OfficeFactory(live=False, name_en=f"hidden-of-{place}", parent=offices[place]),
                live=False,
                slug=f"hidden-{place}",
                title_en=f"hidden-of-{place}",
            )
    return World(offices, items, hidden, people_of(own))


def people_of(office: Office) -> dict[str | None, AbstractBaseUser]:
    """Return a member of staff for every role, given for ``office``; ``None`` has no role."""
    people = {None: User.objects.create_user("nobody", is_staff=True)}
    for role in RoleAssignment.Role.values:
        people[role] = User.objects.create_user(role, is_staff=True)
        languages = [TRANSLATES] if role == "translator" else []
        RoleAssignment.objects.create(user=people[role], role=role, scope=office, languages=languages)
    return people


def fresh(row):
    """Return a person or an item as a new request reads it, without what was kept on the object."""
    return type(row)._base_manager.get(pk=row.pk)


def everything() -> dict[str, list[tuple]]:
    """Return every row of publishing and content, to see whether anything changed; asked for after every request."""
    rows = {}
    with connection.cursor() as cursor:
        for label, table in tables().items():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
            rows[label] = sorted(cursor.fetchall(), key=repr)  # as a change may move a row in its table
    return rows


@cache
def tables() -> dict[str, str]:
    """Return the tables of publishing and content by the labels of their models."""
    return {
        model._meta.label: model._meta.db_table
        for label in ("publishing", "search", "api", "webhooks", "editing", "regions", "priorities", "partners")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


assert set(" ".join(MAY.values()).split()) == {str(action) for action in Action}
