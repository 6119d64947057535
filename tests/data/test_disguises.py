"""What a person sees is what is stored, or a question: random tables, each written in twelve disguises.

`DISGUISED_TABLES` says how many tables are written; the acceptance of the imports is two thousand.
"""

import csv
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter

from data.reference.loading import load_framework, load_territory
from data.spreadsheets.notices import Choices
from data.spreadsheets.plan import RefusedFile, SheetPlan
from data.spreadsheets.readers import read_file
from data.tables.diagnostics import plan_diagnostics
from data.tables.people import plan_people
from data.tables.rows import KnownPerson, PersonRow

TABLES: Final = int(os.environ.get("DISGUISED_TABLES", "40"))
TERRITORY = load_territory("moscow")
FRAMEWORK = load_framework(TERRITORY.framework)
CODES: Final = ("МАТ-1", "МАТ-2", "МАТ-3", "МЕТ-1", "МЕТ-2", "ЦИФ-1.1", "ППК-2")
SURNAMES: Final = ("Ёлкина", "Сосновская", "Дубова-Ильина", "Речкина", "Лукина", "Заречнева", "Морозова", "Полева")
FIRST: Final = ("Анна", "Ия", "Вера", "Наталья", "Алёна")
FATHERS: Final = ("Петровна", "Ильинична", "Львовна", "Олеговна")
SCHOOLS: Final = ("ГБОУ «Школа № 12»", "ГБОУ «Школа № 125»", "Лицей «Росток»", "МБОУ СОШ № 7")
STAGES: Final = {"entry": "входная", "interim": "промежуточная", "final": "итоговая"}
DELIMITERS: Final = (";", ",", "\t", "|")
MONTHS: Final = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября")


@dataclass(frozen=True)
class Table:
    """A table as it was meant: people, and a diagnostic of them."""

    people: tuple[PersonRow, ...]
    day: date
    stage: str
    percents: tuple[tuple[float | None, ...], ...]
    codes: tuple[str, ...]

    @property
    def known(self) -> list[KnownPerson]:
        return [KnownPerson(number, row) for number, row in enumerate(self.people, start=1)]

    @property
    def results(self) -> set[tuple[int, str, date, str, float]]:
        return {
            (person, code, self.day, self.stage, percent)
            for person, values in enumerate(self.percents, start=1)
            for code, percent in zip(self.codes, values, strict=True)
            if percent is not None
        }


@dataclass(frozen=True)
class Written:
    """A file: rows as lists of cells, and how they are written."""

    rows: list[list[Any]]
    merges: tuple[str, ...] = ()
    workbook: bool = False
    delimiter: str = ";"
    encoding: str = "utf-8"


def tables(count: int) -> Iterator[tuple[random.Random, Table]]:
    for number in range(count):
        chance = random.Random(number)
        yield chance, table(chance)


def table(chance: random.Random) -> Table:
    names = [f"{s} {f} {p}" for s in SURNAMES for f in FIRST for p in FATHERS]
    count = chance.randint(4, 12)
    people = tuple(
        PersonRow(name, chance.choice(SCHOOLS), external_id=f"К-{chance.randint(0, 99):02d}{place:03d}")
        for place, name in enumerate(chance.sample(names, count))
    )
    codes = tuple(chance.sample(CODES, chance.randint(2, 5)))
    percents = tuple(tuple(_percent(chance) for _ in codes) for _ in people)
    day = date(2025, 9, 1) + timedelta(chance.randrange(300))
    return Table(people, day, chance.choice(list(STAGES)), percents, codes)


def _percent(chance: random.Random) -> float | None:
    return None if chance.random() < 0.1 else float(chance.randint(0, 200)) / 2


def number(value: float | None, sign: str = ",") -> str:
    return "" if value is None else f"{value:g}".replace(".", sign)


def results_rows(meant: Table, *, day: str = "", cell: Callable[[float | None], Any] = number) -> list[list[Any]]:
    header = ["ID", "ФИО", "Организация", "Дата диагностики", "Этап", *meant.codes]
    written = day or f"{meant.day:%d.%m.%Y}"
    rows = [
        [person.external_id, person.full_name, person.organisation, written, STAGES[meant.stage], *map(cell, values)]
        for person, values in zip(meant.people, meant.percents, strict=True)
    ]
    return [header, *rows]


def people_rows(meant: Table) -> list[list[Any]]:
    rows = [[person.external_id, person.full_name, person.organisation] for person in meant.people]
    return [["ID", "ФИО", "Школа"], *rows]


# Disguises of results.


def delimiters(chance: random.Random, meant: Table) -> Written:
    return Written(results_rows(meant), delimiter=chance.choice([",", "\t", "|", ";"]))


