"""Addresses of pages, each worked out once: a page asks for the same ones again and again."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

KEPT_ADDRESSES = 20_000  # 7.4 MB


def address(name: str, *arguments: Any) -> str:
    """Return the path of the route ``name`` for ``arguments``, as ``reverse()`` does, in the active language.

    Raises ``NoReverseMatch`` as that does.
    """
    return kept(name, arguments, get_language(), get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF)


@lru_cache(maxsize=KEPT_ADDRESSES)
def kept(name: str, arguments: tuple, language: str | None, prefix: str, urlconf: str) -> str:
    """Return what ``reverse()`` gives; it is a function of what stands here and of nothing else."""
    return reverse(name, args=arguments)
