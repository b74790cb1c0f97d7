"""Small tools for tests of content packages."""

from io import StringIO

from django.core.management import CommandError, call_command

from tests.files import pdf

PDF = pdf()


def write(folder, text, name="package.yaml"):
    """Write a package file, with the line that every one starts with, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"format: 1\n{text}", encoding="utf-8")
    return path


def run_import(*paths, **options):
    """Import a package and return what the command says."""
    output = StringIO()
    call_command("import_content", *map(str, paths), stdout=output, stderr=StringIO(), **{"publish": True, **options})
    return output.getvalue()


def import_errors(*paths, **options):
    """Import a package that is wrong and return the lines of the errors, without the last, which counts them."""
    try:
        run_import(*paths, **options)
    except CommandError as error:
        return str(error).splitlines()[:-1]
    raise AssertionError("the package was imported")


def run_export(*collections, **options):
    """Return the export of some collections, or of all, as text."""
    output = StringIO()
    call_command("export_content", *collections, stdout=output, **options)
    return output.getvalue()


def changes(output):
    """Return the number of changes that the last line of an import names."""
    return int("".join(filter(str.isdigit, output.splitlines()[-1])))
