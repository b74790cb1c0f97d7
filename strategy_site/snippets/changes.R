library(jsonlite)

api <- "https://strategy.example.org/api/v1/"
exported <- fromJSON(paste0(api, "exports/"))
offices <- stream_in(url(exported$files$url[exported$files$name == "offices.jsonl"]), verbose = FALSE)
changes <- fromJSON(paste0(api, "changes/?include=records&since=", exported$token))
cat(nrow(offices), "offices, then changes up to token", changes$token, "\n")
