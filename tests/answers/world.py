"""The site that is asked: the example content with identifiers and times that are the same in every run.

Besides, what the example has not: a second version, files, a former address, something withdrawn, drafts, a release
and people with roles.
"""

import copy
import datetime
import io
import json
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.files import pdf

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ADDRESS = "http://127.0.0.1"
NAMESPACE = uuid.UUID("0d1f4f1e-9f7e-5d0a-8a43-5b8a6c6c1a55")
# In a year of its own, so that times of the content can be told from those of a run.
STEPS = {"first": 1, "second": 2, "drafts": 3, "asked": 4}  # months of YEAR
YEAR = 2024
CONTENT_FORMAT = 1
FORMER_SLUG = "of-another-name"  # of an office
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "strategy_site.settings",
    "ENVIRONMENT": "development",
    "DEBUG": "",
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "LANGUAGES": "en,es,fr,pt",
    "SECRET_KEY": "the same in every run, which makes what is signed the same: 0123456789",
    "SITE_URL": ADDRESS,
    "EMAIL_URL": "dummymail://",
    "BACKGROUND_TASKS": "0",
    "API_ANONYMOUS_QUOTA": "0",
    "LOG_LEVEL": "CRITICAL",  # a page that fails is an answer like others
}


class Clock:
    """What time it is for the site; stands still until it is set."""

    def __init__(self):
        self.set("first")

    def set(self, step: str) -> None:
        self.time = datetime.datetime(YEAR, STEPS[step], 15, 9, 30, tzinfo=datetime.UTC)

    def now(self) -> datetime.datetime:
        return self.time


clock = Clock()


