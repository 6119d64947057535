"""The header of a sheet: where it is, how its columns are called, and what each column was taken for."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Final

from data.spreadsheets.cells import Bad, Cell, header_key, key, number, shown
from data.spreadsheets.headings import Guess, codes_of, named_competency, named_field, near_competency, near_field
from data.spreadsheets.names import LATIN, RUSSIAN
from data.spreadsheets.plan import RefusedFile
from data.spreadsheets.schemas import EXPORTS, TABLES, Table
from data.spreadsheets.sheets import Merge, Sheet
from recommender.framework import Framework

TITLES: Final = 30
"""How many rows from the top are looked at for a header that was seen before."""
LOOKED_AT: Final = 200
"""How many rows from the top may come before the header."""
_LOOK_ALIKES: Final = str.maketrans(LATIN, RUSSIAN)
IGNORED: Final = ""
"""What a person maps a column to when it shall not be read."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of one column; `lower` is empty unless the header has two rows."""

    upper: str
    lower: str = ""

    @property
    def name(self) -> str:
        """Return the name as faults print it: «upper / lower» in a header of two rows."""
        return f"{self.upper} / {self.lower}" if self.upper and self.lower else self.upper or self.lower

    @property
    def own(self) -> str:
        """Return the part of the name that belongs to this column alone."""
        return self.lower or self.upper


