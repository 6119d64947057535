"""XLSX read safely: the archive is looked at before it is opened, hidden sheets are left alone, nothing is computed.

`data/structure.py` finds the parts and the number formats; the cells are read by `data/markup.py`, which keeps line
numbers and merged areas and never believes the written dimension.
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError

from data.spreadsheets.markup import ForbiddenMarkup, TooLarge, read_cells, read_strings
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.sheets import Sheet
from data.spreadsheets.structure import Structure, part_names, read_structure

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
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What the archive and the parsers raise on a workbook that is damaged or made up."""


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """Return the visible sheets of a workbook in their order, or raise RefusedFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive)
            _refuse_doctype(archive)
            return _sheets(archive)
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
    names = part_names(archive)
    if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
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


def _sheets(archive: zipfile.ZipFile) -> tuple[Sheet, ...]:
    structure = read_structure(archive)
    if not structure.parts:
        raise RefusedFile("В книге нет видимых листов с ячейками: отобразите лист с таблицей.")
    strings = _shared_strings(archive, structure)
    sheets = []
    for part in structure.parts:
        with archive.open(part.path) as stream:
            sheets.append(read_cells(part.title, stream, strings, structure.shapes, structure.mac_dates))
    return tuple(sheets)


def _shared_strings(archive: zipfile.ZipFile, structure: Structure) -> list[str]:
    if structure.strings is None:
        return []
    with archive.open(structure.strings) as stream:
        return read_strings(stream)
