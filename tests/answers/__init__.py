"""All that the site answers, written to a folder, so that two states of the code can be compared by what they say.

``python -m tests.answers FOLDER`` sets a site up with the example content, asks for every page, API answer, admin form
and package, and writes each answer to a file. ``python -m tests.answers --compare BEFORE AFTER`` says what differs.
Two runs on the same code write the same bytes.

``world`` sets the site up, ``questions`` says what is asked and ``asking`` asks it, ``evening`` makes even what no two
runs have in common, ``comparing`` compares. They know addresses, commands and the names of models, and no module of
the engine.
"""
