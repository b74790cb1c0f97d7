"""What an answer shows of the content, noted while it is made: its tags.

A change of the content touches tags as well (:mod:`cms.pages.stored.touches`), so an answer is as it was as long as
none of its tags was touched. The tags of a model's rows, by the label of the model:

``regions.office``
    any row: lists, counts, filters.
``regions.office:id=<key>``
    one row, and with an item its children.
``regions.office:parent=<key>``
    the rows that point there, by a foreign key or a many-to-many field, or have that natural key; so those as well
    that do not exist yet.
``*``
    the change log itself, and what follows from it (former slugs, versions, the search index).

Nothing can be forgotten: every table that a statement names is noted. Only a query whose rows are found by keys, as
:func:`tags_of` reads it, is noted by those instead. Languages do not narrow: notices and fallbacks read all.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models
from django.db.models.lookups import Exact, In

ANY = "*"
# Of somebody, not of the content: an answer that reads it is nobody else's.
PERSONAL_APPS = {"auth", "sessions", "admin", "axes"}
PERSONAL = "!"
# What every request reads, and what names kinds of rows and no row.
PASSED_OVER = {"contenttypes.contenttype", "publishing.changeloghead", "pages.storemark"}

notes: ContextVar[set[str] | None] = ContextVar("notes", default=None)
instead: ContextVar[frozenset[str] | None] = ContextVar("instead", default=None)

WORD = re.compile(r"\w+")
NAME = r'"?(\w+)"?'
FROM = re.compile(rf"\sFROM {NAME}")
JOIN = re.compile(rf"(?:INNER|LEFT OUTER) JOIN {NAME}(?: (\w+))? ON \({NAME}\.{NAME} = {NAME}\.{NAME}\)")
COLUMN = re.compile(rf"{NAME}\.{NAME}")


@contextmanager
def collecting() -> Iterator[set[str]]:
    """Collect the tags of all that is read of the database in this block; blocks nest, and the outer has all.

    What an outer block says of its own statements (:func:`noted`) is not said of those in here.
    """
    outer, found = notes.get(), set[str]()
    token, narrow = notes.set(found), instead.set(None)
    try:
        with connection.execute_wrapper(note_statement):
            yield found
    finally:
        instead.reset(narrow)
        notes.reset(token)
        if outer is not None:
            outer |= found


def is_on() -> bool:
    """Say whether what is read now is noted: for an answer that is stored, or for what many of them show."""
    return notes.get() is not None


def note(tags: Iterable[str]) -> None:
    """Note what was read before and is shown again: the tags that were collected then."""
    if (found := notes.get()) is not None:
        found |= set(tags)


@contextmanager
def noted(tags: Iterable[str]) -> Iterator[None]:
    """Note ``tags`` in the place of the tables that the statements of this block name."""
    token = instead.set(frozenset(tags))
    try:
        yield
    finally:
        instead.reset(token)


def table(model: type[models.Model]) -> str:
    """Return the tag of all rows of ``model``."""
    return model._meta.label_lower


def row(model: type[models.Model], key: object) -> str:
    """Return the tag of one row."""
    return f"{model._meta.label_lower}:id={key}"


def pointing(model: type[models.Model], field: str, value: object) -> str:
    """Return the tag of the rows of ``model`` that have ``value`` in ``field``."""
    return f"{model._meta.label_lower}:{field}={value}"


def note_statement(execute, sql, params, many, context):
    """Note what a statement reads; a wrapper of Django's (``connection.execute_wrapper``)."""
    if (found := notes.get()) is not None:
        narrow = instead.get()
        found |= tables_in(sql) if narrow is None else narrow
    return execute(sql, params, many, context)


@lru_cache(maxsize=2_000)
def tables_in(sql: str) -> frozenset[str]:
    """Return the tags of the tables that a statement names."""
    known = tags_of_tables()
    return frozenset(known[word] for word in WORD.findall(sql) if known.get(word))


