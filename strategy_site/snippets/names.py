import json
from urllib.request import urlopen

with urlopen("https://strategy.example.org/api/v1/offices/?lang=es&fields=name,url&limit=200") as answer:
    for office in json.load(answer)["results"]:
        print(office["name"], office["url"])
