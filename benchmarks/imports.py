"""How long planning a file of 60 000 rows takes, and how much memory: `python benchmarks/imports.py [--rows N]`.

Each file is read and planned in a process of its own, so that its peak memory is its own.
"""

import argparse
import csv
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import xlsxwriter

from data.reference.loading import load_framework, load_territory
from data.spreadsheets.readers import read_file
from data.tables.activities import plan_activities
from data.tables.diagnostics import plan_diagnostics
from data.tables.people import plan_people
from data.tables.rows import KnownPerson, PersonRow

TERRITORY = "kamchatka"
PEOPLE = ("ID", "ФИО", "Дата рождения", "Категория работника", "Должность", "Предмет", "Организация", "Муниципалитет",
          "Стаж", "Квалификационная категория")  # fmt: skip
LONG = ("ID", "ФИО", "Организация", "Дата диагностики", "Этап", "Форма", "Источник", "Компетенция", "Балл", "Максимум")
ACTIVITIES = ("Код", "Тип", "Название", "Организатор", "Часы", "Дата начала", "Мест", "Компетенции", "Аннотация")
DAY = date(2026, 9, 1)
LETTERS = str.maketrans("0123456789", "абвгдежзик")

Row = Sequence[Any]


def name(number: int) -> str:
    """Return a name of its own for every number; digits in a name make no person."""
    return f"Ёлкина{letters(number)} Анна{letters(number % 50)} Юрьевна{letters(number % 40)}"


def letters(number: int) -> str:
    return str(number).translate(LETTERS)


def person_rows(count: int) -> Iterable[Row]:
    for n in range(count):
        yield (f"К-{n:06d}", name(n), date(1965, 1, 1) + timedelta(n % 12000), "педагог", "учитель", "Физика; Химия",
               f"МБОУ «Школа № {n % 700}»", "Мильковский район", n % 40, "первая")  # fmt: skip


def long_rows(count: int, codes: Sequence[str]) -> Iterable[Row]:
    for n in range(count):
        p = n // 10
        yield (f"К-{p:06d}", name(p), f"МБОУ «Школа № {p % 700}»", DAY + timedelta(p % 28), "входная", "тест", "демо",
               codes[n % 10], n % 13 / 2, 12)  # fmt: skip


def wide_rows(count: int, codes: Sequence[str]) -> Iterable[Row]:
    for n in range(count):
        cells = ("н/п" if (n + c) % 7 == 0 else (n * 7 + c * 13) % 201 / 2 for c in range(len(codes)))
        yield (f"К-{n:06d}", name(n), DAY + timedelta(n % 28), "входная", "тест", *cells)


def activity_rows(count: int) -> Iterable[Row]:
    for n in range(count):
        yield (f"А-{n // 2}", "программа ПК", f"Курс {n // 2}", "ИРО (демо)", 36, DAY + timedelta(n % 300), 25,
               "МАТ-1; МЕТ-1=0,5", f"Аннотация курса {n // 2}: " + "о чём он " * 20)  # fmt: skip


def write(path: Path, header: Row, rows: Iterable[Row]) -> None:
    if path.suffix == ".csv":
        with path.open("w", encoding="cp1251", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(header)
            writer.writerows([f"{c:%d.%m.%Y}" if isinstance(c, date) else c for c in row] for row in rows)
        return
    options = {"constant_memory": True, "default_date_format": "dd.mm.yyyy"}
    with xlsxwriter.Workbook(str(path), options) as book:
        page = book.add_worksheet()
        for line, row in enumerate(chain([header], rows)):
            page.write_row(line, 0, row)


def known_people(count: int) -> list[KnownPerson]:
    return [KnownPerson(n, PersonRow(name(n), f"МБОУ «Школа № {n % 700}»", f"К-{n:06d}")) for n in range(count)]


def measure(path: Path, table: str, rows: int, answers: Any) -> None:
    """Plan one file and put seconds (reading, in all, of the processor), peak MB, accepted rows and planned records."""
    territory = load_territory(TERRITORY)
    framework = load_framework(territory.framework)
    known = known_people(rows) if table == "diagnostics" else []
    before, started = time.process_time(), time.perf_counter()
    (sheet,) = read_file(path, path.name)
    read = time.perf_counter() - started
    planners: dict[str, Callable[..., Any]] = {
        "people": lambda: plan_people(sheet, territory, known),
        "diagnostics": lambda: plan_diagnostics(sheet, territory, framework, known, {}),
        "activities": lambda: plan_activities(sheet, territory, framework, {}),
    }
    plan = planners[table]()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put((read, seconds, time.process_time() - before, peak, plan.accepted, len(plan.rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    rows = parser.parse_args().rows
    codes = [competency.code for competency in load_framework(load_territory(TERRITORY).framework).competencies][:38]
    cases: list[tuple[str, str, Row, Callable[[], Iterable[Row]]]] = [
        ("people", "people", PEOPLE, lambda: person_rows(rows)),
        ("diagnostics, long", "diagnostics", LONG, lambda: long_rows(rows, codes)),
        ("diagnostics, wide", "diagnostics", ("ID", "ФИО", "Дата диагностики", "Этап", "Форма", *codes),
         lambda: wide_rows(rows, codes)),
        ("activities", "activities", ACTIVITIES, lambda: activity_rows(rows)),
    ]  # fmt: skip
    print("| table | file | MB | read, s | read and planned, s | processor, s | peak memory, MB | accepted | planned |")
    print("|---|---|---|---|---|---|---|---|---|")
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for title, table, header, make in cases:
            for suffix in (".xlsx", ".csv"):
                path = Path(folder) / f"file{suffix}"
                write(path, header, make())
                answers = context.SimpleQueue()
                process = context.Process(target=measure, args=(path, table, rows, answers))
                process.start()
                read, seconds, processor, peak, accepted, planned = answers.get()
                process.join()
                size = path.stat().st_size / 1e6
                times = f"{read:.1f} | {seconds:.1f} | {processor:.1f}"
                print(
                    f"| {title} | {suffix[1:].upper()} | {size:.1f} | {times} | {peak:.0f} | {accepted} | {planned} |"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
