library(jsonlite)

answer <- fromJSON("https://strategy.example.org/api/v1/offices/?lang=es&fields=name,url&limit=200")
print(answer$results[, c("name", "url")])
