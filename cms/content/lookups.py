"""Search and order without accents and capitals, the same on both databases.

``name_es__folded_contains="educacion"`` finds "Educación"; ``order_by(Fold("name_es"))`` puts "Équateur" beside
"Espagne".

SQLite gets a function of ours; PostgreSQL uses its own ``normalize`` (Unicode NFKD), so no extension is needed.
"""

import re
import unicodedata

from django.db.backends.signals import connection_created
from django.db.models import CharField, Func, Lookup, TextField
from django.dispatch import receiver

COMBINING_MARKS = "[\\u0300-\\u036f]"


def fold(text: str | None) -> str | None:
    """Return ``text`` without accents and in lower case: ``"Educación"`` becomes ``"educacion"``."""
    if text is None:
        return None
    if text.isascii():  # has nothing to decompose; ten times as quick
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return re.sub(COMBINING_MARKS, "", decomposed).lower()


@receiver(connection_created, dispatch_uid="publishing.fold")
def add_fold_to_sqlite(connection, **kwargs) -> None:
    """Give a new SQLite connection the SQL function ``fold``."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("fold", 1, fold, deterministic=True)


class Fold(Func):
    """The SQL of :func:`fold` on one text expression."""

    function = "fold"
    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler, connection, **extra):
        template = f"lower(regexp_replace(normalize(%(expressions)s, NFKD), '{COMBINING_MARKS}', '', 'g'))"
        return self.as_sql(compiler, connection, template=template, **extra)


@CharField.register_lookup
@TextField.register_lookup
class FoldedContains(Lookup):
    """Case- and accent-insensitive containment, the same on SQLite and PostgreSQL."""

    lookup_name = "folded_contains"
    prepare_rhs = True

    def get_prep_lookup(self):
        escaped = re.sub(r"([\\%_])", r"\\\1", fold(str(self.rhs)))
        return f"%{escaped}%"

    def process_lhs(self, compiler, connection, lhs=None):
        return compiler.compile(Fold(lhs or self.lhs))

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s ESCAPE '\\'", [*lhs_params, self.rhs]
