"""CSV as it comes out of Excel, 1C and web forms: seven encodings, four delimiters, records of several lines."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from data.spreadsheets.cells import Cell, cleaned, header_key, unprotected
from data.spreadsheets.encodings import encoding_of
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.schemas import COLUMN_NAMES
from data.spreadsheets.sheets import MOST_COLUMNS, MOST_ROWS, Row, Sheet, trimmed

DELIMITERS: Final = (";", ",", "\t", "|")
LOOKED_AT: Final = 200
"""How many lines the choice of the delimiter looks at: titles and a header fit into them with room to spare."""

_NOT_TEXT: Final = "Внутри не текст: сохраните таблицу из Excel как «Книга Excel (.xlsx)» или «CSV UTF-8»."


def read_delimited(path: Path) -> Sheet:
    """Return a CSV file as a sheet without a title, or raise RefusedFile."""
    encoding = encoding_of(path) or _refuse(_NOT_TEXT)
    with path.open(encoding=encoding, newline="") as stream:
        start = list(islice(stream, LOOKED_AT))
    announced = _announced_delimiter(start[0]) if start else None
    before = 0 if announced is None else 1
    delimiter = announced or _likely_delimiter(start[before:])
    with path.open(encoding=encoding, newline="") as stream:
        written: dict[int, int] = {}
        rows = tuple(_rows(islice(stream, before, None), delimiter, before, written))
    if not rows:
        raise RefusedFile("Файл пустой: выберите файл с таблицей.")
    return Sheet(None, rows, delimiter=delimiter, encoding=encoding, written=written)


def _refuse(sentence: str) -> str:
    raise RefusedFile(sentence)


def _announced_delimiter(line: str) -> str | None:
    match = re.fullmatch(r'"?sep=([;,\t|])"?[;,\t|]*', line.strip("\ufeff\r\n "), re.IGNORECASE)
    return match[1] if match else None


def _likely_delimiter(lines: list[str]) -> str:
    """Return the delimiter under which a line has the most known column names, then the most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        records = list(_lenient_records(lines, delimiter))
        known = (sum(header_key(cell) in COLUMN_NAMES for cell in record) for record in records)
        return max(known, default=0), sum(map(len, records))

    return max(DELIMITERS, key=score)


def _lenient_records(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    # Cut off in the middle of the file, or read with a wrong delimiter, a field may well never end: that says nothing.
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _rows(stream: Iterable[str], delimiter: str, before: int, written: dict[int, int]) -> Iterator[Row]:
    """Yield the rows; behind a comma a blank field at the end of a line may hide a shift, and `written` counts it."""
    seen: dict[str, Cell] = {}
    for count, (line, record) in enumerate(_records(stream, delimiter, before)):
        if count >= MOST_ROWS:
            _refuse(f"В файле больше {MOST_ROWS} строк: разделите таблицу на части.")
        cells = trimmed([seen[raw] if raw in seen else _cell(raw, seen) for raw in record])
        if len(cells) > MOST_COLUMNS:
            _refuse(f"В строке {line} больше {MOST_COLUMNS} столбцов: проверьте разделитель.")
        if cells:
            if delimiter == "," and len(record) > len(cells):
                written[line] = len(record)
            yield line, cells


def _cell(raw: str, seen: dict[str, Cell]) -> Cell:
    """Return a cleaned cell; `seen` lets equal cells of a long file share one text."""
    value = unprotected(cleaned(raw))
    if len(value) > 1 and value[0] == "'" and value[1] in "=+-@":
        value = value[1:]  # The apostrophe that keeps spreadsheets from taking a text for a formula is no part of it.
    if len(seen) < 1 << 18:
        seen[raw] = value or None
    return value or None


def _records(stream: Iterable[str], delimiter: str, before: int) -> Iterator[tuple[int, list[str]]]:
    """Yield records with the physical line on which each begins; `before` lines were taken off already."""
    pending: list[str] = []

    def lines() -> Iterator[str]:
        for line in stream:
            pending.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    while True:
        line = reader.line_num + before + 1
        try:
            record = next(reader, None)
            if len(pending) > 1:
                # A quotation mark that nobody closed swallows the rows after it: only strict reading notices.
                list(csv.reader(pending, delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise RefusedFile(f"В строке {line} открыта кавычка, которая не закрыта: исправьте её.") from error
        if record is None:
            return
        pending.clear()
        yield line, record
