"""Content packages: content of the site as text files that people read and write (docs/content-packages.md).

Everything follows from the declarations of the content models, so a new model has import and export for nothing.

===============  ====================================================================================
``layout``       what an item of each collection may say, worked out from the models
``sources``      the files of a package, as checked text
``nodes``        that text as values with their lines, one item at a time
``values``       the text of one value against the field it is meant for
``reading``      an item's values as a record of plain data, its own errors found
``identities``   the UUID that each name in the package stands for
``planning``     records against the rows that exist: what would change
``checks``       the rows as they would be, against everything the models ask of them
``writing``      the changes, written in bulk
``importing``    these steps in their order
``exporting``    rows as items, ``emitting`` as YAML or JSON
===============  ====================================================================================
"""
