"""The command: see ``tests/answers/__init__.py``."""

import argparse
import sys
import time
from pathlib import Path

from tests.answers import comparing, world


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.answers", description="Ask the site everything, or compare."
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--compare", action="store_true", help="compare two folders that were written before")
    parser.add_argument(
        "--renamed",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="what has another name in the second folder, in addresses and answers; may be given again",
    )
    parser.add_argument("--lines", type=int, default=12, help="lines of each difference that are shown")
    parser.add_argument("--only", default="", metavar="WORD", help="ask only for kinds that begin so: api, admin")
    arguments = parser.parse_args()
    if len(arguments.folders) != 1 + arguments.compare:
        parser.error("name one folder to write, or with --compare two")
    if not all("=" in renamed.strip("=") for renamed in arguments.renamed):
        parser.error("--renamed takes OLD=NEW")
    return arguments


def write(folder: Path, only: str) -> None:
    """Set a site up, ask it all and write the answers to ``folder``, which must be empty or not be there."""
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty.")
    started = time.monotonic()
    with world.site():
        from tests.answers.questions import ask_all  # needs Django, set up

        for kind, count in ask_all(folder.resolve(), only).items():
            print(f"{count:6} {kind}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    arguments = read_arguments()
    if not arguments.compare:
        write(arguments.folders[0], arguments.only)
        sys.exit()
    renamed = dict(each.split("=", 1) for each in arguments.renamed)
    found = comparing.compare(*arguments.folders, renamed=renamed)
    for line in comparing.report(found, lines=arguments.lines):
        print(line)
    sys.exit(bool(found))
