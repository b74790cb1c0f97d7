"""What content is: base classes, languages, rich text, fields, validators, snapshots and comparison. No tables."""
