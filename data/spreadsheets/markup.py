"""Cells and strings out of the XML parts of a workbook, as a stream: no tree is built, no entity is ever resolved."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Any, Final, cast
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from data.spreadsheets.cells import BROKEN, ERRORS, UNCALCULATED, Cell, cleaned, shown
from data.spreadsheets.sheets import MOST_COLUMNS, MOST_ROWS, Merge, Row, Sheet, trimmed

Shape = Callable[[int | float], Cell]
"""What the number of a cell becomes under the format of its style."""

MOST_STRINGS: Final = 4_000_000
MOST_STRAYS: Final = 20
"""More cells than these beyond the last column are no notes beside a table but a table that is too wide."""
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_ROW: Final = _MAIN + "row"
_CELL: Final = _MAIN + "c"
_VALUE: Final = _MAIN + "v"
_TEXT: Final = _MAIN + "t"
_FORMULA: Final = _MAIN + "f"
_PHONETIC: Final = _MAIN + "rPh"
_MERGE: Final = _MAIN + "mergeCell"
_STRING: Final = _MAIN + "si"
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ZEROS: Final = re.compile("0{2,}")
_CHUNK: Final = 1 << 16
_REMEMBERED: Final = 1 << 18


class ForbiddenMarkup(Exception):
    """A part declares a document type or an entity."""


class TooLarge(Exception):
    """A sheet has more rows, columns or strings than a table of people can have; the message is Russian."""


def shape_of(number_format: str, is_date: bool, is_duration: bool, mac_dates: bool) -> Shape:
    """Return what a number format makes of a number: itself, a date, per cent as a text, or zeros before it."""
    if is_date or is_duration:
        epoch = CALENDAR_MAC_1904 if mac_dates else CALENDAR_WINDOWS_1900
        return lambda value: _date(value, epoch, is_duration)
    if "%" in _QUOTED.sub("", number_format):
        return lambda value: f"{round(value * 100, 10):.15g}%"
    if _ZEROS.fullmatch(number_format):
        width = len(number_format)
        return lambda value: str(value).zfill(width) if isinstance(value, int) else value
    return lambda value: value


def _date(value: int | float, epoch: datetime, is_duration: bool) -> Cell:
    try:
        moment = from_excel(value, epoch, timedelta=is_duration)
    except (OverflowError, ValueError):
        return BROKEN
    if isinstance(moment, datetime) and moment.time() == datetime.min.time():
        return moment.date()
    return cast(Cell, moment)


def read_cells(
    title: str, stream: IO[bytes], strings: Sequence[str], shapes: Sequence[Shape], mac_dates: bool
) -> Sheet:
    """Return the sheet that a part describes; `strings` are the shared ones, `shapes` go by style id."""
    reader = _SheetReader(strings, shapes)
    reader.read(stream)
    return Sheet(
        title,
        tuple(reader.rows),
        tuple(reader.merges),
        mac_dates,
        hidden=frozenset(reader.hidden),
        strays=tuple(reader.strays),
    )


def read_strings(stream: IO[bytes]) -> list[str]:
    """Return the cleaned strings of the shared part, without the reading aids of ideograms."""
    reader = _StringReader()
    reader.read(stream)
    return reader.strings


class _Reader:
    """The part that both readers share: safe parsing, and collecting the characters of wanted elements."""

    def __init__(self) -> None:
        self.parser: Any = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = _forbid
        self.pieces: list[str] = []
        self.collect = self.pieces.append
        self.phonetic = False

    def read(self, stream: IO[bytes]) -> None:
        while chunk := stream.read(_CHUNK):
            self.parser.Parse(chunk)
        self.parser.Parse(b"", True)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    def listen(self) -> None:
        if not self.phonetic:
            self.parser.CharacterDataHandler = self.collect

    def taken(self) -> str:
        pieces = self.pieces
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        pieces.clear()
        return text


class _StringReader(_Reader):
    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _TEXT:
            self.listen()
        elif tag == _PHONETIC:
            self.phonetic = True

    def end(self, tag: str) -> None:
        self.parser.CharacterDataHandler = None
        if tag == _PHONETIC:
            self.phonetic = False
        elif tag == _STRING:
            self.strings.append(_text(self.taken()))
            if len(self.strings) > MOST_STRINGS:
                raise TooLarge(f"В книге больше {MOST_STRINGS} разных текстов")


class _SheetReader(_Reader):
    def __init__(self, strings: Sequence[str], shapes: Sequence[Shape]) -> None:
        super().__init__()
        self.strings, self.shapes = strings, shapes
        self.rows: list[Row] = []
        self.merges: list[Merge] = []
        self.hidden: list[int] = []
        self.strays: list[str] = []
        self.line = 0
        self.column = -1
        self.cells: list[Cell] = []
        self.attributes: dict[str, str] = {}
        self.formula = False
        # Equal texts and numbers of a long file share one value, and are cleaned once.
        self.seen: dict[tuple[str | None, str | None, str], Cell] = {}
        self.columns: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _CELL:
            self.attributes, self.formula = attributes, False
        elif tag in (_VALUE, _TEXT):
            self.listen()
        elif tag == _FORMULA:
            self.formula = True
        elif tag == _ROW:
            self._begin_row(attributes.get("r"), attributes.get("hidden") in ("1", "true"))
        elif tag == _PHONETIC:
            self.phonetic = True
        elif tag == _MERGE:
            left, top, right, bottom = (bound or 0 for bound in range_boundaries(attributes["ref"]))
            self.merges.append(Merge(top, bottom, left - 1, right - 1))

    def end(self, tag: str) -> None:
        if tag in (_VALUE, _TEXT):
            self.parser.CharacterDataHandler = None
        elif tag == _CELL:
            self._end_cell()
        elif tag == _ROW:
            self._end_row()
        elif tag == _PHONETIC:
            self.phonetic = False

    def _begin_row(self, number: str | None, hidden: bool) -> None:
        line = self.line + 1 if number is None else int(number)
        if line <= self.line:
            raise ValueError(f"line {line} follows line {self.line}")
        self.line, self.column, self.cells = line, -1, []
        if hidden:
            self.hidden.append(line)

    def _end_row(self) -> None:
        cells = trimmed(self.cells)
        if cells:
            self.rows.append((self.line, cells))
        if len(self.rows) > MOST_ROWS:
            raise TooLarge(f"На листе больше {MOST_ROWS} строк")

    def _end_cell(self) -> None:
        reference = self.attributes.get("r")
        self.column = self.column + 1 if reference is None else self._column_of(reference)
        text = self.taken()
        if not text and not self.formula:
            return
        kind, style = self.attributes.get("t"), self.attributes.get("s")
        remembered = (kind, style, text)
        value = self.seen.get(remembered)
        if value is None:
            value = self._value(kind, style, text)
            if len(self.seen) < _REMEMBERED:
                self.seen[remembered] = value
        if value is not None:
            self._put(value)

    def _put(self, value: Cell) -> None:
        if self.column >= MOST_COLUMNS:
            self._note_stray(value)
            return
        missing = self.column - len(self.cells)
        if missing == 0:
            self.cells.append(value)
            return
        if missing > 0:
            self.cells.extend([None] * (missing + 1))
        self.cells[self.column] = value

    def _note_stray(self, value: Cell) -> None:
        """Keep a note far beside the table by its address; where they are many, the table itself is too wide."""
        self.strays.append(f"{get_column_letter(self.column + 1)}{self.line} «{shown(value)[:40]}»")
        if len(self.strays) > MOST_STRAYS:
            raise TooLarge(f"На листе больше {MOST_COLUMNS} столбцов")

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            self.columns[letters] = column_index_from_string(letters) - 1
        return self.columns[letters]

    def _value(self, kind: str | None, style: str | None, text: str) -> Cell:
        """Return the stored value of a cell; a formula that nobody calculated is an error and not an empty cell."""
        if kind in ("str", "inlineStr", "d"):
            return _text(text) or None
        if not text:
            return UNCALCULATED
        if kind == "s":
            return self.strings[int(text)] or None
        if kind == "b":
            return text.strip() == "1"
        if kind == "e":
            return text if text in ERRORS else BROKEN
        return self._number(text, int(style or 0))

    def _number(self, text: str, style: int) -> Cell:
        try:
            value = int(text) if text.lstrip("-").isdigit() else float(text)
        except ValueError:
            return BROKEN
        if not math.isfinite(value):
            return BROKEN
        return self.shapes[style](value) if style < len(self.shapes) else value


def _text(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return cleaned(text)


def _forbid(*_: Any) -> None:
    raise ForbiddenMarkup
