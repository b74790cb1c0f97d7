"""What the campaigns on the core share: which modules it is, and where its coverage is kept."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("cms/content", "cms/publishing", "cms/api/cursors.py")
DATA = ROOT / "var/coverage/data"  # of coverage.py, as pyproject.toml says
TIMES = ROOT / "var/coverage/times.json"  # seconds of each test that passed
NO_TEST = "no test"  # what runs beside tests in their process, as at import; in processes that tests start it is ""


def core_files() -> list[str]:
    """Return the paths of the core's modules, from the project's folder."""
    files = (path.relative_to(ROOT) for path in (ROOT / "cms").rglob("*.py") if "migrations" not in path.parts)
    return sorted(str(path) for path in files if place_of(str(path)))


def place_of(path: str) -> str | None:
    """Return which of the core's places a module belongs to."""
    return next((place for place in CORE if path == place or path.startswith(f"{place}/")), None)
