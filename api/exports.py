"""Files that leave the service: CSV and XLSX whose cells are only text, numbers and dates, and parts of DOCX."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any, Final
from urllib.parse import quote

import xlsxwriter
from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from flask import Response

from data.spreadsheets.rejects import SAFE_WORKBOOK

Cell = str | float | int | date | None

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ICS: Final = "text/calendar; charset=utf-8"
FONT: Final = "Times New Roman"
GREY: Final = "EDEBE4"
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML, and so a DOCX, cannot hold."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV that a Russian spreadsheet opens as is: UTF-8 with BOM, semicolons, decimal commas."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([_csv_cell(name) for name in header])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell) -> str:
    """Write a cell as text; one that a spreadsheet would run as a formula gets an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.strftime("%d.%m.%Y")
    if isinstance(cell, int | float):
        return f"{cell:g}".replace(".", ",") if isinstance(cell, float) else str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


@dataclass(frozen=True, slots=True)
class ExportedSheet:
    """One sheet of a workbook; widths are in letters."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


def as_xlsx(*pages: ExportedSheet) -> bytes:
    """Return a workbook whose sheets have a frozen bold header and filters; no text in it ever runs as a formula."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, **SAFE_WORKBOOK})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for page in pages:
        _fill(book.add_worksheet(page.title[:31]), page, bold, day)
    book.close()
    return content.getvalue()


def _fill(sheet: xlsxwriter.worksheet.Worksheet, page: ExportedSheet, bold: Any, day: Any) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(page.header):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, page.widths[column] if column < len(page.widths) else 20)
    last = 0
    for last, row in enumerate(page.rows, start=1):
        for column, cell in enumerate(row):
            _write(sheet, last, column, cell, day)
    sheet.autofilter(0, 0, last, max(0, len(page.header) - 1))


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, day: Any) -> None:
    if isinstance(cell, date):
        page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), day)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif cell:
        page.write_string(row, column, cell)


def download(content: bytes, file_name: str, kind: str = "") -> Response:
    """Return a file to be saved under a name that may be Russian."""
    known = {"csv": CSV, "xlsx": XLSX, "docx": DOCX, "ics": ICS}
    answer = Response(content, content_type=kind or known[file_name.rpartition(".")[2]])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return answer


def new_docx(title: str) -> Docx:
    """Return an empty A4 document in the form of Russian office papers."""
    document: Docx = Document()
    document.core_properties.title = title
    document.core_properties.author = "Маршрут"
    document.core_properties.language = "ru-RU"
    for name, size in (("Normal", 12), ("Title", 16), ("Heading 1", 13)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), FONT)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(14)
    document.styles["Heading 1"].paragraph_format.space_after = Pt(6)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(25), Mm(15)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    return document


def as_docx(document: Docx) -> bytes:
    """Return the bytes of a document."""
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def add_footer(document: Docx, text: str) -> None:
    """Write a text and the number of the page at the foot of every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{text} · стр. ").font.size = Pt(8)
    for kind, content in (("begin", None), (None, "PAGE"), ("end", None)):
        page = paragraph.add_run()
        page.font.size = Pt(8)
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = content
        page._r.append(element)


def add_table(
    document: Docx, header: Sequence[str], widths: Sequence[int], rows: int, *, size: int = 10, borders: bool = True
) -> Table:
    """Add a table of fixed widths in millimetres; its header is repeated on every page and no row is torn."""
    table: Table = document.add_table(rows + bool(header), len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    if borders:
        table.style = "Table Grid"
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if header:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, name in zip(table.rows[0].cells, header, strict=True):
            shade_cell(write_cell(cell, name, size, bold=True))
    return table


def write_cell(cell: _Cell, text: str, size: int = 10, *, bold: bool = False) -> _Cell:
    """Write a text into an empty cell."""
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    write_run(paragraph, text, size, bold=bold)
    return cell


def write_run(paragraph: Paragraph, text: str, size: int = 12, *, bold: bool = False) -> None:
    """Add a text to a paragraph; signs that no document can hold are left out."""
    run = paragraph.add_run(_UNWRITABLE.sub("", text))
    run.font.size, run.bold = Pt(size), bold


def shade_cell(cell: _Cell) -> None:
    """Give a cell the grey of headers."""
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", GREY)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