def encodings(chance: random.Random, meant: Table) -> Written:
    names = ["cp1251", "koi8-r", "cp866", "mac_cyrillic", "utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"]
    return Written(results_rows(meant), encoding=chance.choice(names))


def date_forms(chance: random.Random, meant: Table) -> Written:
    day = meant.day
    month = MONTHS[day.month - 1] if day.month <= len(MONTHS) else "ноября" if day.month == 11 else "декабря"
    forms = [
        f"{day:%d.%m.%y}", f"{day.day} {month} {day.year} г.", f"{day:%d/%m/%Y}", f"{day:%Y/%m/%d} 10:12 GMT+3",
        f"{day:%d.%m.%Y} 0:00:00", f"{day:%Y%m%d}", f"{day:%m/%d/%Y}", f"{day:%Y-%m-%d}T22:00:00.000Z",
        f"{day.day}.{day.month}.{day.year}", f"{day:%d-%m-%Y}", f"{day.day} {month[:3]} {day.year} 17:07",
    ]  # fmt: skip
    return Written(results_rows(meant, day=chance.choice(forms)))


def shares(chance: random.Random, meant: Table) -> Written:
    signed = chance.random() < 0.3

    def cell(value: float | None) -> Any:
        if value is None:
            return None
        return f"{value:g}%" if signed and chance.random() < 0.5 else round(value / 100, 6)

    return Written(results_rows(meant, cell=cell), workbook=True)


def points(chance: random.Random, meant: Table) -> Written:
    most = chance.choice([5, 10, 20, 40])
    rows = results_rows(meant, cell=lambda value: number(None if value is None else value * most / 100))
    way = chance.choice(["header", "row", "cell", "silent"])
    if way == "header":
        rows[0][5:] = [f"{code}, макс. {most}" for code in meant.codes]
    elif way == "row":
        rows.insert(1, [None, "Максимальный балл", None, None, None, *[str(most)] * len(meant.codes)])
    elif way == "cell":
        rows[1:] = [[*row[:5], *[f"{cell} из {most}" if cell else "" for cell in row[5:]]] for row in rows[1:]]
    elif most > 10:
        # Points of a scale that nobody uses look like per cents, and no reader can tell: the heading must say it.
        rows[0][5:] = [f"{code} (баллы)" for code in meant.codes]
    return Written(rows)


def merged(chance: random.Random, meant: Table) -> Written:
    rows = results_rows(meant)
    last = len(rows)
    for row in rows[2:]:
        row[3] = row[4] = None
    return Written(rows, merges=(f"D2:D{last}", f"E2:E{last}"), workbook=True)


def totals(chance: random.Random, meant: Table) -> Written:
    rows = results_rows(meant)
    word = chance.choice(["Итого", "ВСЕГО по школе", "Общее среднее", "Average", "Среднее значение:"])
    place = chance.choice([0, 1])
    total: list[Any] = [None] * 5 + ["50"] * len(meant.codes)
    total[place] = word
    middle = chance.randint(2, len(rows))
    return Written([*rows[:middle], total, *rows[middle:]])


def numbering(chance: random.Random, meant: Table) -> Written:
    header, *rows = results_rows(meant)
    counted = [str(place) for place in range(1, len(header) + 1)]
    more = [header, counted] if chance.random() < 0.5 else []
    middle = chance.randint(1, len(rows))
    return Written([header, counted, *rows[:middle], *more, *rows[middle:]], workbook=chance.random() < 0.5)


def capitals(chance: random.Random, meant: Table) -> Written:
    rows = results_rows(meant)
    for row in rows[1:]:
        row[0] = None
        name = row[1]
        row[1] = chance.choice([name.upper(), f"{name}*", f"1. {name}", f"{name} (д/о)", name.replace("ё", "е")])
        row[2] = chance.choice([row[2].upper(), row[2].lower(), row[2].replace(" ", "  ")])
    return Written(rows)


# Disguises of people.


def quotes(chance: random.Random, meant: Table) -> Written:
    rows = people_rows(meant)
    for row in rows[1:]:
        marks = chance.choice(['""', "“”", "„“", "«»"])
        written = row[2].replace("«", marks[0]).replace("»", marks[1])
        row[2] = chance.choice([written, written.replace("№ ", "№"), written.replace("№", "N"), f"{written}¹"])
    return Written(rows)


