"""How nginx serves a mirror: what a ``server`` block includes (https://nginx.org/en/docs/)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from strategy_site.mirror.entries import Entry, ErrorPage

RETRY_SECONDS = 60
Said = tuple[str, tuple[tuple[str, str], ...]]  # media type and headers of a file

FRAME = """\
# Written by `manage.py mirror`: include it in a `server` block of its own.
root {root};
charset utf-8;
charset_types {texts};
default_type application/octet-stream;
types {{
{types}}}
absolute_redirect off;
log_not_found off;

# Further pages of a list have files of their own, searches and filters have none; marks of campaigns say nothing.
set $variant "";
if ($args ~ "^page=[1-9][0-9]*$") {{ set $variant "/@$args"; }}
set $kind "{kind}";
{kinds}
error_page 404 /errors/$kind-404;
error_page 503 /errors/$kind-503;
if ($args !~ "^(page=[1-9][0-9]*|(utm_[a-z]+=[^&]*&?)*)$") {{ return 503; }}

location / {{
{headers}    try_files "$variant${{uri}}index.html" "$variant${{uri}}index.json" "$variant$uri" @slash;
}}
location @slash {{
    set $folder "";
    if ($uri ~ "[^/]$") {{ set $folder "$document_root$uri/index.html"; }}
    if (-f $folder) {{ return 301 "$uri/"; }}
    return 404;
}}
"""


def configuration(root: Path, entries: Mapping[str, Entry], errors: Mapping[str, ErrorPage]) -> str:
    """Return the text of the file; ``root`` is the folder of the pages, ``entries`` are by address.

    What most files of a kind have is said once; each other file has a location of its own.
    """
    files = {address: entry for address, entry in entries.items() if entry.file}
    by_ending = defaultdict(Counter)
    for entry in files.values():
        if "content-disposition" not in entry.headers:  # which names one file
            by_ending[ending(entry.file)][said(entry)] += 1
    usual = {name: found.most_common(1)[0][0] for name, found in by_ending.items()}
    pages = usual.get("html", ("text/html", ()))
    types = {name: media_type for name, (media_type, _headers) in usual.items() if name}
    partial = tuple(page.beginning for page in errors.values() if page.missing != 404)
    beginnings = [name for name in errors if name != next(iter(errors))]
    text = FRAME.format(
        root=quoted(str(root)),
        texts=" ".join(sorted({each for each in types.values() if is_text(each)} - {"text/html"})) or "text/plain",
        types="".join(f"    {media_type} {name};\n" for name, media_type in sorted(types.items())),
        kind=next(iter(errors)),
        kinds="\n".join(f'if ($uri ~ "^{errors[name].beginning}") {{ set $kind "{name}"; }}' for name in beginnings),
        headers=lines(pages[1]),
    )
    blocks = [error_block(name, status, page) for name, page in errors.items() for status in page.bodies]
    blocks += [f"location ^~ {quoted(beginning)} {{ return 503; }}" for beginning in partial]
    blocks += [
        f'location ~ "\\.{name}$" {{\n{lines(headers)}    try_files "$variant$uri" =404;\n}}'
        for name, (_media_type, headers) in sorted(usual.items())
        if headers != pages[1] and name not in ("", "html", "json")
    ]
    for address, entry in entries.items():
        if "?" in address or "$" in address:
            continue
        if not entry.file:
            blocks.append(f"location = {quoted(address)} {{ return {entry.status} {quoted(entry.location)}; }}")
        elif address.startswith(partial) or is_special(entry, usual):
            blocks.append(exact(address, entry))
    return text + "\n".join(blocks) + "\n"


def is_special(entry: Entry, usual: Mapping[str, Said]) -> bool:
    """Say whether a file is not served right by the location of its kind."""
    name = ending(entry.file)
    place = name if name in usual and name not in ("", "json") else "html"
    return said(entry) != (usual.get(name, ("", ()))[0], usual[place][1] if place in usual else ())


def exact(address: str, entry: Entry) -> str:
    media_type, headers = said(entry)
    file = quoted("/" + entry.file)
    return (
        f"location = {quoted(address)} {{\n    types {{}} default_type {media_type};\n{lines(headers)}"
        f"    try_files {file} =404;\n}}"
    )


def error_block(name: str, status: int, page: ErrorPage) -> str:
    wait = f"    add_header Retry-After {RETRY_SECONDS} always;\n" if status == 503 else ""
    return (
        f"location = /errors/{name}-{status} {{\n    internal;\n    types {{}} default_type {page.media_type};\n"
        f"    add_header Cache-Control no-store always;\n{wait}{lines(tuple(page.headers.items()), always=True)}}}"
    )


def said(entry: Entry) -> Said:
    """Return media type and headers of a file, in an order that does not depend on the process."""
    return entry.media_type.partition(";")[0], tuple(sorted(entry.headers.items()))


def lines(headers: tuple[tuple[str, str], ...], *, always: bool = False) -> str:
    end = " always" * always
    return "".join(f"    add_header {name.title()} {quoted(value)}{end};\n" for name, value in headers)


def ending(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[2].rpartition(".")[2].lower()


def is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(("json", "xml", "javascript"))


def quoted(text: str) -> str:
    """Return ``text`` as nginx reads it between quotation marks."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
