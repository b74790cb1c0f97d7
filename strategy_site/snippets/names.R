library(jsonlite)

answer <- fromJSON("https://strategy.example.org/api/v1/offices/?lang=es&fields=name,url")
print(answer$results[, c("name", "url")])
