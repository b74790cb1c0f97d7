"""What an uploaded PDF does by itself, asked of its objects as qpdf reads them (ISO 32000-2).

Names are compared after their escapes are undone, in object streams too. It runs in a child of the runner.
"""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf

from cms.content.contained import Refused

# Where a dictionary has its actions (12.6.2, 12.6.3), and the kinds (12.6.4) that show a place or follow a link of the
# web. In such a place any other kind is refused, whatever a later edition of the standard calls it.
IN_ACTION = ("/A", "/PA", "/OpenAction", "/Next")
HARMLESS_ACTIONS = {"/GoTo", "/URI", "/Named", "/SetOCGState", "/Trans", "/Hide", "/ResetForm", "/GoToDp"}
# What others do, wherever they stand and in which words a refusal says it.
ACTIONS = {
    **dict.fromkeys(("/JavaScript",), "scripts"),
    **dict.fromkeys(("/Launch",), "programs"),
    **dict.fromkeys(("/GoToR", "/GoToE", "/ImportData", "/Thread"), "elsewhere"),
    **dict.fromkeys(("/SubmitForm",), "forms"),
    **dict.fromkeys(("/Movie", "/Sound", "/Rendition", "/GoTo3DView", "/RichMediaExecute"), "media"),
}
# Entries of a dictionary that hold such things wherever they stand.
ENTRIES = {
    **dict.fromkeys(("/JS", "/JavaScript"), "scripts"),
    **dict.fromkeys(("/EF", "/EmbeddedFiles", "/RF"), "files"),
    **dict.fromkeys(("/XFA",), "forms"),
    **dict.fromkeys(("/RichMediaContent", "/RichMediaSettings"), "media"),
}
# Subtypes of annotations (12.5.6) that are read, and what others have.
HARMLESS_ANNOTATIONS = {
    *(
        "/Text",
        "/Link",
        "/FreeText",
        "/Line",
        "/Square",
        "/Circle",
        "/Polygon",
        "/PolyLine",
        "/Highlight",
        "/Underline",
    ),
    *("/Squiggly", "/StrikeOut", "/Caret", "/Stamp", "/Ink", "/Popup", "/Widget", "/PrinterMark", "/TrapNet"),
    *("/Watermark", "/Redact", "/Projection"),
}
ANNOTATIONS = {"/FileAttachment": "files"}
OF_STREAMS = ("/F", "/Ref")  # a stream or a form whose content is in another file (7.3.8, 8.10.4)
WEB = re.compile(r"(?i)(?:https?|mailto|tel|ftps?|doi|urn|news|geo|sms):|(?![a-z][a-z0-9+.-]*:|\\\\|//)")
# Whatever holds none of these names needs no second look; strings may hold them too, so it is no judgement.
WORTH_A_LOOK = re.compile(
    "|".join(re.escape(name) + r"\b" for name in {*ACTIONS, *ENTRIES, *IN_ACTION, "/AA", "/Rect", "/URI"}).encode()
)
MOST_DEPTH = 60  # of dictionaries and lists in one another


def check(content: bytes) -> None:
    """Raise ``Refused`` for a PDF that is damaged, protected, or does anything but be read.

    Reasons are ``content``, ``encrypted`` and ``active``, whose detail is what it has: a name of
    ``cms.content.validators.ACTIVE``.
    """
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            for found in [pdf.trailer, *pdf.objects]:
                if what := fault_of(found):
                    raise Refused("active", what)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, OverflowError):
        raise Refused("content") from None


def fault_of(found: pikepdf.Object) -> str:
    """Return what an object of a PDF does, ``""`` for nothing."""
    if isinstance(found, pikepdf.Stream):
        found = found.stream_dict
        if any(name in found for name in OF_STREAMS):
            return "elsewhere"
    if not WORTH_A_LOOK.search(found.unparse(resolved=True)):
        return ""
    return next((what for each in dictionaries(found) if (what := fault_of_dictionary(each))), "")


def dictionaries(found: pikepdf.Object, depth: int = 0) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries in an object; what it refers to is an object of its own."""
    if depth > MOST_DEPTH:
        raise Refused("content")
    if isinstance(found, pikepdf.Dictionary):
        yield found
    if isinstance(found, pikepdf.Dictionary | pikepdf.Array):
        for inner in found.values() if isinstance(found, pikepdf.Dictionary) else found:
            if isinstance(inner, pikepdf.Object) and not inner.is_indirect:
                yield from dictionaries(inner, depth + 1)


def fault_of_dictionary(found: pikepdf.Object) -> str:
    """Return what a dictionary by itself does, ``""`` for nothing."""
    if what := next((ENTRIES[name] for name in found.keys() if name in ENTRIES), ""):  # noqa: SIM118 - of pikepdf
        return what
    subtype = str(found.get("/Subtype"))
    if "/Rect" in found and subtype not in HARMLESS_ANNOTATIONS:
        return ANNOTATIONS.get(subtype, "media")
    if any(action not in HARMLESS_ACTIONS for action in actions_of(found)):
        return next((ACTIONS[action] for action in actions_of(found) if action in ACTIONS), "programs")
    action = str(found.get("/S")) if found.get("/Type") != pikepdf.Name.StructElem else ""
    if action == "/URI" and not WEB.match(str(found.get("/URI", "")).strip()):
        return "elsewhere"
    return ACTIONS.get(action, "")


def actions_of(found: pikepdf.Object) -> list[str]:
    """Return the kinds of the actions that a dictionary names, also of those that are objects of their own."""
    named = [found.get(name) for name in IN_ACTION]
    further = found.get("/AA")
    named += further.values() if isinstance(further, pikepdf.Dictionary) else []
    several = [list(each) if isinstance(each, pikepdf.Array) else [each] for each in named]
    dictionaries = [each for some in several for each in some if isinstance(each, pikepdf.Dictionary)]
    return [str(each.get("/S")) for each in dictionaries if "/S" in each]
