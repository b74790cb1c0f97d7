"""A copy that begins with an export and follows ``/changes`` ends with exactly the public content.

Random edits, publications, withdrawals, changes of relations, imports and deletions go on all the while, between the
export and its download and between the pages of changes. ``make campaign`` makes ten thousand of them.
"""

import os
import random
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.db.models import URLField

from cms.content.models import ContentModel, Publishable
from cms.content.snapshots import child_relations, plain_relations
from cms.publishing import actions
from cms.publishing.exceptions import EditConflict, PublishingError
from cms.publishing.models import PartVersion
from partners.models import Partner, Partnership
from priorities.models import Framework, Objective, Pillar, Strategy, ThematicArea
from regions.models import Country, Office
from tests.clients.site import LocalSite, MemoryCopy, client
from tests.clients.test_python_client import content_of, public_content
from tests.drafts import drafted, token_of
from tests.factories import (
    AlignmentFactory,
    CountryFactory,
    FrameworkFactory,
    FrameworkGoalFactory,
    ObjectiveFactory,
    OfficeFactory,
    OutlineEntryFactory,
    PartnerFactory,
    PartnershipFactory,
    PillarFactory,
    SectionFactory,
    StrategyFactory,
    ThematicAreaFactory,
)

pytestmark = pytest.mark.django_db

OPERATIONS = 10_000 if os.environ.get("CAMPAIGN") else 120
FACTORIES = {
    Office: OfficeFactory,
    Pillar: PillarFactory,
    ThematicArea: ThematicAreaFactory,
    Framework: FrameworkFactory,
    Strategy: StrategyFactory,
    Objective: ObjectiveFactory,
    Partner: PartnerFactory,
    Partnership: PartnershipFactory,
}
MODELS = list(FACTORIES)
CHILDREN = {
    Office: [SectionFactory, SectionFactory],
    Framework: [FrameworkGoalFactory],
    Strategy: [OutlineEntryFactory, OutlineEntryFactory],
}


THINGS = [
    *["create", "create", "create", "create", "edit", "edit", "edit", "publish", "publish", "publish", "relate"],
    *["relate", "relate", "move", "move", "reorder", "reorder", "withdraw", "delete", "delete", "country", "imported"],
]
MOST = 6  # items of a kind: new ones come as others go, so that there is always something to change


class NothingToDo(Exception):  # noqa: N818 - not an error
    """As things stand there is nothing that could be done so."""


