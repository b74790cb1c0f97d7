"""Texts to be translated elsewhere and back again, as XLIFF 2.1 (OASIS, 2018) and 1.2 (OASIS, 2008)."""
