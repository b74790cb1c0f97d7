"""What comes from other programs (a clipboard, pages of an old site) in the elements that a rich text has.

:mod:`~cms.content.pasting.cleaning` is what the site calls. The other modules know no settings and no database, so
that a contained process can do the work on a paste.
"""
