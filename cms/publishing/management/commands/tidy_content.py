"""``manage.py tidy_content``: holds what is stored to the rules that came after it was taken in."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.management import BaseCommand
from django.db import models, transaction

from cms.content.characters import looks_blank, without_forbidden
from cms.content.fields import PictureField, RichTextField, cleaned_picture, sanitize_html
from cms.content.models import Child, ContentModel
from cms.content.registry import child_models, content_models, public_rows
from cms.publishing.actions.schedules import begin
from cms.publishing.changelog import PublicChange, record
from cms.publishing.models import Change


class Command(BaseCommand):
    help = (
        "Free stored texts of what is no text (blank ones, characters that XML forbids, tables and lists beyond the "
        "limits) and stored pictures of what cameras wrote into them. Run again, it finds nothing."
    )

    def handle(self, *args, **options) -> None:
        with transaction.atomic():
            head, now = begin()
            changed = {model: tidied_items(model) for model in content_models()}
            public = [
                PublicChange(Change.Operation.UPSERT, model, key)
                for model, keys in changed.items()
                for key in public_rows(model).filter(pk__in=keys).values_list("pk", flat=True)
            ]
            record(public, head=head, at=now)
        pictures = sum(map(tidied_pictures, picture_fields()))
        self.stdout.write(f"Items tidied: {sum(map(len, changed.values()))}. Pictures tidied: {pictures}.")


def row_models() -> list[type[ContentModel]]:
    return [row_model for model in content_models() for row_model in (model, *child_models(model))]


def picture_fields() -> list[PictureField]:
    return [
        field for model in row_models() for field in model._meta.concrete_fields if isinstance(field, PictureField)
    ]


def tidied_items(model: type[ContentModel]) -> set:
    """Tidy the texts of all items of ``model``, parts included; return the keys of those that changed."""
    found = set()
    for row_model in (model, *child_models(model)):
        fields = [field for field in row_model._meta.concrete_fields if is_text(field)]
        owner = f"{row_model.parent_field}_id" if issubclass(row_model, Child) else "pk"
        # Plain querysets: modeltranslation's takes a translated field for its column in the active language.
        rows: Any = models.QuerySet(row_model).order_by().values("pk", owner, *(field.name for field in fields))
        for row in list(rows):
            texts = {field.name: tidied(field, row[field.name]) for field in fields if row[field.name]}
            if texts := {name: text for name, text in texts.items() if text != row[name]}:
                models.QuerySet(row_model).filter(pk=row["pk"]).update(**texts)
                found.add(row[owner])
    return found


def is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.unique and not field.choices


def tidied(field: models.Field, text: str) -> str:
    """Return ``text`` as ``field`` would take it today; one that cannot be missing stays though it looks blank."""
    text = sanitize_html(text) if isinstance(field, RichTextField) else without_forbidden(text)
    return "" if looks_blank(text) and (field.blank or field.null) else text


def tidied_pictures(field: PictureField) -> int:
    """Write the stored pictures of ``field`` anew, those of drafts and versions too, each under its name."""
    count, storage = 0, field.storage
    try:
        names = storage.listdir(str(field.upload_to))[1]
    except FileNotFoundError:
        return 0
    for name in (f"{field.upload_to}/{name}" for name in names):
        with storage.open(name, "rb") as file:
            before = file.read()
            after = cleaned_picture(file)
        if after != before:
            storage.delete(name)
            storage.save(name, ContentFile(after))
            count += 1
    return count
