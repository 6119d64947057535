"""XLSX read safely: the archive is looked at before it is opened, hidden sheets are left alone, nothing is computed.

openpyxl reads the structure (sheets, styles, epoch); the cells are read by `markup.py`, which keeps line numbers
and merged areas, never believes the written dimension, and takes half the time of `iter_rows`.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.parsers.expat import ExpatError

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from data.spreadsheets.cells import cleaned
from data.spreadsheets.markup import ForbiddenMarkup, Shape, TooLarge, read_cells, read_strings, shape_of
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.sheets import Sheet

MOST_UNPACKED: Final = 600 * 1024 * 1024
MOST_ENTRIES: Final = 2_000
MOST_RATIO: Final = 150
"""How much larger than packed an entry may be: tables of real files unpack to 10–40 times their size, bombs to 1000."""
SMALL: Final = 4 * 1024 * 1024
"""Entries below this size do no harm whatever their ratio."""

_RESAVE: Final = "откройте файл в Excel и сохраните как «Книга Excel (.xlsx)»."
_DOCTYPE: Final = re.compile(
    rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y"
)
_OVERLAP: Final = 32
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    InvalidFileException,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What openpyxl and the archive raise on a workbook that is damaged or made up; lxml's own error is a SyntaxError."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A visible sheet and where it lies in the archive."""

    title: str
    path: str


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook in their order, or raise RefusedFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive)
            _refuse_doctype(archive)
        return _sheets(path)
    except ForbiddenMarkup as error:
        raise _forbidden() from error
    except TooLarge as error:
        raise RefusedFile(f"{error}: разделите таблицу на части.") from error
    except _BROKEN as error:
        raise RefusedFile(f"Книга повреждена или записана не в Excel: {_RESAVE}") from error


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedFile("Файл закрыт паролем: снимите пароль и сохраните книгу ещё раз.")
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise RefusedFile(f"Это архив, а не книга Excel: {_RESAVE}")
    swollen = any(e.file_size > SMALL and e.file_size > MOST_RATIO * max(e.compress_size, 1) for e in entries)
    if swollen or len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise RefusedFile("Книга распаковывается в слишком большой файл: оставьте в ней только нужную таблицу.")


def _refuse_doctype(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        tail = b""
        with archive.open(entry) as stream:
            while chunk := stream.read(1 << 20):
                if _DOCTYPE.search(tail + chunk):
                    raise _forbidden()
                tail = chunk[-_OVERLAP:]


def _forbidden() -> RefusedFile:
    return RefusedFile(f"Внутри книги есть посторонняя разметка (DOCTYPE): {_RESAVE}")


def _sheets(path: Path) -> tuple[Sheet, ...]:
    with path.open("rb") as stream:
        # Everything but the sheets, the strings and the decoration: what is not read cannot be broken.
        reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        parts = _visible_parts(reader)
        if not parts:
            raise RefusedFile("В книге нет видимых листов с ячейками: отобразите лист с таблицей.")
        return _read_parts(reader, parts)


def _visible_parts(reader: Any) -> list[_Part]:
    return [
        _Part(cleaned(sheet.name), relation.target)
        for sheet, relation in reader.parser.find_sheets()
        if sheet.state == "visible" and relation.Type.endswith("/worksheet") and relation.target in reader.valid_files
    ]


def _read_parts(reader: Any, parts: list[_Part]) -> tuple[Sheet, ...]:
    mac_dates = reader.wb.epoch == CALENDAR_MAC_1904
    shapes, strings = _shapes(reader.wb, mac_dates), _shared_strings(reader)
    sheets = []
    for part in parts:
        with reader.archive.open(part.path) as stream:
            rows, merges = read_cells(stream, strings, shapes)
        sheets.append(Sheet(part.title, rows, merges, mac_dates))
    return tuple(sheets)


def _shapes(book: Any, mac_dates: bool) -> list[Shape]:
    """Return what each cell style makes of a number, in the order of style ids."""
    shapes = []
    for style, properties in enumerate(book._cell_styles):
        identifier = properties.numFmtId
        custom = identifier - BUILTIN_FORMATS_MAX_SIZE
        number_format = book._number_formats[custom] if custom >= 0 else BUILTIN_FORMATS.get(identifier, "General")
        shapes.append(shape_of(number_format, style in book._date_formats, style in book._timedelta_formats, mac_dates))
    return shapes


def _shared_strings(reader: Any) -> list[str]:
    part = reader.package.find(SHARED_STRINGS)
    if part is None:
        return []
    with reader.archive.open(part.PartName.lstrip("/")) as stream:
        return read_strings(stream)
