"""What documents of mentoring share: headings, pages on their side, people in a line."""

from typing import Final

from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from api.exports import write_run
from models.people import PersonRecord

LINE: Final = "_" * 24


def centred(document: Docx, text: str, size: int, *, bold: bool = False) -> None:
    """Add a paragraph in the middle of the line."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(paragraph, text, size, bold=bold)


def person_line(person: PersonRecord) -> str:
    """Return who somebody is, in a line."""
    parts = (person.full_name, person.position, ", ".join(person.subjects), person.organisation, person.municipality)
    return ", ".join(part for part in parts if part)


def landscape(document: Docx) -> None:
    """Go on with a page that lies on its side."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(12)
