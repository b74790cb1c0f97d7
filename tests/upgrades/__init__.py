"""Sites of earlier versions, as their backups, which this version has to take over.

``python -m tests.upgrades`` writes the one of the present version, once, when it is released. Nobody changes it later.
"""
