"""What is asked of an open page. Each check returns a list of what is wrong, in words; none is right."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page, Response

RULES = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),  # WCAG 2.2, levels A and AA
    "best-practice",
]
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations", "incomplete"],
    "preload": False,  # it would ask for imported style sheets at wrong addresses
}
# Without what passed, which is most of the answer.
RUN_AXE = "options => axe.run(options).then(({violations, incomplete}) => ({violations, incomplete}))"
BACKGROUNDS = {"bgImage", "bgGradient", "imgNode"}  # where axe leaves the contrast to people
MOST_REQUESTS = 10
MOST_BYTES = 80 * 1024  # over the wire in all
MOST_SCRIPT_BYTES = 10 * 1024
MOST_STYLE_BYTES = 20 * 1024

# Sums what moves without a reader's doing (https://w3c.github.io/layout-instability/).
WATCH_LAYOUT = """
window.layoutShifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) {
    const nodes = entry.sources.map(source => source.node && (source.node.className || source.node.nodeName));
    if (!entry.hadRecentInput) window.layoutShifts.push({value: entry.value, nodes});
  }
}).observe({type: "layout-shift", buffered: true});
"""

# Waits for fonts and for two frames, after which what was loaded is laid out and painted.
SETTLED = """() => document.fonts.ready.then(
    () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))"""

# Elements that the Tab key is to reach, in the order of the document.
FOCUSABLE = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, iframe, [tabindex]"
)].filter(element => element.tabIndex >= 0 && !element.disabled && element.type !== "hidden"
    && element.checkVisibility({visibilityProperty: true})
    && !(element.type === "radio" && !element.checked
         && document.querySelector(`input[type=radio][name="${element.name}"]:checked`)))"""

# Notes at each press of a key where the focus was before: its place among FOCUSABLE, its name, whether it is in view
# and shows that it has the focus. Pressing is all that is asked of the browser then: pages have hundreds of links.
NOTE_FOCUS = f"""() => {{
    window.focusable = ({FOCUSABLE})();
    window.visited = [];
    const fills = link => [...link.querySelectorAll("*")].map(part => getComputedStyle(part).fill).join();
    const filled = new Map(focusable.filter(element => element.closest("svg")).map(link => [link, fills(link)]));
    addEventListener("keydown", () => {{
        const element = document.activeElement;
        if (!element || element === document.body) return;
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        visited.push({{
            place: focusable.indexOf(element),
            name: element.outerHTML.slice(0, 120),
            inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
            ring: filled.has(element) ? filled.get(element) !== fills(element)  // on a map the country lights up
                : style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        }});
    }}, true);
    return focusable.map(element => element.outerHTML.slice(0, 120));
}}"""

TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}

# Text that is cut off: it is wider or higher than its box, which hides the rest.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter(element => {
    const style = getComputedStyle(element);
    return element.checkVisibility() && element.innerText && !element.closest(".visually-hidden, svg")
        && (style.overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1
            || style.overflowY === "hidden" && element.scrollHeight > element.clientHeight + 1);
}).map(element => `cut off: ${element.outerHTML.slice(0, 120)}`)"""

# What moves on its own or when the pointer comes, though the reader asked for reduced motion.
MOVING = """() => [...document.querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element);
    return style.transitionDuration.split(",").some(time => parseFloat(time) > 0.01)
        || style.animationName !== "none" || style.scrollBehavior === "smooth";
}).map(element => `moves: ${element.outerHTML.slice(0, 80)}`)"""


# Names on a map lie on shapes, so what counts is the contrast with the outline of their own letters (WCAG 2.2, 1.4.3).
HALOS = """() => {
    const light = colour => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    return [...document.querySelectorAll("svg text")].filter(text => {
        const style = getComputedStyle(text);
        if (style.stroke === "none" || !style.paintOrder.startsWith("stroke")) return true;
        const [darker, lighter] = [light(style.fill), light(style.stroke)].sort((one, other) => one - other);
        return (lighter + 0.05) / (darker + 0.05) < 4.5;
    }).map(text => `contrast with its outline: ${text.outerHTML}`);
}"""


def accessibility(page: Page, *, on_paper: bool = False) -> list[str]:
    """Return the violations that axe-core finds, and text on a picture or gradient, whose contrast it cannot tell.

    Nobody taps on paper, so the size of targets does not count there.
    """
    page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN_AXE, {**AXE_OPTIONS, "rules": {"target-size": {"enabled": not on_paper}}})
    nodes = [(rule, node) for rule in found["violations"] for node in rule["nodes"]]
    nodes += [
        (rule, node)
        for rule in found["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
        if not node["html"].startswith("<text ")
        and any((check["data"] or {}).get("messageKey") in BACKGROUNDS for check in node["any"])
    ]
    wrong = [f"{rule['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})" for rule, node in nodes]
    return wrong + page.evaluate(HALOS)


def sideways(page: Page) -> list[str]:
    """Return by how much the page is wider than the window (WCAG 2.2, 1.4.10 Reflow)."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"scrolls sideways: {wide} px in a window of {window} px"] if wide > window else []


