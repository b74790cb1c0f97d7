"""The translation memory: passages of the site's own published texts, and what they are in other languages.

A passage is a text or, of a rich one, a block; a translation that has not as many blocks is left out. The memory is
made from what is live, and follows it after each change. Passages that may be like one are found by their language
and length (what is much longer or shorter is not like it), then compared letter by letter.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Abs
from django.utils.html import strip_tags
from rapidfuzz import fuzz, process

from cms.content.characters import looks_blank
from cms.content.fields import RichTextField
from cms.content.languages import site_languages
from cms.content.models import ContentModel
from cms.content.parts import SHARED, parts_of
from cms.content.registry import child_models, content_models, public_rows
from cms.content.snapshots import Snapshot, public_part, snapshots_of
from cms.content.substance import places_in, reading_order, source_language
from cms.publishing.models import ChangeLogHead
from cms.translations.models import Passage

BATCH = 200  # items
ROWS = 1_000  # passages written at once
BLOCK = re.compile(r"</?(?:blockquote|h[1-6]|li|ol|p|table|tbody|td|th|thead|tr|ul)\b[^<>]*>", re.IGNORECASE)
SHORTEST = 4  # characters; what is shorter is no passage
LONGEST = 5_000  # characters of a passage that others are compared with
CLOSE = 75  # of a hundred: how like a passage another must be
MOST_ASKED = 40  # passages of one text that are looked for
MOST_SAME = 200  # rows that are the same as one of them
MOST_CLOSE = 4  # passages of one text that are compared with others, where none is the same
MOST_COMPARED = 5_000  # passages that one is compared with: those nearest in length
MOST_WORK = 800_000_000  # letters of the one times letters of all others: what takes about a tenth of a second
MOST_FOUND = 5  # of one passage

Item = tuple[type[ContentModel], UUID]


@dataclass(frozen=True)
class Match:
    """A published passage like one that is asked for, and its translation.

    ``number`` is that of the passage asked for among those of its text, ``score`` how like it is (100: the same but
    for markup). ``source`` is without markup, ``target`` as it is stored, which may hold the markup inside a block.
    It stands in the item of ``model`` with the key ``item_id``, at ``place``.
    """

    number: int
    score: int
    source: str
    target: str
    model: type[ContentModel]
    item_id: UUID
    place: str

    @property
    def is_exact(self) -> bool:
        return self.score == 100


def passages(text: str, *, is_rich: bool) -> list[str]:
    """Return the passages of a text as they are stored: its blocks, or all of it."""
    parts = BLOCK.split(text) if is_rich else [text]
    return [part.strip() for part in parts if not looks_blank(part)]


def plain(passage: str, *, is_rich: bool) -> str:
    """Return a passage as it is compared: without markup, in single spaces."""
    text = unescape(strip_tags(passage.replace("<br>", " "))) if is_rich else passage
    return " ".join(text.split())


# --- Looking in it ---


def matches(text: str, *, source_language: str, target_language: str, is_rich: bool = False) -> list[Match]:
    """Return published passages like those of ``text`` that are translated into ``target_language``: in the order of
    the text, the most like first, each translation once. At most ``2 + 2 * MOST_CLOSE`` queries, whatever the text."""
    asked = [plain(each, is_rich=is_rich) for each in passages(text, is_rich=is_rich)][:MOST_ASKED]
    wanted = [each for each in dict.fromkeys(asked) if SHORTEST <= len(each) <= LONGEST]
    found = exact(wanted, source_language, target_language)
    left = [each for each in wanted if each not in found][:MOST_CLOSE]
    for each in left:
        found[each] = close(each, source_language, most=MOST_COMPARED // len(left))
    return [match for number, each in enumerate(asked) for match in best(number, found.get(each, []), target_language)]


Scored = list[tuple[int, Passage]]


def exact(asked: list[str], language: str, target_language: str) -> dict[str, Scored]:
    """Return the passages that are the same as those ``asked`` and have a translation, by text. One query."""
    lengths = {len(each) for each in asked}
    rows = Passage.objects.filter(language=language, length__in=lengths, text__in=asked)
    found: dict[str, Scored] = defaultdict(list)
    for row in rows.order_by("pk")[:MOST_SAME] if asked else []:
        if row.targets.get(target_language):
            found[row.text].append((100, row))
    return dict(found)


def close(asked: str, language: str, *, most: int) -> Scored:
    """Return the passages that are like the one ``asked``, the most like first: of the ``most`` that are nearest in
    length. Two queries."""
    shortest = len(asked) * CLOSE // (200 - CLOSE)  # what is shorter cannot score more, nor what is so much longer
    longest = len(asked) * (200 - CLOSE) // CLOSE + 1
    rows = Passage.objects.filter(language=language, length__gte=shortest, length__lte=longest)
    nearest = rows.order_by(Abs(F("length") - len(asked)), "pk").values_list("pk", "text")
    known = dict(nearest[: min(most, MOST_WORK // len(asked) ** 2 + 1)])
    near = process.extract(asked, known, scorer=fuzz.ratio, score_cutoff=CLOSE, limit=4 * MOST_FOUND)
    found = Passage.objects.in_bulk([key for _text, _score, key in near]) if near else {}
    return [(min(int(score), 99), found[key]) for _text, score, key in near if key in found]


def best(number: int, scored: Scored, language: str) -> Iterator[Match]:
    """Yield what of ``scored`` has a translation into ``language``, each once."""
    seen: set[tuple[str, str]] = set()
    for score, row in scored:
        target = row.targets.get(language, "")
        if target and (row.text, target) not in seen and len(seen) < MOST_FOUND:
            seen.add((row.text, target))
            model: Any = apps.get_model(row.model)
            yield Match(number, score, row.text, target, model, row.item_id, row.place)


# --- Keeping it in step ---


@cache
def remembered_models() -> list[type[ContentModel]]:
    """Return the models whose rows, or rows of their children, have texts that the public reads."""
    return [model for model in content_models() if any(places_of(model))]


def places_of(model: type[ContentModel]) -> Iterator[str]:
    """Yield the translated fields of ``model`` and of its children that are public."""
    for each in (model, *child_models(model)):
        yield from (name for name in each.schema.translated if name in each.schema.public)


def update(items: Iterable[Item]) -> None:
    """Bring the passages of ``items`` in step with what is public, once the caller's transaction is committed: who
    publishes need not wait, and what is offered to translators may be a moment old."""
    by_model: dict[type[ContentModel], dict[UUID, None]] = defaultdict(dict)
    for model, key in items:
        by_model[model][key] = None
    wanted = {model: list(by_model[model]) for model in remembered_models() if model in by_model}
    if wanted:
        transaction.on_commit(partial(write_batches, wanted), robust=True)


def write_batches(wanted: Mapping[type[ContentModel], list[UUID]]) -> None:
    """Make the passages of the items in ``wanted``, keys by model, what they should be: a batch a transaction."""
    for model, keys in wanted.items():
        for start in range(0, len(keys), BATCH):
            with transaction.atomic():
                ChangeLogHead.locked()  # one after the other, as the changes came
                write(model, keys[start : start + BATCH])


def write(model: type[ContentModel], keys: list[UUID]) -> None:
    """Make the passages of items of ``model`` what they should be."""
    Passage.objects.filter(item_id__in=keys).delete()
    public = list(public_rows(model).filter(pk__in=keys).order_by().values_list("pk", flat=True))
    rows = [row for key, data in snapshots_of(model, public).items() for row in passages_of(model, key, data)]  # type: ignore[arg-type] # reference data has no children
    Passage.objects.bulk_create(rows, batch_size=ROWS)


def passages_of(model: Any, key: UUID, data: Snapshot) -> Iterator[Passage]:
    """Yield the passages of one item that are translated, as its snapshot has them."""
    parts = parts_of(model, public_part(model, data))
    language = source_language(model, parts[SHARED])
    texts = {code: places_in(code, parts.get(code)) for code in site_languages()}
    for place, _kind, _row, field in reading_order(model, parts[SHARED]):
        source = texts[language].get(place, "")
        targets = {code: found[place] for code, found in texts.items() if code != language and place in found}
        is_rich = isinstance(field, RichTextField)
        for number, (passage, translated) in enumerate(aligned(source, targets, is_rich=is_rich)):
            text = plain(passage, is_rich=is_rich)
            if translated and SHORTEST <= len(text) <= LONGEST:
                yield Passage(
                    language=language,
                    length=len(text),
                    text=text,
                    targets=translated,
                    model=model._meta.label_lower,
                    item_id=key,
                    place=place,
                    number=number,
                )


def aligned(source: str, targets: dict[str, str], *, is_rich: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each passage of ``source`` with what it is in the languages of ``targets`` that have as many."""
    blocks = passages(source, is_rich=is_rich)
    others = {code: passages(text, is_rich=is_rich) for code, text in targets.items()}
    for number, block in enumerate(blocks):
        yield block, {code: found[number] for code, found in others.items() if len(found) == len(blocks)}


def rebuild() -> None:
    """Make the memory anew from the content, while the site runs."""
    Passage.objects.exclude(model__in=[model._meta.label_lower for model in remembered_models()]).delete()
    models = remembered_models()
    write_batches({model: list(public_rows(model).order_by("pk").values_list("pk", flat=True)) for model in models})


def is_behind() -> bool:
    """Say whether there is public content with texts in two languages, and nothing of it is remembered."""
    if Passage.objects.exists():
        return False
    return any(public_rows(model).exists() for model in remembered_models())
