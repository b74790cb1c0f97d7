"""What is asked of an uploaded document in a child of the runner, before it is stored."""

from collections.abc import Mapping

from cms.content import office_files, pdf_files

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


def examine(arguments: dict, files: Mapping[str, bytes]) -> bytes:
    """Raise ``Refused`` for a document that is not what its ``media_type`` says, or has more than text and pictures.

    ``most_bytes`` is the most that an archive may have unpacked.
    """
    if arguments["media_type"] == PDF:
        pdf_files.check(files["file"])
    else:
        is_word = arguments["media_type"] == DOCX
        office_files.check(files["file"], is_word=is_word, most_bytes=arguments["most_bytes"])
    return b""
