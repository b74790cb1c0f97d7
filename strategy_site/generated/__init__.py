"""Generated content: as much as one likes of it, to try the site at a size that nobody has written by hand."""