@cache
def tags_of_tables() -> dict[str, str]:
    """Return the tag of each table; an empty one where a table says nothing of the content."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table, label = model._meta.db_table, model._meta.label_lower
        if model._meta.app_label in PERSONAL_APPS:
            found[table] = PERSONAL
        elif label in PASSED_OVER:
            found[table] = ""
        else:
            found[table] = owner_of(model)._meta.label_lower if is_content(model) else ANY
    return found


def is_content(model: type[models.Model]) -> bool:
    return hasattr(owner_of(model), "natural_key_fields")


def owner_of(model: type[models.Model]) -> type[models.Model]:
    """Return ``model``, or of a table between two models the one that has the many-to-many field."""
    return model._meta.auto_created or model  # type: ignore[return-value] # the model that it was made for


class Keys(NamedTuple):
    """By which keys a query finds its rows, as tags, and the tables of many-to-many fields that they are of."""

    tags: frozenset[str]
    between: frozenset[str]


def rows_of(queryset: Any, keys: Keys | None = None) -> list:
    """Return the rows of ``queryset`` without what is prefetched, noted as narrowly as its conditions allow.

    ``keys`` are those of the query where they are known.
    """
    if not is_on():
        return list(queryset._iterable_class(queryset))
    tags, between = keys or keys_of(queryset.query)
    if not tags or queryset._iterable_class is not models.query.ModelIterable:
        return list(queryset._iterable_class(queryset))
    found: set[str] | None = notes.get()
    statements: list[str] = []

    def narrowly(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with noted(()), connection.execute_wrapper(narrowly):
        rows: list = list(queryset._iterable_class(queryset))
    for sql in statements:
        found |= tags_of(queryset, sql, tags, between, rows)  # type: ignore[operator] # it is on
    return rows


def tags_of(queryset: Any, sql: str, keys: frozenset[str], between: frozenset[str], rows: list) -> set[str]:
    """Return the tags of one statement of ``queryset`` that found ``rows`` by ``keys``.

    ``between`` are the tables of many-to-many fields that the keys are of.
    """
    query = queryset.query
    shape = shape_of(sql, queryset.model, query.is_sliced)
    if shape is None:
        return set(tables_in(sql))
    wide, needed, joined = shape
    missing = {label for path, label in needed.items() if not is_selected(query.select_related, path)}
    missing |= {tags_of_tables()[table] for table in joined - between}
    return {*keys, *wide, *missing, *(row(type(each), each.pk) for each in with_related(rows))}


def with_related(rows: Iterable[models.Model]) -> Iterator[models.Model]:
    """Yield ``rows`` and what was selected with them, at any depth."""
    for each in rows:
        yield each
        for name, other in each._state.fields_cache.items():
            if isinstance(other, models.Model) and each._meta.get_field(name).many_to_one:
                yield from with_related([other])


def is_selected(selected: Any, path: tuple[str, ...]) -> bool:
    """Say whether ``select_related`` names the foreign keys of ``path``."""
    for name in path:
        if not isinstance(selected, dict) or name not in selected:
            return False
        selected = selected[name]
    return True


@lru_cache(maxsize=2_000)
def shape_of(sql: str, model: type[models.Model], is_sliced: bool) -> tuple[frozenset, dict, frozenset] | None:  # noqa: FBT001 - a key of the cache
    """Return of a statement on ``model`` the tags of tables that its rows do not answer for, and the joins, by the
    path of foreign keys, that they answer for where they were selected, and the tables of many-to-many fields that
    are joined; ``None`` where that cannot be told.

    A joined row may be looked at only by what the log tells of it: whether it is live, where the item is public
    through it. It may order the rows where all of them are read.
    """
    if sql.count("SELECT") != 1 or " GROUP BY " in sql or " UNION " in sql:
        return None
    source, _, rest = sql[FROM.search(sql).start() :].partition(" WHERE ")  # type: ignore[union-attr] # a query has it
    condition, _, order = rest.partition(" ORDER BY ")
    paths: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {model._meta.db_table: (model, ())}
    wide: set[str] = set()
    joined: set[str] = set()
    needed: dict[tuple[str, ...], str] = {}
    known, tables = (
        tags_of_tables(),
        {each._meta.db_table: each for each in apps.get_models(include_auto_created=True)},
    )
    if len(JOIN.findall(source)) != source.count(" JOIN "):
        return None
    for table, alias, left, left_column, _right, _column in JOIN.findall(source):
        name = alias or table
        start, path = paths.get(left, (None, ()))
        key: Any = start and next(
            (f for f in start._meta.concrete_fields if f.column == left_column and f.many_to_one), None
        )
        if key is None:
            is_between = tables[table]._meta.auto_created and left == model._meta.db_table
            (joined if is_between else wide).add(table if is_between else known[table])
            continue
        paths[name] = (tables[table], (*path, key.name))
    for name, (target, path) in paths.items():
        if not path:
            continue
        asked = {column for alias, column in COLUMN.findall(condition) if alias == name}
        ordering = any(alias == name for alias, _column in COLUMN.findall(order))
        shown = any(alias == name for alias, _column in COLUMN.findall(sql[: FROM.search(sql).start()]))  # type: ignore[union-attr] # a query has it
        if asked and not (asked == {"status"} and path in live_paths(model)) or ordering and is_sliced:
            wide.add(known[target._meta.db_table])
        elif shown or ordering:
            needed[path] = known[target._meta.db_table]
        elif not asked and not any(other[: len(path)] == path and other != path for _t, other in paths.values()):
            wide.add(known[target._meta.db_table])
    return frozenset(wide), needed, frozenset(joined)


@cache
def live_paths(model: type[models.Model]) -> frozenset[tuple[str, ...]]:
    """Return the foreign keys on which ``model`` leads to what it is public through."""
    names: Iterable[str] = getattr(model, "live_through", ())
    if parent := getattr(model, "parent_field", ""):
        names = (parent,)
    found = set()
    for name in names:
        found |= {(name,), *((name, *path) for path in live_paths(model._meta.get_field(name).related_model))}
    return frozenset(found)


def keys_of(query: Any) -> Keys:
    """Return the keys in the conditions of a query, none where it names none or its rows are no content.

    One condition is enough: all must hold, and a row that begins to fit touches the tag of each. A table between two
    models is no row's own, so its conditions count all.
    """
    if query.combinator or query.distinct or query.group_by or query.annotations or not is_content(query.model):
        return Keys(frozenset(), frozenset())
    own: list[frozenset[str]] = []
    between: set[str] = set()
    tables: set[str] = set()
    for leaf in conditions(query.where):
        table, tags = tags_of_condition(query, leaf)
        if table:
            tables.add(table)
            between |= tags
        elif tags:
            own.append(tags)
    return Keys(frozenset(between) or min(own, key=len, default=frozenset()), frozenset(tables))


def conditions(node: Any) -> Iterator[Any]:
    """Yield the conditions that must all hold."""
    if node.connector != "AND" or node.negated:
        return
    for child in node.children:
        if hasattr(child, "children"):
            yield from conditions(child)
        else:
            yield child


def tags_of_condition(query: Any, leaf: Any) -> tuple[str, frozenset[str]]:
    """Return the tags of the rows that fit a condition such as ``id = …`` or ``office_id IN (…)``, none for another
    one; before it the table of a many-to-many field, where it is of one."""
    column, values = getattr(leaf, "lhs", None), getattr(leaf, "rhs", None)
    if not isinstance(leaf, Exact | In) or not hasattr(column, "target") or hasattr(values, "resolve_expression"):
        return "", frozenset()
    values = list(values) if isinstance(leaf, In) else [values]  # type: ignore[arg-type] # IN has a list
    field, model = column.target, column.target.model  # type: ignore[union-attr] # asked above
    if model._meta.auto_created:
        return model._meta.db_table, frozenset(tag_between(field, value) for value in values)
    if column.alias != query.get_initial_alias() or not issubclass(query.model, model):  # type: ignore[union-attr] # asked above
        return "", frozenset()
    if field.primary_key:
        return "", frozenset(row(model, value) for value in values)
    if field.many_to_one or field.name in getattr(model, "natural_key_fields", ()):
        return "", frozenset(pointing(model, field.name, value) for value in values)
    return "", frozenset()


def tag_between(field: models.ForeignKey, value: object) -> str:
    """Return the tag of the pairs of a many-to-many field that have ``value`` in the column ``field``."""
    owner: Any = field.model._meta.auto_created
    relation = next(each for each in owner._meta.many_to_many if each.remote_field.through is field.model)
    if relation.m2m_field_name() == field.name:
        return row(owner, value)
    return pointing(owner, relation.name, value)
