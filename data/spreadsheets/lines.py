"""One row of a table as its planner sees it: values by field, and a fault for each cell that cannot be taken."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from data.progress import Progress
from data.reference.spellings import listed
from data.reference.words import code, file_words, unknown
from data.spreadsheets import cells as read
from data.spreadsheets import names
from data.spreadsheets.cells import Bad, Born, Cell
from data.spreadsheets.days import Order
from data.spreadsheets.headers import Columns
from data.spreadsheets.opening import Opened
from data.spreadsheets.plan import CellFault

ValueT = TypeVar("ValueT")

TEXT_LIMIT: Final = 1_000
CODE_LIMIT: Final = 64
SHOWN_LIMIT: Final = 200
REPORTED: Final = 1_000
"""A planner tells about its progress after each so many rows."""


@dataclass(slots=True)
class Entry:
    """A row of the file. Reading a field returns None where the cell is blank or bad; a bad one adds a fault."""

    line: int
    cells: tuple[Cell, ...]
    opened: Opened
    faults: list[CellFault] = field(default_factory=list)

    @property
    def columns(self) -> Columns:
        return self.opened.columns

    def cell(self, field: str) -> Cell:
        """Return the cell of a field, None where the file has no such column or the cell says nothing.

        Where a title above the row speaks for a column that the file does not have, it is the cell.
        """
        index = self.opened.columns.fields.get(field)
        if index is None:
            said = self.opened.blocks.get(self.line) if self.opened.blocks else None
            return said.get(field) if said else None
        if index >= len(self.cells):
            return None
        cell = self.cells[index]
        return None if read.is_blank(cell) else cell

    def blame(self, field: str, code: str, message: str, value: Cell = None) -> None:
        """Add a fault of a field; the value is the cell's own unless another is given."""
        self.blame_column(self.columns.name(field), code, message, self.cell(field) if value is None else value)

    def blame_column(self, column: str, code: str, message: str, value: Cell) -> None:
        """Add a fault of a column by its name."""
        self.faults.append(CellFault(self.line, column, read.shown(value)[:SHOWN_LIMIT], code, message))

    def text(self, field: str, limit: int = TEXT_LIMIT) -> str | None:
        return self._read(field, lambda cell: read.text(cell, limit))

    def name(self, field: str) -> str | None:
        """Return a text that names a person or a place, with its look-alikes as a person answered."""
        text = self.text(field)
        if text is None or self.opened.columns.fields.get(field) not in self.opened.reading.russian:
            return text
        return names.looks_russian(text)

    def identifier(self, field: str, limit: int = CODE_LIMIT) -> str | None:
        return self._read(field, lambda cell: read.identifier(cell, limit))

    def years(self, field: str, most: float) -> float | None:
        return self._read(field, lambda cell: _bounded(read.years(cell), most))

    def number(self, field: str, least: float, most: float | None = None) -> float | None:
        return self._read(field, lambda cell: read.bounded(cell, least, most))

    def whole(self, field: str, least: int, most: int | None = None) -> int | None:
        return self._read(field, lambda cell: read.whole(read.without_unit(cell), least, most))

    def day(self, field: str) -> date | None:
        reading, index = self.opened.reading, self.opened.columns.fields.get(field, -1)
        order: Order = "month_first" if index in reading.month_first else "day_first"
        return self._read(field, lambda cell: read.day(cell, reading.mac_dates, order, index in reading.next_day))

    def born(self, field: str) -> Born | None:
        reading, index = self.opened.reading, self.opened.columns.fields.get(field, -1)
        order: Order = "month_first" if index in reading.month_first else "day_first"
        return self._read(field, lambda cell: read.born(cell, reading.mac_dates, order))

    def word(self, field: str, group: str, called: str = "значения") -> str | None:
        """Return the code of a word from a closed list; another word is a fault that names the known ones."""
        text = self.text(field)
        found = None if text is None else code(group, text)
        if text is not None and found is None:
            self.blame(field, "unknown_word", unknown(text[:SHOWN_LIMIT], file_words(group), called))
        return found

    def listed_word(self, field: str, known: Mapping[str, ValueT]) -> ValueT | None:
        """Return the value of a word from a list of the table itself; another is a fault that names the known ones."""
        text = self.text(field)
        found = None if text is None else known.get(read.key(text))
        if text is not None and found is None:
            self.blame(field, "unknown_word", unknown(text[:SHOWN_LIMIT], tuple(known)))
        return found

    def words(self, field: str, group: str, separators: str = ";") -> tuple[str, ...] | None:
        """Return the codes of several words from a closed list, each once."""
        found: dict[str, None] = {}
        for part in self.parts(field, separators) or ():
            known = code(group, part)
            if known is None:
                self.blame(field, "unknown_word", unknown(part[:SHOWN_LIMIT], file_words(group)))
            else:
                found[known] = None
        return tuple(found) or None

    def yes(self, field: str) -> bool | None:
        """Return whether a cell says «да»; anything but «да» and «нет» is a fault."""
        text = self.text(field)
        if text is None:
            return None
        said = {name: read.key(text).rstrip(".") in listed(name) for name in ("consents", "refusals")}
        if any(said.values()):
            return said["consents"]
        self.blame(field, "unknown_word", unknown(text[:SHOWN_LIMIT], ("да", "нет")))
        return None

    def parts(self, field: str, separators: str = ";,", limit: int = TEXT_LIMIT) -> tuple[str, ...] | None:
        """Return the parts of a text between separators, each once and none empty; None where there is none."""
        text = self.text(field, limit)
        if text is None:
            return None
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        found: dict[str, str] = {}
        for part in text.split(separators[0]):
            if part.strip() and not read.is_blank(part.strip()):
                found.setdefault(read.key(part), part.strip())
        return tuple(found.values()) or None

    def _read(self, field: str, reader: Callable[[Cell], ValueT | Bad]) -> ValueT | None:
        cell = self.cell(field)
        if cell is None:
            return None
        value = reader(cell)
        if isinstance(value, Bad):
            self.blame(field, value.code, value.message, cell)
            return None
        return value

    def need(self, field: str, value: ValueT | None, code: str, message: str) -> None:
        """Add a fault if a required field is blank; one that is bad was blamed already."""
        if value is None and self.cell(field) is None:
            self.blame(field, code, message)


def _bounded(value: float | Bad, most: float) -> float | Bad:
    return value if isinstance(value, Bad) else read.bounded(value, 0, most)


def entries(opened: Opened, progress: Progress | None = None) -> Iterator[Entry]:
    """Yield the rows of data, with a fault where their cells are not where they seem."""
    total = len(opened.rows)
    for done, (line, cells) in enumerate(opened.rows):
        if progress is not None and done % REPORTED == 0:
            progress(done, total)
        entry = Entry(line, cells, opened)
        for wrong in opened.misplaced.get(line, ()):
            entry.blame_column(wrong.column, wrong.code, wrong.message, wrong.value)
        yield entry
    if progress is not None:
        progress(total, total)
