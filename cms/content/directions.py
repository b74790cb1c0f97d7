"""Which way a language is written: asked by children of the runner too, which know no settings."""

from django.utils.translation import get_language_info


def is_right_to_left(language: str) -> bool:
    """Say whether ``language`` (a code known to Django) is written from right to left."""
    return get_language_info(language)["bidi"]