@dataclass(frozen=True)
class CompetencyNames:
    """Codes of a framework by everything that a column or a cell may call them."""

    framework: Framework

    @cached_property
    def _codes(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for competency in self.framework.competencies:
            for name in (competency.code, competency.title):
                found.setdefault(key(name), {})[competency.code] = None
        return {name: tuple(codes) for name, codes in found.items()}

    @cached_property
    def _exact(self) -> Mapping[str, str]:
        return codes_of(self.framework)

    def nearly(self, heading: Heading) -> Guess | None:
        """Return the competency that a heading names beside other things."""
        return named_competency(heading.own, self.framework, self._exact)

    def codes(self, text: str) -> tuple[str, ...]:
        """Return the codes that bear a text as their code or exact title; several share a title now and then."""
        return self._codes.get(key(text), ())

    def find(self, text: str) -> str | Bad:
        """Return the code that a cell means, or why there is none; letters that only look alike are not guessed."""
        codes = self.codes(text)
        if len(codes) == 1:
            return codes[0]
        if codes:
            return Bad("competency_ambiguous", f"«{text}» – название компетенций {', '.join(codes)}: укажите код")
        meant = self.codes(text.translate(_LOOK_ALIKES))
        hint = " (в написании есть латинские буквы, похожие на русские)" if meant else ""
        is_code = " " not in text and any(letter.isdigit() for letter in text)
        return Bad("competency_unknown", f"компетенции {text if is_code else f'«{text}»'} нет{hint}")

    def of_heading(self, heading: Heading) -> tuple[str, ...]:
        """Return the codes a column may mean; of several under one title the group above it picks its area."""
        codes = self.codes(heading.name) or self.codes(heading.own) or self.codes(heading.own.rstrip(".: "))
        if len(codes) > 1 and heading.lower:
            areas = self.framework.by_code
            codes = tuple(code for code in codes if key(areas[code].area) == key(heading.upper)) or codes
        return codes


@dataclass(frozen=True)
class Names:
    """Everything that a column of one table may be called, with what a person mapped by hand before all else."""

    table: Table
    competencies: CompetencyNames | None
    by_hand: Mapping[str, str]

    @cached_property
    def _fields(self) -> Mapping[str, str]:
        return {header_key(name): field for field, names in self.table.fields.items() for name in names}

    def meaning(self, heading: Heading) -> str | None:
        """Return the field or competency code of a column, IGNORED where a person said so, None if unknown."""
        for name in (heading.name, heading.own):
            if (chosen := self.by_hand.get(header_key(name))) is not None:
                return chosen
        for name in (heading.name, heading.own):
            if field := self._fields.get(header_key(name)):
                return field
        codes = self.competencies.of_heading(heading) if self.competencies else ()
        if len(codes) > 1:
            raise RefusedFile(
                f"Столбец «{heading.name}»: так называются компетенции {', '.join(codes)}. Назовите столбец кодом."
            )
        return codes[0] if codes else None

    @cached_property
    def _others(self) -> Mapping[str, tuple[str, int]]:
        return {
            header_key(name): (field, rank)
            for field, names in self.table.others.items()
            for rank, name in enumerate(names)
        }

    def other(self, heading: Heading) -> tuple[str, int] | None:
        """Return the field that a heading is another name of, and how soon it is taken among the names of the field."""
        return next(
            (found for name in (heading.name, heading.own) if (found := self._others.get(header_key(name)))), None
        )

    def nearly(self, heading: Heading) -> Guess | None:
        """Return what a heading names beside a unit, a title or a prefix."""
        found = self.competencies.nearly(heading) if self.competencies else None
        return found or named_field(heading.own, self._fields)

    def guess(self, heading: Heading) -> Guess | None:
        """Return what a heading that nobody knows is likely to mean."""
        found = self.nearly(heading)
        if found is None and self.competencies:
            found = near_competency(heading.own, self.competencies.framework)
        return found or near_field(heading.own, self._fields)

    def knows(self, heading: Heading) -> bool:
        """Tell whether a heading says what its column is."""
        meaning = self.meaning(heading)
        return meaning != IGNORED and (meaning is not None or self.other(heading) is not None)


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns in their order, the index of the first row of data, and how many rows the names take."""

    headings: tuple[Heading, ...]
    data: int
    height: int = 1


@dataclass(frozen=True)
class Columns:
    """What the columns of a sheet are for one table; `competencies` pairs codes with indexes in a wide table.

    `guessed` are columns by index whose heading is nearly known: sure ones are read, of the others a person is asked.
    """

    table: Table
    header: Header
    fields: Mapping[str, int]
    competencies: tuple[tuple[str, int], ...]
    ignored: tuple[str, ...]
    guessed: Mapping[int, Guess] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def called(self, meaning: str) -> str:
        """Return how people call a field or a competency."""
        if meaning in self.table.fields:
            return self.table.fields[meaning][0]
        return f"{meaning} {self.titles[meaning]}" if meaning in self.titles else meaning

    def name(self, field: str) -> str:
        """Return how the file calls a field; a column that is not there is called as blank forms do."""
        index = self.fields.get(field)
        return self.table.fields[field][0] if index is None else self.header.headings[index].name

    @property
    def taken(self) -> Mapping[str, str]:
        """Return what each known column was taken for, as the preview shows it."""
        headings = self.header.headings
        pairs = (
            *((index, field) for field, index in self.fields.items()),
            *((i, code) for code, i in self.competencies),
        )
        return {headings[index].name: meaning for index, meaning in sorted(pairs)}


def header_digest(sheet: Sheet, first: int, height: int) -> str:
    """Return what a header is found again by: a digest of its names, whatever their case, dots and spaces."""
    rows = sheet.rows[first : first + height]
    names = "\n".join(header_key(shown(cell)) for _, cells in rows for cell in cells if cell is not None)
    return hashlib.sha256(names.encode()).hexdigest()


def possible_headers(sheet: Sheet) -> Iterator[str]:
    """Yield digests of the rows near the top, alone and in pairs: one of them is that of the header."""
    for first in range(min(len(sheet.rows), TITLES)):
        for height in (1, 2):
            yield header_digest(sheet, first, height)


def names_of(table: Table, framework: Framework | None = None, mapping: Mapping[str, str] | None = None) -> Names:
    """Return the names of a table; a mapping by hand to anything but its fields and competencies is refused."""
    competencies = CompetencyNames(framework) if framework is not None and table.wide else None
    by_hand = {}
    for header, meaning in (mapping or {}).items():
        known = meaning == IGNORED or meaning in table.fields
        if not known and not (competencies and framework and meaning in framework.by_code):
            raise RefusedFile(f"Столбец «{header}» сопоставлен с «{meaning}», а такого поля в таблице нет.")
        by_hand[header_key(header)] = meaning
    return Names(table, competencies, by_hand)


def find_header(sheet: Sheet, names: Names) -> Header | None:
    """Return the first row – or pair of rows under one another – with enough known column names, or None."""
    last = sheet.rows[min(len(sheet.rows), LOOKED_AT) - 1][0] if sheet.rows else 0
    merges = [merge for merge in sheet.merges if merge.first_line <= last]
    for index, (_, cells) in enumerate(islice(sheet.rows, LOOKED_AT)):
        pair = _two_rows(sheet, index, names, merges)
        if pair is not None and _known(pair, names) >= names.table.least:
            return Header(pair, index + 2, height=2)
        single = tuple(Heading(shown(cell)) for cell in cells)
        if _known(single, names) >= names.table.least:
            return Header(single, index + 1)
    return None


def columns_of(sheet: Sheet, names: Names) -> Columns:
    """Return the columns of a sheet, or raise RefusedFile: no header, no rows, or two columns for one thing."""
    header = find_header(sheet, names)
    if header is None:
        raise RefusedFile(_no_header(sheet, names))
    columns = _assigned(header, names)
    if missing := _missing(columns):
        raise RefusedFile(_lacking(sheet, columns, missing))
    if header.data >= len(sheet.rows):
        raise RefusedFile(f"{_title(sheet)}: под заголовком нет ни одной строки. Добавьте строки и загрузите ещё раз.")
    return columns


def recognise(sheet: Sheet, framework: Framework) -> str | None:
    """Return the name of the table that a sheet is, or None where no header of any table is found."""
    for table in TABLES.values():
        names = names_of(table, framework)
        header = find_header(sheet, names)
        if header is None:
            continue
        if table.name == "diagnostics" and any(_is_export(heading) for heading in header.headings):
            return table.name
        if not _missing(_assigned(header, names)):
            return table.name
    return None


def _is_export(heading: Heading) -> bool:
    return header_key(heading.own).startswith(EXPORTS)


def _known(headings: Sequence[Heading], names: Names) -> int:
    """Count the names of columns in a row; beside a known one those count too that have more to them than a name."""
    written = [heading for heading in headings if heading.own]
    known = sum(map(names.knows, written))
    if not 0 < known < names.table.least:
        return known
    return known + sum(1 for heading in written if not names.knows(heading) and names.nearly(heading))


def _assigned(header: Header, names: Names) -> Columns:
    taken = _by_name(header, names)
    open_places = [
        place
        for place, heading in enumerate(header.headings)
        if heading.own and place not in set(taken.values()) and names.meaning(heading) != IGNORED
    ]
    _add_others(taken, header, names, open_places)
    guessed = _guessed(taken, header, names, open_places)
    read = set(taken.values())
    ignored = [(i, heading.name) for i, heading in enumerate(header.headings) if heading.own and i not in read]
    fields = {meaning: index for meaning, index in taken.items() if meaning in names.table.fields}
    # In a long table a column that is called like a competency is a column that the format does not know.
    wide = "competency" not in fields
    competencies = tuple((meaning, index) for meaning, index in taken.items() if meaning not in fields)
    if not wide:
        ignored = sorted([*ignored, *((index, header.headings[index].name) for _, index in competencies)])
        guessed = {place: guess for place, guess in guessed.items() if guess.meanings[0] in names.table.fields}
    titles = names.competencies.framework.by_code if names.competencies else {}
    return Columns(
        names.table,
        header,
        fields,
        competencies if wide else (),
        tuple(name for _, name in ignored),
        guessed,
        {code: competency.title for code, competency in titles.items()},
    )


def _by_name(header: Header, names: Names) -> dict[str, int]:
    """Return the columns that are called as the table calls them; two for one thing are refused."""
    taken: dict[str, int] = {}
    for index, heading in enumerate(header.headings):
        meaning = names.meaning(heading) if heading.own else None
        if meaning is None or meaning == IGNORED:
            continue
        if meaning in taken:
            other = header.headings[taken[meaning]].name
            raise RefusedFile(
                f"Столбцы «{other}» и «{heading.name}» значат одно и то же: оставьте один или сопоставьте их вручную."
            )
        taken[meaning] = index
    return taken


def _add_others(taken: dict[str, int], header: Header, names: Names, places: Sequence[int]) -> None:
    """Add columns under other names of fields that have none yet, the likeliest name of each field."""
    found = [(names.other(header.headings[place]), place) for place in places]
    for (name, _), place in sorted((named, place) for named, place in found if named is not None):
        whole = name in ("surname", "first_name", "patronymic") and "full_name" in taken
        if not whole:
            taken.setdefault(name, place)


def _guessed(taken: dict[str, int], header: Header, names: Names, places: Sequence[int]) -> dict[int, Guess]:
    """Return guesses about the columns that are left; a sure one is taken unless another column has its meaning."""
    guessed: dict[int, Guess] = {}
    for place in places:
        guess = None if place in taken.values() else names.guess(header.headings[place])
        if guess is None:
            continue
        meaning = guess.meanings[0]
        if guess.sure and meaning not in taken:
            taken[meaning] = place
            guessed[place] = guess
        elif meaning not in taken or meaning not in names.table.fields:
            guessed[place] = replace(guess, sure=False)
    return guessed


def _missing(columns: Columns) -> str | None:
    """Return the name of the first column without which the sheet cannot be this table."""
    for fields in columns.table.required:
        if not any(field in columns.fields for field in fields):
            return columns.table.fields[fields[0]][0]
    if columns.table.wide and "competency" not in columns.fields and not columns.competencies:
        return columns.table.fields["competency"][0]
    return None


def _two_rows(sheet: Sheet, index: int, names: Names, near: Sequence[Merge]) -> tuple[Heading, ...] | None:
    """Return the joined headings of a row and the one below it, or None unless they look like one header."""
    if index + 1 >= len(sheet.rows) or sheet.rows[index + 1][0] != sheet.rows[index][0] + 1:
        return None
    line, above = sheet.rows[index]
    width = max(len(above), len(sheet.rows[index + 1][1]))
    upper, lower = _padded(above, width), _padded(sheet.rows[index + 1][1], width)
    if sum(cell is not None for cell in upper) < 2 or not all(_is_name(cell) for cell in lower):
        return None
    merges = [m for m in near if m.first_line == line and m.last_line <= line + 1]
    groups = _groups(upper, lower, [m for m in merges if m.first_line == m.last_line])
    headings = tuple(Heading(shown(u), shown(low)) for u, low in zip(groups, lower, strict=True))
    owned = [
        (heading, low)
        for heading, cell, low in zip((Heading(shown(u)) for u in upper), upper, lower, strict=True)
        if cell is not None and names.knows(heading)
    ]
    covered = {shown(upper[m.first_column]) for m in merges if m.first_line == m.last_line and m.first_column < width}
    if any(low is not None and heading.upper not in covered for heading, low in owned):
        return None
    below = [heading for heading, cell in zip(headings, lower, strict=True) if cell is not None]
    grouped = len(below) > 1 or any(map(names.knows, below))
    return headings if merges or (owned and grouped) else None


def _groups(upper: Sequence[Cell], lower: Sequence[Cell], spans: Sequence[Merge]) -> list[Cell]:
    """Return the upper row with each group's name over all of its columns: by merges, else up to the next name."""
    groups = list(upper)
    for span in spans:
        for column in range(span.first_column, min(span.last_column + 1, len(groups))):
            groups[column] = upper[span.first_column]
    if not spans:
        for column in range(1, len(groups)):
            grouped = lower[column] is not None and lower[column - 1] is not None
            if groups[column] is None and grouped:
                groups[column] = groups[column - 1]
    return groups


def _padded(cells: Sequence[Cell], width: int) -> list[Cell]:
    return [*cells, *([None] * (width - len(cells)))]


def _is_name(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and isinstance(number(cell.removesuffix("%")), Bad))


def _title(sheet: Sheet) -> str:
    return sheet.named[0].upper() + sheet.named[1:]


def _lacking(sheet: Sheet, columns: Columns, missing: str) -> str:
    line = sheet.rows[columns.header.data - 1][0]
    found = ", ".join(f"«{name}»" for name in columns.taken)
    codes = " или столбцов с кодами компетенций" if columns.table.wide and missing == "Компетенция" else ""
    return (
        f"{_title(sheet)}: нет столбца «{missing}»{codes}. В заголовке (строка {line}) узнаны {found}; "
        f"не узнаны {_listed(columns.ignored)}. Добавьте столбец или сопоставьте столбцы вручную."
    )


def _no_header(sheet: Sheet, names: Names) -> str:
    some = ", ".join(f"«{written[0]}»" for written in islice(names.table.fields.values(), 8))
    looked = list(islice(sheet.rows, LOOKED_AT))
    best = max(looked, key=lambda row: _known([Heading(shown(cell)) for cell in row[1]], names), default=(0, ()))
    headings = [Heading(shown(cell)) for cell in best[1]]
    known = [heading.name for heading in headings if heading.own and names.knows(heading)]
    where = f"Просмотрены строки 1–{looked[-1][0]}" if looked else "Строк нет"
    found = f"больше всего узнано в строке {best[0]}: {_listed(known)}" if known else "ни одно название не узнано"
    return (
        f"{_title(sheet)}: нет строки с названиями столбцов таблицы «{names.table.title}». {where}, {found}; "
        f"нужно хотя бы {names.table.least}. Назовите столбцы как в бланке, например: {some}, или сопоставьте вручную."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"«{name}»" for name in names[:12]) + (", …" if len(names) > 12 else "") if names else "нет"
