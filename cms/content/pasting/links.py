"""Where links of foreign HTML lead: past redirects that count clicks, and not into what was left behind."""

import re
from urllib.parse import parse_qs, urlsplit

SCHEMES = ("http", "https", "mailto", "tel", "item")  # the last is that of references
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# Names of notes as Word, LibreOffice, Google Docs and wikis have them; those of the way back stand at the note itself.
NOTE = re.compile(r"#_?(?:ftn|edn|ftnt|sdfootnote|sdendnote|cite_(?:note|ref)|fn)[\w:.-]*$", re.IGNORECASE)
BACK = re.compile(r"#_?(?:ftnref|ednref|ftnt_ref|sd(?:foot|end)note\d+anc|cite_ref|fnref)", re.IGNORECASE)
COMMENT = re.compile(r"#_?(?:cmnt|msocom)", re.IGNORECASE)
GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
MOST_REDIRECTS = 4


def redirected(address: str) -> str:
    """Return where ``address`` leads by what it says itself, one step on; nothing where it is no redirect.

    Safelinks (Outlook) and the links in results and documents of Google have it in a parameter.
    """
    try:
        parts = urlsplit(address)
        host, asked = parts.hostname or "", parse_qs(parts.query)
    except ValueError:
        return ""
    if host.endswith(".safelinks.protection.outlook.com"):
        return asked.get("url", [""])[0]
    if GOOGLE.fullmatch(host) and parts.path == "/url":
        return (asked.get("q") or asked.get("url") or [""])[0]
    return ""


def destination(href: str) -> str | None:
    """Return where a link leads; nothing for a place in the same text, ``None`` for what a site cannot link to.

    A path of the site itself stays: it is for the validators of links to judge.
    """
    address = re.sub(r"[\t\r\n]", "", href).strip()
    for _step in range(MOST_REDIRECTS):
        further = redirected(address)
        if not further.startswith(("http:", "https:")):
            break
        address = further
    if not address or address.startswith("#"):
        return ""
    if address.lower().startswith("www."):
        address = f"https://{address}"
    scheme = SCHEME.match(address)
    return address if address.startswith("/") or (scheme and scheme[1].lower() in SCHEMES) else None