def layout_shift(page: Page) -> list[str]:
    """Return what moved while the page loaded; ``WATCH_LAYOUT`` must have run first."""
    return [
        f"layout shift of {shift['value']:.4f}: {shift['nodes']}" for shift in page.evaluate("window.layoutShifts")
    ]


def keyboard(page: Page) -> list[str]:
    """Return what the Tab key does wrong: what it misses, where it goes astray, where the focus is not seen."""
    expected = page.evaluate(NOTE_FOCUS)
    for _step in range(len(expected) + 1):
        page.devtools.send("Input.dispatchKeyEvent", TAB)  # what keyboard.press does, in one message instead of two
    visited = page.evaluate("visited")
    reached = [focused["place"] for focused in visited]
    wrong = [f"focus out of view: {focused['name']}" for focused in visited if not focused["inView"]]
    wrong += [f"focus not visible: {focused['name']}" for focused in visited if not focused["ring"]]
    wrong += [f"not reached by Tab: {expected[place]}" for place in sorted({*range(len(expected))} - {*reached})]
    if reached != sorted(reached):
        wrong.append(f"Tab leaves the order of the document: {reached}")
    return wrong


def without_script(page: Page) -> None:
    """Load the page again as a browser that runs no script does."""
    page.devtools.send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.reload(wait_until="load")


class Traffic:
    """Listens to what a page asks for: requests, bytes over the wire, foreign hosts."""

    def __init__(self, devtools: CDPSession):
        self.start()
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on("Network.responseReceived", self.received)
        devtools.on("Network.loadingFinished", self.finished)

    def start(self) -> None:
        """Forget what was asked for so far."""
        self.kinds, self.sizes, self.hosts = {}, {}, set()

    def received(self, event: dict) -> None:
        url = event["response"]["url"]
        if not url.startswith("data:"):
            self.kinds[event["requestId"]] = event["type"]
            self.hosts.add("/".join(url.split("/")[:3]))

    def finished(self, event: dict) -> None:
        if event["requestId"] in self.kinds:
            self.sizes[event["requestId"]] = event["encodedDataLength"]  # headers included

    def of(self, *kinds: str) -> int:
        """Return the bytes of what was loaded of some kinds of the DevTools protocol, ``"Script"``, or of all."""
        return sum(int(size) for key, size in self.sizes.items() if not kinds or self.kinds[key] in kinds)

    def figures(self) -> dict[str, int]:
        return {
            "requests": len(self.sizes),
            "bytes": self.of(),
            "script": self.of("Script"),
            "style": self.of("Stylesheet"),
        }

    def too_much(self, origin: str) -> list[str]:
        """Return which of the figures of a first view are over their limit, and each host that is not ours."""
        found = self.figures()
        limits = {
            "requests": MOST_REQUESTS,
            "bytes": MOST_BYTES,
            "script": MOST_SCRIPT_BYTES,
            "style": MOST_STYLE_BYTES,
        }
        wrong = [f"{name}: {found[name]} of at most {most}" for name, most in limits.items() if found[name] > most]
        return wrong + [f"foreign host: {host}" for host in self.hosts if host != origin]


def headers(response: Response) -> list[str]:
    """Return what is wrong with the headers of a page: its size over the wire depends on them."""
    found = response.headers
    return [] if found.get("content-encoding") in {"gzip", "br"} else ["the page is not compressed"]