class Editors:
    """Does one random thing after the other to a small site, through the actions that staff use."""

    def __init__(self, seed: int, folder):
        self.random = random.Random(seed)  # noqa: S311 - a game that can be played again
        self.folder = folder
        self.done = {}

    def make_site(self) -> None:
        """Make a few items of every kind, related to each other, some of them live."""
        offices = [OfficeFactory(live=index < 2) for index in range(3)]
        offices[1].parent = offices[0]
        offices[1].save()
        SectionFactory(office=offices[0])
        countries = [CountryFactory() for _number in range(3)]
        offices[0].countries.set(countries[:2])
        pillars = [PillarFactory(live=index < 2) for index in range(3)]
        areas = [ThematicAreaFactory(live=index < 2) for index in range(3)]
        frameworks = [FrameworkFactory(live=index < 1) for index in range(2)]
        goals = [FrameworkGoalFactory(framework=framework) for framework in frameworks for _number in range(2)]
        for number in range(3):
            strategy = StrategyFactory(office=offices[number], live=number < 2)
            strategy.frameworks.set(frameworks[: number + 1])
            OutlineEntryFactory(strategy=strategy)
            for pillar in pillars[:2]:
                objective = ObjectiveFactory(strategy=strategy, pillar=pillar, live=number != 1)
                objective.thematic_areas.set(areas[:2])
                AlignmentFactory(objective=objective, goal=self.random.choice(goals))
        for number in range(3):
            partner = PartnerFactory(live=number < 2)
            partner.countries.set(countries[number:])
            partnership = PartnershipFactory(office=offices[0], partner=partner)
            partnership.pillars.set(pillars[:2])

    def one(self, model: type[ContentModel]) -> ContentModel:
        """Return a random row of ``model``."""
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        if not keys:
            raise NothingToDo
        return model.objects.get(pk=self.random.choice(keys))

    def step(self) -> None:
        """Do one thing, or nothing where it cannot be done as things stand."""
        name = self.random.choice(THINGS)
        try:
            with transaction.atomic():
                getattr(self, name)()
            self.done[name] = self.done.get(name, 0) + 1
        except EditConflict:
            raise  # nobody else edits here, so it would be a mistake of this test
        except (PublishingError, NothingToDo):
            pass

    def create(self) -> None:
        """Make an item with what belongs to it, and publish most of them."""
        model = self.random.choice([model for model in MODELS if model.objects.count() < MOST] or [None])
        if model is None:
            raise NothingToDo
        related = {name: self.one(model._meta.get_field(name).related_model) for name in model.live_through}
        item = FACTORIES[model].build(live=False, **related)
        try:
            item.full_clean()
        except ValidationError:  # the same relation twice
            raise NothingToDo from None
        item.save()
        for factory in CHILDREN.get(model, ()):
            factory(**{factory._meta.model.parent_field: item})
        for field in plain_relations(model):
            getattr(item, field.name).set(
                field.related_model._base_manager.order_by("pk")[: self.random.randint(0, 3)]
            )
        if self.random.random() < 0.8:
            actions.publish(item=item, user=None)

    def draft(self, item: Publishable, data: dict) -> None:
        actions.save_draft(item=item, data=data, user=None, opened_on=token_of(item))

    def edit(self) -> None:
        """Save a text in one language as a draft, and publish it now and then, in all languages or in one."""
        item = self.one(self.random.choice(MODELS))
        data = drafted(item)
        texts = [
            name
            for name in data["fields"]
            if name.endswith(("_en", "_es", "_fr")) and not isinstance(item._meta.get_field(name), URLField)
        ]
        name = self.random.choice(texts)
        data["fields"][name] = f"Text {self.random.randrange(1000)}"
        self.draft(item, data)
        if self.random.random() < 0.7:
            languages = [name[-2:]] if item.is_live and self.random.random() < 0.4 else None
            actions.publish(item=item, user=None, parts=languages)

    def publish(self) -> None:
        item = self.one(self.random.choice(MODELS))
        if item.status == Publishable.Status.WITHDRAWN:
            actions.publish_again(item=item, user=None)
        elif drafts := list(PartVersion.objects.open().order_by("pk")):
            actions.publish(item=self.random.choice(drafts).item, user=None)
        else:
            raise NothingToDo

    def withdraw(self) -> None:
        item = self.one(self.random.choice(MODELS))
        if not item.is_live:
            raise NothingToDo
        actions.unpublish(item=item, user=None)

    def relate(self) -> None:
        """Publish an item with other items in a relation."""
        model = self.random.choice([model for model in MODELS if plain_relations(model)])
        item, field = self.one(model), self.random.choice(plain_relations(model))
        data = drafted(item)
        keys = [str(key) for key in field.related_model._base_manager.order_by("pk").values_list("pk", flat=True)]
        data["relations"][field.name] = self.random.sample(keys, self.random.randint(0, len(keys)))
        self.draft(item, data)
        actions.publish(item=item, user=None)

    def move(self) -> None:
        """Publish an item that belongs to another one from now on."""
        model = self.random.choice([Strategy, Objective, Partnership])
        item, name = self.one(model), self.random.choice(model.live_through)
        target = self.one(model._meta.get_field(name).related_model)
        data = drafted(item)
        data["fields"][name] = str(target.pk)
        self.draft(item, data)
        actions.publish(item=item, user=None)

    def reorder(self) -> None:
        """Publish an item without one of its children, or with them in another order."""
        model = self.random.choice([model for model in MODELS if child_relations(model)])
        item = self.one(model)
        data = drafted(item)
        rows = data["children"][self.random.choice(list(child_relations(model)))]
        self.random.shuffle(rows)
        if rows and self.random.random() < 0.3:
            rows.pop()
        self.draft(item, data)
        actions.publish(item=item, user=None)

    def delete(self) -> None:
        model = self.random.choice([*MODELS, Country])
        item = self.one(model)
        if model is Country:
            actions.delete_reference(item=item, user=None)
        else:
            actions.delete(item=item, user=None)

    def country(self) -> None:
        """Save a country, an old one or one more."""
        if Country.objects.count() < MOST and self.random.random() < 0.5:
            country = CountryFactory.build()
        else:
            country = self.one(Country)
        country.name_fr = f"Pays {self.random.randrange(1000)}"
        actions.save_reference(item=country, user=None)

    def imported(self) -> None:
        """Write the site to a package and read it back with some of its items withdrawn or under other names."""
        package = self.folder / "package.yaml"
        call_command("export_content", "--with-ids", output=package, stdout=StringIO())
        lines = package.read_text(encoding="utf-8").replace("Text 1", "Text 2").splitlines(keepends=True)
        for number, line in enumerate(lines):
            if line.strip() == "status: live" and self.random.random() < 0.1:
                lines[number] = line.replace("live", "withdrawn")
            elif line.strip() == "status: withdrawn" and self.random.random() < 0.3:
                lines[number] = line.replace("withdrawn", "live")
        package.write_text("".join(lines), encoding="utf-8")
        call_command("import_content", str(package), publish=True, stdout=StringIO(), stderr=StringIO())


class BusySite(LocalSite):
    """A site on which something happens before every answer."""

    def __init__(self, editors: Editors):
        super().__init__()
        self.editors = editors

    def open(self, address, headers=None):
        if self.editors.random.random() < 0.5:
            self.editors.step()
        return super().open(address, headers)


@pytest.mark.parametrize("seed", [1, 2])
def test_copy_ends_with_exactly_the_public_content(seed, tmp_path):
    editors = Editors(seed, tmp_path)
    editors.make_site()
    copy, site = MemoryCopy(), BusySite(editors)
    while sum(editors.done.values()) < OPERATIONS // 2 or len(editors.done) < len(set(THINGS)):
        editors.step()
        if editors.random.random() < 0.05:
            client.synchronize(site, copy)

    client.synchronize(LocalSite(), copy)

    print(sum(editors.done.values()), "operations:", editors.done)
    assert content_of(copy) == public_content()
    assert sum(map(len, public_content().values())) >= MOST
