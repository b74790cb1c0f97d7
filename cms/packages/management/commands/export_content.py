import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cms.packages.emitting import json_lines, yaml_lines
from cms.packages.exporting import Exporter
from cms.packages.problems import PackageError
from cms.packages.sources import SUFFIXES

FORMATS = {"yaml": yaml_lines, "json": json_lines}


class Command(BaseCommand):
    help = "Exports content as a content package (docs/content-packages.md) that import_content reads."

    def add_arguments(self, parser):
        parser.add_argument("collections", nargs="*", help="what to export, for example offices; default: everything")
        parser.add_argument("--format", choices=FORMATS, help="default: what --output ends in, else yaml")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help=(
                "the package to write, with uploaded files in a folder beside it: a .yaml, .yml or .json file, or a "
                "folder (made where it is missing) to hold it; default: standard output"
            ),
        )
        parser.add_argument("--with-ids", action="store_true", help="write the UUID of each row too")

    def handle(self, *args, **options):
        output = self.place(options["output"], options["format"])
        suffix = output.suffix.lower() if output else ""
        lines = FORMATS[options["format"] or ("json" if suffix == ".json" else "yaml")]
        try:
            if output is None:
                exporter = Exporter(with_ids=options["with_ids"])
                self.write(lines(exporter.collections(options["collections"])), self.stdout)
            else:
                files = f"{output.stem}-files"
                exporter = Exporter(output.parent / files, files, options["with_ids"])
                self.write_file(lines(exporter.collections(options["collections"])), output)
        except PackageError as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:  # whoever read has seen enough, as in "| head"
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def place(self, output: Path | None, chosen: str | None) -> Path | None:
        """Return the file to write, of a name that an import reads; a name without an ending is that of a folder."""
        if output is None or output.suffix.lower() in SUFFIXES and not output.is_dir():
            return output
        if output.suffix and not output.is_dir():
            raise CommandError(f"{output}: a package is a .yaml, .yml or .json file, or a folder.")
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
        return output / f"content.{chosen or 'yaml'}"

    def write(self, lines, file) -> None:
        for line in lines:
            file.write(line, ending="")

    def write_file(self, lines, output: Path) -> None:
        """Write beside ``output`` first, so that a failed export does not leave half a package under its name."""
        unfinished = output.with_name(f".{output.name}.unfinished")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
