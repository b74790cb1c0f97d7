curl --silent --fail "https://strategy.example.org/api/v1/offices/?lang=es&fields=name,url&limit=200"
