"""Keeping the index in step with the content: within the transaction of each change, and as a whole."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest

from cms.content.languages import site_languages
from cms.content.models import ContentModel
from cms.pages.stored.touches import forget_all
from cms.publishing.models import ChangeLogHead
from cms.publishing.visibility import public_dependents
from cms.search import backends
from cms.search.backends import Token
from cms.search.contents import Found, dependents, entries_of, item_path, searched_models, searched_rows
from cms.search.models import SearchEntry, SearchFacets, SearchWord
from cms.search.tokens import vocabulary

BATCH = 200  # items; a batch of them waits in memory in every language
WORDS_BATCH = 1_000

Item = tuple[type[ContentModel], UUID]
FACETS = ("facets__model", "facets__scope", "facets__topics")
WRITTEN = (
    *("model", "item_id", "weight", "facets", "slug", "path", "title", "title_language", "label", "label_language"),
    *("passages", "digest", "tokens"),
)  # fmt: skip


def batches(items: Iterable, size: int) -> Iterator[list]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def update(items: Iterable[Item]) -> int:
    """Bring the entries of ``items``, and of what is made of their texts, in step with what is public now.

    Inside the caller's transaction. Items that are not public lose their entries. Return how many were written.
    """
    by_model: dict[type[ContentModel], dict[UUID, None]] = defaultdict(dict)
    for model, key in items:
        by_model[model][key] = None
    for model, keys in list(by_model.items()):
        for batch in batches(list(keys), BATCH):
            for other, found in dependents(model, batch):
                by_model[other].update(dict.fromkeys(found))
    searched = [model for model in searched_models() if by_model.get(model)]
    wanted = {key for model in searched for key in by_model[model]}
    stored = entries_of_items(wanted) if len(wanted) <= BATCH else None
    return sum(write(model, batch, stored=stored) for model in searched for batch in batches(by_model[model], BATCH))


def index_drafts(request: HttpRequest) -> None:
    """In a preview, let the search find the drafts that it shows and what is public with them; else do nothing.

    For views that ask the index: others need not wait for it. The overlay takes it back.
    """
    if shown := getattr(request, "preview", None):
        items = list(shown.items)
        update([*items, *(found for model, key in items for found in public_dependents(model, [key]))])


def write(
    model: type[ContentModel],
    keys: list[UUID],
    known: set[tuple[str, str]] | None = None,
    stored: "Stored | None" = None,
) -> int:
    """Make the entries of rows of ``model`` what they should be; return how many were written.

    ``keys`` are those of the items: of children, of what they are part of.
    ``known`` are words that are in the vocabulary, and gets those that were added; ``stored`` are the entries, where
    they have been read.
    """
    there = (entries_of_items(keys) if stored is None else stored).get(model._meta.label_lower, {})
    mine = set(keys)
    left = {place: entry for place, entry in there.items() if entry.item in mine}
    facets = {entry.facets: entry.facets_pk for entry in left.values()}
    changed = []
    for found in entries_of(model, keys):
        entry = left.pop((found.entry.object_id, found.entry.language), None)
        if entry is None or entry.digest != found.entry.digest:
            changed.append(found)
    if left:
        SearchEntry.objects.filter(pk__in=[entry.pk for entry in left.values()]).delete()
    if changed:
        set_facets(changed, facets)
        SearchEntry.objects.bulk_create(
            [found.add_tokens() for found in changed],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["object_id", "language"],
            update_fields=WRITTEN,
        )
        add_words(changed, known)
    return len(changed)


class StoredEntry(NamedTuple):
    """What is known of an entry before it is made anew."""

    pk: int
    item: UUID
    digest: str
    facets_pk: int
    facets: tuple[str, str, str]  # model, scope and topics


Stored = dict[str, dict[tuple[UUID, str], StoredEntry]]  # by model, then by row and language


def entries_of_items(keys: Iterable[UUID]) -> Stored:
    """Return the entries of the items under ``keys`` and of their parts. One query."""
    found: Stored = defaultdict(dict)
    columns = ("model", "object_id", "language", "pk", "item_id", "digest", "facets_id", *FACETS)
    for row in SearchEntry.objects.filter(item_id__in=list(keys)).values_list(*columns):
        model, key, language, pk, item, digest, facets_pk, *facets = row
        found[model][key, language] = StoredEntry(pk, item, digest, facets_pk, tuple(facets))
    return found


def set_facets(entries: list[Found], there: dict[tuple[str, str, str], int]) -> None:
    """Give ``entries`` the rows of their facets, and make those that are not there yet; ``there`` are known ones."""
    wanted = {found.facets.key: found.facets for found in entries if found.facets.key not in there}
    if wanted:
        rows = SearchFacets.objects.filter(
            model__in={model for model, _, _ in wanted}, scope__in={scope for _, scope, _ in wanted}
        )
        there = there | {row.key: row.pk for row in rows}
        missing = [facets for key, facets in wanted.items() if key not in there]
        there.update((row.key, row.pk) for row in SearchFacets.objects.bulk_create(missing, batch_size=BATCH))
    for found in entries:
        found.entry.facets_id = there[found.facets.key]


def add_words(entries: list[Found], known: set[tuple[str, str]] | None = None) -> None:
    """Add the words of ``entries`` to the vocabulary; what is there stays as it is."""
    found: dict[tuple[str, str], str] = {}
    for each in entries:
        texts = [*(text.value for text in each.titles), *(text for _language, text in each.passages)]
        for word, shown in vocabulary(texts):
            found.setdefault((each.entry.language, word), shown)
    if known is not None:
        found = {key: shown for key, shown in found.items() if key not in known}
        known.update(found)
    SearchWord.objects.bulk_create(
        [
            SearchWord(language=language, word=word, shown=shown, initial=word[0], length=len(word))
            for (language, word), shown in found.items()
        ],
        batch_size=WORDS_BATCH,
        ignore_conflicts=True,
    )


Progress = Callable[[type[ContentModel], int, int], None]


def rebuild(progress: Progress = lambda *args: None, *, changed_only: bool = False) -> int:
    """Make the index anew from the content and return how many entries were written.

    A batch a transaction, while the site runs: it waits for publications, and they for a batch at most. ``progress``
    is called with the model, the items done and the items there are. With ``changed_only`` entries that are as they
    should be are passed over.
    """
    known: set[tuple[str, str]] = set()
    last_word = SearchWord.objects.aggregate(last=Max("pk"))["last"] or 0
    if backends.check_storage():
        backends.repair_storage()
    written = 0
    for model in searched_models():
        keys = item_keys(model)
        for number, batch in enumerate(batches(keys, BATCH), start=1):
            with transaction.atomic():
                ChangeLogHead.locked()
                if not changed_only:
                    entries_in(model, batch).update(digest="")
                written += write(model, batch, known)
            progress(model, min(number * BATCH, len(keys)), len(keys))
    with transaction.atomic():
        ChangeLogHead.locked()
        delete_superfluous()
    delete_words_up_to(last_word)
    forget_all()  # what the search found is in no log
    return written


def item_keys(model: type[ContentModel]) -> list[UUID]:
    """Return the keys of the items that have public rows of ``model``, in order."""
    path = item_path(model)
    return list(searched_rows(model).order_by(path).values_list(path, flat=True).distinct())


def entries_in(model: type[ContentModel], keys: list[UUID]) -> QuerySet[SearchEntry]:
    """Return the entries of rows of ``model`` in the items under ``keys``."""
    return SearchEntry.objects.filter(item_id__in=keys, model=model._meta.label_lower)


def delete_superfluous() -> None:
    """Delete the entries of what is not public, and of languages and models that the site does not have."""
    models = {model._meta.label_lower: model for model in searched_models()}
    SearchEntry.objects.exclude(model__in=models, language__in=site_languages()).delete()
    for label, model in models.items():
        public = searched_rows(model).order_by().values("pk")
        SearchEntry.objects.filter(model=label).exclude(object_id__in=public).delete()
    SearchFacets.objects.exclude(pk__in=SearchEntry.objects.order_by().values("facets")).delete()


def delete_words_up_to(last: int) -> None:
    """Delete the words that no entry has any more, among those whose key is ``last`` or less."""
    words = SearchWord.objects.filter(pk__lte=last).values_list("pk", "language", "word")
    for batch in batches(list(words), WORDS_BATCH):
        with transaction.atomic():
            ChangeLogHead.locked()
            gone = [pk for pk, language, word in batch if not backends.exists(Token(f"{language}:w:{word}"))]
            SearchWord.objects.filter(pk__in=gone).delete()


def differences() -> Iterator[tuple[str, str, UUID, str]]:
    """Yield how the index differs from the content: ``"missing"``, ``"outdated"`` or ``"superfluous"``, the label of
    the model, the key of the item and the language."""
    for model in searched_models():
        keys = item_keys(model)
        label = model._meta.label_lower
        for batch in batches(keys, BATCH):
            entries = entries_in(model, batch)
            stored = {
                (key, code): digest for key, code, digest in entries.values_list("object_id", "language", "digest")
            }
            for found in entries_of(model, batch):
                place = found.entry.object_id, found.entry.language
                digest = stored.pop(place, None)
                if digest != found.entry.digest:
                    yield "missing" if digest is None else "outdated", label, *place
            for key, language in stored:
                yield "superfluous", label, key, language
        public = searched_rows(model).order_by().values("pk")
        gone = SearchEntry.objects.filter(model=label).exclude(object_id__in=public)
        for key, language in gone.values_list("object_id", "language"):
            yield "superfluous", label, key, language
    labels = [model._meta.label_lower for model in searched_models()]
    for entry in SearchEntry.objects.exclude(model__in=labels).only("model", "object_id", "language"):
        yield "superfluous", entry.model, entry.object_id, entry.language


def is_behind() -> bool:
    """Say whether there is public content and a language of the site in which nothing of it is indexed."""
    if all(SearchEntry.objects.filter(language=code).exists() for code in site_languages()):
        return False
    return any(searched_rows(model).exists() for model in searched_models())
