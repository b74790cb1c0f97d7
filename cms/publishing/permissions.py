"""Who may do what: the one table of roles and actions, and the one function that asks it.

Admin, preview, history, comparison, export and commands all go through :func:`may`. A superuser is an
administrator everywhere.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.contrib.auth.models import User as Person
from django.core.exceptions import PermissionDenied

from cms.content.models import ContentModel
from cms.content.registry import scope_model
from cms.publishing.models import RoleAssignment

Role = RoleAssignment.Role


class Action(StrEnum):
    """Everything that permission is asked for."""

    VIEW = "view"  # the draft, its history, comparisons and preview
    SAVE = "save"  # a draft, or give one up
    CREATE = "create"
    SUBMIT = "submit"
    COMMENT = "comment"
    REVIEW = "review"  # approve, ask for changes
    PUBLISH = "publish"  # publish, withdraw, schedule, put into a release
    SHARE = "share"  # make and revoke preview links
    RESTORE = "restore"
    EXPORT = "export"
    DELETE = "delete"
    ADMINISTER = "administer"  # roles, audit trail


EVERYONE_ON_STAFF = {Action.VIEW, Action.COMMENT, Action.EXPORT}
# What a role may be limited to texts of certain languages in.
BY_LANGUAGE = {Action.SAVE, Action.SUBMIT, Action.REVIEW, Action.PUBLISH, Action.RESTORE}

# Role -> what it may do in its part of the organization. Translators, and publishers with languages: in those only.
PERMISSIONS: dict[str, set[Action]] = {
    Role.TRANSLATOR: EVERYONE_ON_STAFF | {Action.SAVE, Action.SUBMIT},
    Role.EDITOR: EVERYONE_ON_STAFF | {Action.SAVE, Action.CREATE, Action.SUBMIT, Action.SHARE, Action.RESTORE},
    Role.PUBLISHER: EVERYONE_ON_STAFF
    | {
        Action.SAVE,
        Action.CREATE,
        Action.SUBMIT,
        Action.REVIEW,
        Action.PUBLISH,
        Action.SHARE,
        Action.RESTORE,
        Action.DELETE,
    },
    Role.ADMINISTRATOR: set(Action),
}


class Grants:
    """What one person may do, read once in two queries: role assignments, and the tree they are given for."""

    def __init__(self, user: Person):
        self.user = user

    @cached_property
    def assignments(self) -> list[RoleAssignment]:
        if not (self.user.is_active and self.user.is_staff):
            return []
        return list(RoleAssignment.objects.filter(user=self.user))

    @cached_property
    def ancestors(self) -> dict[UUID, set[UUID]]:
        """The keys of each part of the organization and of all above it."""
        parents = dict(scope_model()._base_manager.values_list("pk", "parent"))
        found = {}
        for key in parents:
            chain, above = set(), key
            while above is not None and above not in chain:
                chain.add(above)
                above = parents.get(above)
            found[key] = chain
        return found

    def may(self, action: Action, scope: UUID | None, *, languages: Iterable[str] | None = None) -> bool:
        """Say whether the person may do ``action`` in ``scope`` (``None``: to what belongs to no part).

        ``languages`` are those that the action touches; ``None`` means more than texts of certain languages.
        """
        if not (self.user.is_active and self.user.is_staff):
            return False
        if self.user.is_superuser:
            return True
        for assignment in self.assignments:
            if action not in PERMISSIONS[assignment.role]:
                continue
            if not self.reaches(assignment, action, scope):
                continue
            by_language = assignment.languages or assignment.role == Role.TRANSLATOR
            if not by_language or action in EVERYONE_ON_STAFF:
                return True
            if action in BY_LANGUAGE and languages is not None and set(languages) <= set(assignment.languages):
                return True
        return False

    def reaches(self, assignment: RoleAssignment, action: Action, scope: UUID | None) -> bool:
        """Say whether an assignment is for ``scope``; what belongs to the whole organization all staff may see."""
        if assignment.scope_id is None or (scope is None and action in EVERYONE_ON_STAFF):
            return True
        return assignment.scope_id in self.ancestors.get(scope, ())  # type: ignore[arg-type] # None is below nothing

    def scopes(self, action: Action) -> set[UUID] | None:
        """Return the parts of the organization in which the person may do ``action``; ``None`` means everywhere.

        For those whose role is limited to languages, in some language.
        """
        if self.user.is_superuser and self.user.is_active and self.user.is_staff:
            return None
        in_languages = action in BY_LANGUAGE | EVERYONE_ON_STAFF
        granted = [
            item
            for item in self.assignments
            if action in PERMISSIONS[item.role] and (in_languages or not item.languages)
        ]
        if any(item.scope_id is None for item in granted):
            return None
        roots = {item.scope_id for item in granted}
        if not roots:
            return set()
        return {key for key, chain in self.ancestors.items() if chain & roots}

    def anywhere(self, action: Action) -> bool:
        """Say whether the person may do ``action`` to anything at all."""
        return self.scopes(action) != set()

    def languages(self, scope: UUID | None) -> set[str] | None:
        """Return the languages the person may save in ``scope``; ``None`` means everything of the item."""
        if self.may(Action.SAVE, scope):
            return None
        found = set()
        for assignment in self.assignments:
            if assignment.languages and self.may(Action.SAVE, scope, languages=assignment.languages):
                found |= set(assignment.languages)
        return found


def grants_of(user: Person) -> Grants:
    """Return the grants of ``user``, read once for the life of the user object (one request)."""
    if not hasattr(user, "_publishing_grants"):
        user._publishing_grants = Grants(user)  # type: ignore[attr-defined] # our own, kept with the person
    return user._publishing_grants  # type: ignore[attr-defined] # as above


def people_with(assignments: Iterable[RoleAssignment]) -> list[Person]:
    """Return the people of ``assignments``, which must be all that they have, with their grants, in one query."""
    people: dict[int, Person] = {}
    found: dict[int, list[RoleAssignment]] = {}
    for assignment in assignments:
        people.setdefault(assignment.user_id, assignment.user)
        found.setdefault(assignment.user_id, []).append(assignment)
    ancestors: dict[UUID, set[UUID]] | None = None
    for key, person in people.items():
        grants = grants_of(person)
        ancestors = grants.ancestors if ancestors is None else ancestors
        grants.assignments, grants.ancestors = found[key], ancestors
    return list(people.values())


def may(user: Person, action: Action, item: ContentModel, *, languages: Iterable[str] | None = None) -> bool:
    """Say whether ``user`` may do ``action`` to ``item``, as it is stored and, where it was moved, as it was."""
    return grants_of(user).may(action, item.scope_key(), languages=languages)


def forget_grants(user: Person) -> None:
    """Let the grants of ``user`` be read anew, after a part of the organization was added."""
    if hasattr(user, "_publishing_grants"):
        del user._publishing_grants


def may_place(user: Person, action: Action, item: ContentModel) -> bool:
    """Say whether ``user`` may do ``action`` where ``item`` is put: for an office, under the one above it."""
    return grants_of(user).may(action, item.place_key())


def require_place(user: Person | None, action: Action, item: ContentModel) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` where ``item`` is put. ``None`` is the system."""
    if user is not None and not may_place(user, action, item):
        raise PermissionDenied(f"{user} may not {action} {item._meta.label} there")


def require(
    user: Person | None,
    action: Action,
    items: Iterable[ContentModel],
    *,
    languages: Iterable[str] | None = None,
) -> None:
    """Raise ``PermissionDenied`` unless ``user`` may do ``action`` to all ``items``. ``None`` is the system itself."""
    if user is None:
        return
    for item in items:
        if not may(user, action, item, languages=languages):
            raise PermissionDenied(f"{user} may not {action} {item._meta.label} {item.pk}")
