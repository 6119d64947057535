"""Tables that leave the service: CSV and XLSX whose cells are only ever text, numbers and dates."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any, Final
from urllib.parse import quote

import xlsxwriter
from flask import Response

from data.rejects import SAFE_WORKBOOK

Cell = str | float | int | date | None

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ICS: Final = "text/calendar; charset=utf-8"
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
class Page:
    """One sheet of a workbook; widths are in letters."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


def as_xlsx(*pages: Page) -> bytes:
    """Return a workbook whose sheets have a frozen bold header and filters; no text in it ever runs as a formula."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, **SAFE_WORKBOOK})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for page in pages:
        _fill(book.add_worksheet(page.title[:31]), page, bold, day)
    book.close()
    return content.getvalue()


def _fill(sheet: xlsxwriter.worksheet.Worksheet, page: Page, bold: Any, day: Any) -> None:
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
