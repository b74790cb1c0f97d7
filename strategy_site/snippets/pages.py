import json
from urllib.request import urlopen

address = "https://strategy.example.org/api/v1/objectives/?lang=en&fields=statement&limit=100"
while address:
    with urlopen(address) as answer:
        page = json.load(answer)
    for objective in page["results"]:
        print(objective["statement"])
    address = page["next"]