def look_alikes(chance: random.Random, meant: Table) -> Written:
    rows = people_rows(meant)
    pairs = dict(zip("АВСЕНКМОРТХасеорху", "ABCEHKMOPTXaceopxy", strict=True))
    for row in chance.sample(rows[1:], max(1, len(rows) // 3)):
        column = chance.choice([1, 2])
        places = [place for place, letter in enumerate(row[column]) if letter in pairs]
        place = chance.choice(places)
        row[column] = row[column][:place] + pairs[row[column][place]] + row[column][place + 1 :]
    return Written(rows)


def ids(chance: random.Random, meant: Table) -> Written:
    rows = people_rows(meant)
    for row in rows[1:]:
        row[0] = chance.choice([f'="{row[0]}"', f"'{row[0]}", row[0], f"{row[0]}.0"]) if row[0].isdecimal() else row[0]
    return Written(rows)


# Several disguises of one file at once.


def percent_written(chance: random.Random) -> Callable[[float | None], str]:
    """Return a way to write results that leaves nothing open: per cents, with their sign or as a fraction."""
    way = chance.choice(["plain", "sign", "fraction", "tenths"])
    nothing = chance.choice(["", "н/п", "NA", "-", "не проходил"])

    def cell(value: float | None) -> str:
        if value is None:
            return nothing
        written = {"plain": value, "sign": value, "tenths": value, "fraction": value / 5}[way]
        text = f"{written:.1f}" if way == "tenths" else number(written, chance.choice(",."))
        return text + {"sign": chance.choice(["%", " %"]), "fraction": chance.choice([" из 20", "/20"])}.get(way, "")

    return cell


def heading(chance: random.Random, code: str) -> str:
    title = FRAMEWORK.by_code[code].title
    ways = ["{0}", "{0}, %", "{0} (%)", "{0} (в %)", "{0}. {1}", "{0} {1}", "{0}: {1}", "{1} ({0})", "{0} (результат)"]
    latin = code.translate(str.maketrans("МАТЕК", "MATEK"))
    return chance.choice([*(way.format(code, title) for way in ways), latin, code.replace("-", " ")])


def mixture(chance: random.Random, meant: Table) -> Written:
    """Write a table as offices do: a form with titles, numbers, totals, repeated headers, notes and signatures."""
    rows = results_rows(meant, cell=percent_written(chance))
    rows[0][5:] = [heading(chance, code) for code in meant.codes]
    month = MONTHS[meant.day.month - 1] if meant.day.month <= len(MONTHS) else f"{meant.day:%m}"
    forms = ["{0:%d.%m.%Y} г.", '"{0.day}" {1} {0.year} г.', "{0.day} {1} {0.year} года", "{0:%d. %m. %Y}"]
    form = chance.choice(forms if month.isalpha() else forms[:1]).format(meant.day, month)
    for place, row in enumerate(rows[1:], start=1):
        row[1], row[3] = chance.choice([row[1].upper(), f"{place}. {row[1]}", row[1]]), form
    width = len(rows[0])
    asides: list[list[Any]] = [
        [None, chance.choice(["Итого", "Средний балл", "Среднее по школе", "Минимум", "Медиана"]), None, None, None]
        + ["50"] * len(meant.codes),
        [None] * width,
        list(rows[0]),
        [None, "Директор ____________ Иванова И.И."],
        ["* не проходили: на больничном"],
    ]
    for aside in chance.sample(asides, chance.randint(0, 3)):
        rows.insert(chance.randint(2, len(rows)), aside)
    if chance.random() < 0.3:
        rows.insert(1, [str(place) for place in range(1, width + 1)])
    above = [["Результаты диагностики 2026 года"], ["Регион", "Москва"]]
    rows = [*chance.sample(above, chance.randint(0, 2)), *rows]
    encoding, delimiter = chance.choice(["utf-8", "cp1251", "cp866"]), chance.choice(DELIMITERS)
    return Written(rows, workbook=chance.random() < 0.5, delimiter=delimiter, encoding=encoding)


RESULTS_IN: Final = (delimiters, encodings, date_forms, shares, points, merged, totals, numbering, capitals, mixture)
PEOPLE_IN: Final = (quotes, look_alikes, ids)


def write(written: Written, path: Path) -> None:
    if written.workbook:
        with xlsxwriter.Workbook(str(path)) as book:
            page = book.add_worksheet()
            for line, cells in enumerate(written.rows):
                page.write_row(line, 0, [None if cell == "" else cell for cell in cells])
            for area in written.merges:
                first = area.partition(":")[0]
                column, line = "ABCDEFGH".index(first[0]), int(first[1:]) - 1
                page.merge_range(area, written.rows[line][column])
        return
    with path.open("w", encoding=written.encoding, errors="replace", newline="") as stream:
        csv.writer(stream, delimiter=written.delimiter).writerows(written.rows)


def read(written: Written, folder: Path) -> Any:
    path = folder / f"file{'.xlsx' if written.workbook else '.csv'}"
    write(written, path)
    (sheet,) = read_file(path, path.name)
    return sheet


def warned(plan: SheetPlan[Any]) -> bool:
    return bool(plan.faults or plan.notices)


def asks(plan: SheetPlan[Any]) -> bool:
    return any(notice.open for notice in plan.notices)


def stored_results(plan: SheetPlan[Any]) -> set[tuple[int, str, date, str, float]]:
    rows = [planned.row for planned in plan.rows]
    return {(row.person, row.competency, row.taken_on, row.stage, round(row.percent, 6)) for row in rows}


def stored_people(plan: SheetPlan[PersonRow]) -> set[tuple[str | None, str, str]]:
    return {(planned.row.external_id, planned.row.full_name, planned.row.organisation) for planned in plan.rows}


def plan_of(table: Table, written: Written, folder: Path, *, people: bool, **answers: str) -> SheetPlan[Any] | None:
    """Return the plan of a file, None where it is refused as a whole with a sentence."""
    try:
        sheet = read(written, folder)
        if people:
            return plan_people(sheet, TERRITORY, ())
        return plan_diagnostics(sheet, TERRITORY, FRAMEWORK, table.known, {}, choices=Choices(answers=answers))
    except RefusedFile:
        return None


@pytest.mark.parametrize("disguise", RESULTS_IN)
def test_no_result_is_stored_otherwise_than_it_was_meant_without_a_word(disguise: Any, tmp_path: Path) -> None:
    read_as_meant = 0
    for chance, meant in tables(TABLES):
        written = disguise(chance, meant)
        plan = plan_of(meant, written, tmp_path, people=False)
        if plan is None:
            continue
        # A value that is stored otherwise, or not at all, waits for an answer: a note alone is easily overlooked.
        differs = stored_results(plan) ^ meant.results
        assert not differs or asks(plan) or plan.faults, (disguise.__name__, meant, differs)
        assert stored_results(plan) <= meant.results or asks(plan), (disguise.__name__, meant, differs)
        if disguise is shares:
            answered = plan_of(meant, written, tmp_path, people=False, scale="share")
            assert answered is not None and stored_results(answered) == meant.results
        read_as_meant += stored_results(plan) == meant.results
    # A reader that refuses or asks everything would pass the check above.
    assert disguise in (shares, points, totals) or read_as_meant > 0.6 * TABLES


@pytest.mark.parametrize("disguise", PEOPLE_IN)
def test_no_person_is_stored_otherwise_than_meant_without_a_word(disguise: Any, tmp_path: Path) -> None:
    for chance, meant in tables(TABLES):
        if disguise is ids:
            digits = [replace(person, external_id=f"00{place}12") for place, person in enumerate(meant.people, start=1)]
            meant = replace(meant, people=tuple(digits))
        plan = plan_of(meant, disguise(chance, meant), tmp_path, people=True)
        assert plan is not None
        meant_people = {(one.external_id, one.full_name, _one_spelling(one, plan)) for one in meant.people}
        assert stored_people(plan) == meant_people or warned(plan), (disguise.__name__, meant)


def _one_spelling(person: PersonRow, plan: SheetPlan[PersonRow]) -> str:
    """Return the organisation as the plan spells it; that it is one spelling is checked here too."""
    found = {planned.row.organisation for planned in plan.rows if planned.row.external_id == person.external_id}
    assert len(found) <= 1
    return next(iter(found), person.organisation)


@pytest.mark.parametrize("disguise", [quotes])
def test_one_school_has_one_spelling(disguise: Any, tmp_path: Path) -> None:
    for chance, meant in tables(TABLES):
        plan = plan_of(meant, disguise(chance, meant), tmp_path, people=True)
        assert plan is not None
        assert len({planned.row.organisation for planned in plan.rows}) == len(
            {one.organisation for one in meant.people}
        )


def test_tables_without_a_disguise_are_read_as_meant_and_ask_next_to_nothing(tmp_path: Path) -> None:
    asked = 0
    count = max(TABLES, 100)
    for _, meant in tables(count):
        results = plan_of(meant, Written(results_rows(meant)), tmp_path, people=False)
        people = plan_of(meant, Written(people_rows(meant)), tmp_path, people=True)
        assert results is not None and people is not None
        assert (stored_results(results), results.faults) == (meant.results, ())
        assert stored_people(people) == {(one.external_id, one.full_name, one.organisation) for one in meant.people}
        asked += any(notice.question for notice in (*results.notices, *people.notices))
    assert asked <= 0.01 * count
