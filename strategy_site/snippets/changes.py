# The client beside this program is one file: https://strategy.example.org/developers/strategy_site_client.py
from strategy_site_client import Site, SqliteCopy, synchronize

site = Site("https://strategy.example.org")
with SqliteCopy("copy.sqlite") as copy:
    count = synchronize(site, copy)  # the first time from the export, later only what changed
    print(count, "changes, at token", copy.token)
