library(jsonlite)

address <- "https://strategy.example.org/api/v1/objectives/?lang=en&fields=statement&limit=100"
while (!is.null(address)) {
  page <- fromJSON(address)
  cat(page$results$statement, sep = "\n")
  address <- page$`next`
}
