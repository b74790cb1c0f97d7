"""English as the United Nations writes it: 15 July 2021."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