def identifier(*path: object) -> uuid.UUID:
    """Return the identifier of what stands at ``path``: no random one (RFC 9562, version 5)."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, path)))


def model(name: str) -> type:
    """Return a model by its name, whichever app has it."""
    from django.apps import apps

    found = [each for each in apps.get_models() if each.__name__ == name]
    assert len(found) == 1, f"{len(found)} models are named {name}"
    return found[0]


@contextmanager
def site() -> Iterator[None]:
    """Set the site up in a private folder, in this process, as it is asked from now on."""
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        os.environ.update(ENVIRONMENT | {"VAR_DIR": folder})
        os.chdir(BASE_DIR)
        from django.utils import timezone

        timezone.now = clock.now  # before models take it as a default
        import django

        django.setup()
        from django.conf import settings

        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }  # names without hashes: a change of style is no change of pages
        fill(Path(folder) / "packages")
        clock.set("asked")
        yield


def fill(folder: Path) -> None:
    """Make the content, the people and what they work on."""
    from django.core.management import call_command

    quiet = {"verbosity": 0, "stdout": io.StringIO()}
    call_command("compilemessages", **quiet)
    call_command("migrate", interactive=False, **quiet)
    model("ChangeLogHead").objects.update_or_create(defaults={"log": identifier("log")}, pk=1)
    first = shipped_content()
    for step, content in {"first": first, "second": second_version(first), "drafts": drafts(first)}.items():
        clock.set(step)
        call_command("import_content", write_package(folder / step, content), publish=step != "drafts", **quiet)
    make_people()
    make_work()
    call_command("make_export", **quiet)


def shipped_content() -> dict[str, list[dict]]:
    """Return the content that comes with the project by collection, with identifiers."""
    content: dict[str, list[dict]] = {}
    for path in sorted((BASE_DIR / "fixtures").glob("*/*.yaml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, items in part.items():
            if name != "format":
                content.setdefault(name, []).extend(items)
    for name, items in content.items():
        identify(items, name)
    return content


def identify(rows: list[dict], *path: object) -> None:
    """Give each row its identifier, and each row inside it."""
    for number, row in enumerate(rows):
        place = (*path, number)
        row["id"] = str(identifier(*place))
        for name, value in row.items():
            if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
                identify(value, *place, name)


def second_version(first: dict) -> dict:
    """Return what is published later: other texts, files, an address of another name, one that is gone."""
    content = copy.deepcopy({name: first[name][:2] for name in ("offices", "strategies", "objectives")})
    for name, field in (("strategies", "summary"), ("objectives", "statement"), ("offices", "introduction")):
        item = next(item for item in content[name] if field in item)
        item[field] = {code: text.replace("a", "A", 1) + " +" for code, text in item[field].items()}
    strategy = next(item for item in content["strategies"] if "outline" in item)
    for entry in strategy["outline"][:3]:
        entry["body"] = {"en": "<p>A text.</p>", "es": "<p>Un texto.</p>"}
    documents = strategy.setdefault("documents", [])
    documents.append({"language": "en", "title": "A document", "file": "files/document.pdf"})
    identify(documents, "documents")
    content["offices"][0] |= {"cover_image": "files/cover.png", "cover_alt": {"en": "A picture", "es": "Una imagen"}}
    content["objectives"].append(copy.deepcopy(first["objectives"][-1]) | {"status": "withdrawn"})
    return content


def drafts(first: dict) -> dict:
    """Return what is saved and not published: of what is public, and something new."""
    content = copy.deepcopy({name: first[name][2:4] for name in ("offices", "objectives")})
    for item in content["objectives"]:
        item["statement"]["en"] += " More in the draft."
    new = copy.deepcopy(first["offices"][-1]) | {"slug": "never-published"}
    content["offices"].append({key: new[key] for key in ("slug", "kind", "name")} | {"id": str(identifier("new"))})
    return content


def write_package(folder: Path, content: dict) -> str:
    """Write ``content`` as a package into ``folder``, with all the files that any names, and return its path."""
    from PIL import Image

    (folder / "files").mkdir(parents=True)
    (folder / "files" / "document.pdf").write_bytes(pdf())
    Image.new("RGB", (1600, 900), "#1f4e79").save(folder / "files" / "cover.png")
    package = {"format": CONTENT_FORMAT, **content}
    (folder / "package.json").write_text(json.dumps(package, default=str), encoding="utf-8")
    return str(folder)


def make_people() -> None:
    """Make an administrator of everything, an editor of one office and a translator."""
    User, Role = model("User"), model("RoleAssignment")
    office = model("Office").objects.order_by("pk").first()
    User.objects.create_superuser("administrator", password=None)
    for name, role, fields in (
        ("editor", "editor", {"scope": office}),
        ("translator", "translator", {"languages": ["es", "fr"]}),
    ):
        user = User.objects.create_user(name, email=f"{name}@example.org", is_staff=True)
        Role.objects.create(user=user, role=role, **fields)


def make_work() -> None:
    """Make a release with the drafts, one that is scheduled, a key and a webhook."""
    from cms.publishing.actions import add_to_release  # models, which need settings

    Release, Schedule = model("Release"), model("ScheduledChange")
    administrator = model("User").objects.get(username="administrator")
    made = {"created_at": clock.now(), "created_by": administrator}
    release = Release.objects.create(pk=identifier("release"), title="A release", **made)
    drafted = {version.object_id: version.item for version in model("PartVersion").objects.open()}
    add_to_release(release=release, items=[drafted[key] for key in sorted(drafted)], user=administrator)
    later = Release.objects.create(pk=identifier("later"), title="A later release", state="scheduled", **made)
    due = clock.now() + datetime.timedelta(days=3650)
    Schedule.objects.create(operation="publish", due_at=due, release=later, **made)
    office = model("Office").objects.order_by("pk").first()
    types = model("ContentType").objects
    former = {"content_type": types.get_for_model(office), "object_id": office.pk, "until": clock.now()}
    model("FormerSlug").objects.create(slug=FORMER_SLUG, **former)
    key = model("ApiKey")(pk=identifier("key"), name="A partner", **made)
    key.start, key.digest = "sk_12345678", key.digest_of("sk_12345678")
    key.save()
    model("WebhookEndpoint").objects.create(
        pk=identifier("webhook"), name="A partner's system", url="https://example.org/hook", secret="whsec_x", **made
    )
