"""What publishing itself has in the admin. The bases for content are in ``cms.editing``."""

from cms.editing import glossary, keys, people, releases, synonyms, trail, webhooks  # noqa: F401 - importing registers them
