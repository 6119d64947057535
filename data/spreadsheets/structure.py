"""What a workbook consists of: its visible sheets, its shared strings and the number formats of its styles.

Only what decides about values is read, so that an odd fill or font refuses nothing; names of parts are compared without
case and with «\\» as «/», as 1С and old archivers write them.
"""

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

from openpyxl.styles.numbers import (
    BUILTIN_FORMATS,
    is_date_format,
    is_timedelta_format,
)

from data.spreadsheets.cells import cleaned
from data.spreadsheets.markup import ForbiddenMarkup, Shape, shape_of

_OFFICE: Final = "/officeDocument"
_WORKSHEET: Final = "/worksheet"
_STRINGS: Final = "/sharedStrings"
_STYLES: Final = "/styles"
_CHUNK: Final = 1 << 16

Element = tuple[str, dict[str, str]]
"""An element by its local name and attributes, whose names are local too."""


@dataclass(frozen=True, slots=True)
class Part:
    """A visible sheet and where it lies in the archive."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Structure:
    """What must be known to read the cells: sheets in order, the part of strings, what styles make of numbers."""

    parts: tuple[Part, ...]
    strings: str | None
    shapes: tuple[Shape, ...]
    mac_dates: bool


def read_structure(archive: zipfile.ZipFile) -> Structure:
    """Return the structure of a workbook; a LookupError says that a part is missing."""
    names = part_names(archive)
    book = next(target for kind, target in _relations(archive, names, "").values() if kind.endswith(_OFFICE))
    relations = _relations(archive, names, book)
    sheets, mac_dates = _sheets(archive, names, book)
    parts = [
        Part(cleaned(title), names[relations[link][1].lower()])
        for title, link in sheets
        if link in relations and relations[link][0].endswith(_WORKSHEET) and relations[link][1].lower() in names
    ]
    styles, strings = (_target(relations, names, kind) for kind in (_STYLES, _STRINGS))
    shapes = _shapes(archive, styles, mac_dates) if styles else ()
    return Structure(tuple(parts), strings, shapes, mac_dates)


def part_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the names of the parts as the archive writes them by how they are compared."""
    return {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}


def _relations(archive: zipfile.ZipFile, names: Mapping[str, str], part: str) -> dict[str, tuple[str, str]]:
    """Return kinds and targets of the relations of a part by their ids."""
    folder, name = posixpath.split(part)
    path = names[posixpath.join(folder, "_rels", f"{name}.rels").lower()]
    found = {}
    for tag, given in _elements(archive, path):
        if tag == "Relationship" and given.get("TargetMode") != "External":
            target = given["Target"].replace("\\", "/")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            found[given["Id"]] = (given["Type"], posixpath.normpath(whole).lstrip("/"))
    return found


def _target(relations: Mapping[str, tuple[str, str]], names: Mapping[str, str], kind: str) -> str | None:
    return next((names.get(target.lower()) for found, target in relations.values() if found.endswith(kind)), None)


def _sheets(archive: zipfile.ZipFile, names: Mapping[str, str], book: str) -> tuple[list[tuple[str, str]], bool]:
    """Return titles and relation ids of the visible sheets, and whether days count from 1904."""
    sheets, mac_dates = [], False
    for tag, given in _elements(archive, names[book.lower()]):
        if tag == "workbookPr":
            mac_dates = given.get("date1904", "0").lower() in ("1", "true", "on")
        elif tag == "sheet" and given.get("state", "visible") == "visible":
            sheets.append((given["name"], given["id"]))
    return sheets, mac_dates


def _shapes(archive: zipfile.ZipFile, path: str, mac_dates: bool) -> tuple[Shape, ...]:
    """Return what each cell style makes of a number, in the order of style ids."""
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    inside = ""
    for tag, given in _elements(archive, path):
        if tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            inside = tag
        elif tag == "numFmt" and inside != "dxfs" and given.get("numFmtId", "").isdecimal():
            formats[int(given["numFmtId"])] = given.get("formatCode", "General")
        elif tag == "xf" and inside == "cellXfs":
            written = given.get("numFmtId", "0")
            styles.append(int(written) if written.isdecimal() else 0)
    made = {number: _shape(formats.get(number, "General"), mac_dates) for number in set(styles)}
    return tuple(made[number] for number in styles)


def _shape(number_format: str, mac_dates: bool) -> Shape:
    return shape_of(number_format, is_date_format(number_format), is_timedelta_format(number_format), mac_dates)


def _elements(archive: zipfile.ZipFile, path: str) -> Iterator[Element]:
    """Yield the elements of a part in their order; a document type or an entity is never allowed."""
    found: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append((_local(tag), {_local(name): value for name, value in attributes.items()}))

    parser: Any = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _forbid
    with archive.open(path) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    yield from found


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _forbid(*_: Any) -> None:
    raise ForbiddenMarkup
