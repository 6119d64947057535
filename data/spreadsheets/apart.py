"""Rows under a header that are no data: repeated headers, numbering, totals, vacancies, signatures, titles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from data.reference.spellings import beginning
from data.spreadsheets.cells import Cell, header_key, key, shown
from data.spreadsheets.names import is_district, is_person, is_school

KINDS: Final[Mapping[str, str]] = {
    "header": "заголовок повторён",
    "numbering": "нумерация столбцов",
    "total": "итог, а не строка данных",
    "minimum": "итог, а не строка данных",
    "vacancy": "вакансия, а не человек",
    "signature": "подпись под таблицей",
    "title": "заголовок блока",
    "note": "примечание",
    "maxima": "строка максимумов",
}
FEW: Final = 2
"""A signature or a note fills no more cells than this."""
_LEAST_NUMBERS: Final = 3
_LINE: Final = re.compile(r"_{3,}|\(подпись\)|/\s*_+\s*/")


@dataclass(frozen=True)
class Layout:
    """What must be known of a header to tell rows apart: keys of the headings, known columns, and where names stand.

    `needed` are columns of which data fill at least one beside their first text; `people`: rows are about people.
    """

    headings: tuple[frozenset[str], ...]
    columns: frozenset[int]
    names: tuple[int, ...]
    needed: tuple[int, ...]
    people: bool
    identifier: int | None = None


def kind_of(cells: Sequence[Cell], layout: Layout) -> str | None:
    """Return why a row is no data (a key of `KINDS`), None if it is one."""
    first = next((place for place, cell in enumerate(cells) if cell is not None), None)
    if first is None:
        return None
    place = next((one for one in layout.names if one < len(cells) and cells[one] is not None), first)
    filled = len(cells) - cells.count(None)
    if _repeats(cells, layout, place):
        return "header"
    if _numbers(cells, filled):
        return "numbering"
    return _kind_of_texts(cells, layout, (place, first), filled)


def _kind_of_texts(cells: Sequence[Cell], layout: Layout, places: tuple[int, int], filled: int) -> str | None:
    for place in dict.fromkeys((*places, *_first_text(cells, places))):
        cell = cells[place]
        if not isinstance(cell, str):
            continue
        kind = _kind_of_text(key(cell.strip("*«»\"' ")), cell, cells, layout, filled)
        if kind:
            return kind
    return _lone(cells, places[1], layout) if filled == 1 and len(layout.columns) > 1 else None


def _first_text(cells: Sequence[Cell], places: tuple[int, int]) -> Sequence[int]:
    """Return the place of the first text where the row begins with a number, as numbered rows do."""
    if isinstance(cells[places[1]], str):
        return ()
    return [place for place, cell in enumerate(cells) if isinstance(cell, str)][:1]


def _kind_of_text(text: str, cell: str, cells: Sequence[Cell], layout: Layout, filled: int) -> str | None:
    plain = text.replace(".", " ").strip()
    for kind, words in (("maxima", "maxima"), ("minimum", "minima"), ("total", "totals")):
        if beginning(words).match(plain) and not _is_data(cell, cells, layout):
            return kind
    if layout.people and beginning("vacancies").match(plain):
        return "vacancy"
    signed = _LINE.search(cell) or (beginning("signatures").match(plain) and not _is_data(cell, cells, layout))
    return "signature" if filled <= FEW + 1 and signed else None


def _is_data(cell: str, cells: Sequence[Cell], layout: Layout) -> bool:
    """Tell whether a row is data although its first text begins like a total: it names a person, say."""
    if layout.people:
        if layout.identifier is not None and layout.identifier < len(cells):
            code = cells[layout.identifier]
            if code is not None and code != cell:
                return True
        named = [cells[place] for place in layout.names if place < len(cells)]
        return any(isinstance(name, str) and name != cell and is_person(name) for name in named)
    return any(place < len(cells) and cells[place] is not None and cells[place] != cell for place in layout.needed)


def _repeats(cells: Sequence[Cell], layout: Layout, place: int) -> bool:
    if place >= len(layout.headings) or not _same(cells[place], layout.headings[place]):
        return False
    pairs = [(cell, names) for cell, names in zip(cells, layout.headings, strict=False) if cell is not None]
    alike = sum(_same(cell, names) for cell, names in pairs)
    return alike >= FEW and 2 * alike > len(pairs)


def _same(cell: Cell, names: frozenset[str]) -> bool:
    return isinstance(cell, str) and header_key(cell) in names


def _numbers(cells: Sequence[Cell], filled: int) -> bool:
    """Tell whether a row only counts the columns: 1 2 3 …, perhaps after А Б В."""
    if filled < _LEAST_NUMBERS:
        return False
    said = [shown(cell) for cell in cells if cell is not None]
    letters = next((place for place, text in enumerate(said) if not (len(text) == 1 and text.isalpha())), len(said))
    numbers = said[letters:]
    if len(numbers) < _LEAST_NUMBERS - 1 or not all(text.isdecimal() for text in numbers):
        return False
    start = int(numbers[0])
    return start <= letters + 1 and all(int(text) == start + step for step, text in enumerate(numbers))


def _lone(cells: Sequence[Cell], place: int, layout: Layout) -> str | None:
    """Return what a row of one cell is: the title of the block below, a note, or data that lacks the rest (None)."""
    cell = cells[place]
    if not isinstance(cell, str) or (place == layout.identifier and " " not in cell):
        return None
    if not layout.people:
        return "note" if place not in layout.columns else None
    if is_school(cell) or is_district(cell):
        return "title"
    own = place in layout.names or place in layout.needed
    return None if own and (is_person(cell) or " " not in cell) else "note"


def left_out(kind: str, line: int, cells: Sequence[Cell]) -> str:
    """Return the sentence about a row that was left out."""
    said = next((shown(cell) for cell in cells if isinstance(cell, str)), "")
    told = f" «{said[:80]}»" if said else ""
    return f"Строка {line}{told} не читается: {KINDS[kind]}."
