"""The engine: content that is drafted, translated, published and shared. It knows no content model by name."""
