"""The tree of offices in the order in which it is read: every office right before those below it."""

from collections import defaultdict

from django.db.models import QuerySet


def tree_order(offices: QuerySet) -> list[tuple[object, int]]:
    """Return ``(primary key, depth)`` of every office of ``offices``, in the order of the tree.

    Siblings keep the order of the queryset. An office whose parent is not among ``offices`` stands at the top; so
    does one in a circle of parents, which old data may hold. One query, of keys only.
    """
    pairs = list(offices.values_list("pk", "parent_id"))
    known = {pk for pk, parent in pairs}
    below = defaultdict(list)
    for pk, parent in pairs:
        below[parent if parent in known else None].append(pk)
    ordered, seen = [], set()

    def walk(start):
        stack = [(start, 0)]
        while stack:
            pk, depth = stack.pop()
            if pk in seen:
                continue
            seen.add(pk)
            ordered.append((pk, depth))
            stack += [(child, depth + 1) for child in reversed(below[pk])]

    for pk in [*below[None], *(pk for pk, parent in pairs)]:
        walk(pk)
    return ordered
