"""Static files: hashed and compressed by WhiteNoise, with style sheets bundled."""

import re

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUNDLES = ("css/site.css", "css/embed.css")
IMPORT = re.compile(r'@import url\("(?P<name>[\w-]+\.css)"\);')


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts the files that a style sheet of ``BUNDLES`` imports from its own folder into it when files are collected.

    The source stays in files of one purpose each, which browsers read as they are during development; a visitor
    makes one request instead of a chain of them.
    """

    def post_process(self, paths, dry_run=False, **options):  # noqa: FBT002 - Django's own signature
        if not dry_run:
            for name in BUNDLES:
                if name in paths:
                    paths = {**paths, name: (self.bundle(paths, name), name)}
        yield from super().post_process(paths, dry_run, **options)

    def bundle(self, paths: dict, name: str) -> InMemoryStorage:
        """Return a storage that holds the style sheet ``name`` with its imports in their places."""
        folder = name.rpartition("/")[0]

        def read(path: str) -> str:
            storage, source = paths[path]
            with storage.open(source) as file:
                return file.read().decode()

        content = IMPORT.sub(lambda match: read(f"{folder}/{match['name']}"), read(name))
        bundled = InMemoryStorage()
        bundled.save(name, ContentFile(content.encode()))
        return bundled
