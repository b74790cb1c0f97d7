"""The strategy as a document to keep: PDF and Word, made from what is live.

``source`` reads the strategy and renders it as one HTML page; ``pdf`` and ``word`` turn that page into files, in a
child process that ``maker`` has; ``store`` keeps the files until their source changes; ``renewal`` makes them anew
after that; ``views`` serves them, and ``words`` says why one could not be made.
"""
