"""The kit of public pages: views, filters, feeds, sitemaps, previews, Markdown, share pictures and template tags."""
