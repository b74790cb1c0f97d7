"""The admin of content: forms on drafts, review, releases, roles, keys and webhooks."""
