"""Search and order without accents and capitals, the same on both databases.

``name_es__folded_contains="educacion"`` finds "Educación"; ``order_by(Fold("name_es"))`` puts "Équateur" beside
"Espagne". What people type otherwise than it is printed is one: œ and oe, the curly and the straight apostrophe,
the two small sigmas of Greek.

SQLite gets a function of ours; PostgreSQL uses its own ``normalize`` (Unicode NFKD), so no extension is needed.
"""

import re
import unicodedata

from django.db.backends.signals import connection_created
from django.db.models import CharField, Func, Lookup, TextField
from django.dispatch import receiver

COMBINING_MARKS = "[\\u0300-\\u036f]"
MARKS = re.compile(COMBINING_MARKS)
# Of small letters that Unicode does not decompose, and of signs that stand for one another.
LETTERS = {
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ",
    "’": "'", "‘": "'", "ʼ": "'", "‛": "'", "′": "'",
}  # fmt: skip
TABLE = str.maketrans(LETTERS)
SINGLE = {letter: other for letter, other in LETTERS.items() if len(other) == 1}


def fold(text: str | None) -> str | None:
    """Return ``text`` without accents and in lower case: ``"Educación"`` becomes ``"educacion"``."""
    if text is None:
        return None
    if text.isascii():  # has nothing to decompose; ten times as quick
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    plain = MARKS.sub("", decomposed).lower()
    return plain if plain.isascii() else plain.translate(TABLE)


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
        for letter, other in LETTERS.items():
            if letter not in SINGLE:
                template = f"replace({template}, '{letter}', '{other}')"
        others = "".join(SINGLE.values()).replace("'", "''")
        template = f"translate({template}, '{''.join(SINGLE)}', '{others}')"
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


@CharField.register_lookup
@TextField.register_lookup
class FoldedWord(FoldedContains):
    """Whether a text has a word, or words one after the other, without regard to case and accents."""

    lookup_name = "folded_word"

    def get_prep_lookup(self):
        return rf"(^|\W){re.escape(str(fold(str(self.rhs))))}(\W|$)"

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        return f"{lhs} {connection.operators['regex']}", [*lhs_params, self.rhs]
