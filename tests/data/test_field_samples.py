"""Files as people send them are read right or asked about: those of the folder «field», and a twin of each kind."""

import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from data.reference.loading import load_framework, load_territory
from data.spreadsheets.headers import recognise
from data.spreadsheets.notices import Choices
from data.spreadsheets.plan import Notice, RefusedFile, SheetPlan
from data.spreadsheets.readers import read_file
from data.spreadsheets.sheets import Merge, Row, Sheet
from data.tables.activities import plan_activities
from data.tables.diagnostics import plan_diagnostics
from data.tables.mentors import plan_mentors
from data.tables.people import plan_people
from data.tables.rows import KnownMentor, KnownPerson, MentorRow, PersonRow
from data.tables.wishes import plan_wishes
from recommender.framework import Framework
from recommender.territory import Territory

SAMPLES = Path(os.environ.get("SAMPLES_DIR", Path(__file__).parents[3] / "shared" / "samples"))
FIELD = SAMPLES / "field"
Read = Callable[..., Sheet]

field = pytest.mark.skipif(not FIELD.exists(), reason="no field samples: set SAMPLES_DIR to the folder that has them")


def questions(plan: SheetPlan[Any]) -> list[tuple[str, str | None]]:
    return [(notice.code, notice.column) for notice in plan.notices if notice.open]


def codes(plan: SheetPlan[Any]) -> list[str]:
    return [notice.code for notice in plan.notices]


def lines(notices: Sequence[Notice], code: str) -> list[int | None]:
    return [notice.line for notice in notices if notice.code == code]


def stored(plan: SheetPlan[Any]) -> list[tuple[int, str, float]]:
    return [(planned.row.person, planned.row.competency, round(planned.row.percent, 6)) for planned in plan.rows]


# The files of the folder.


@cache
def sample_people(file: str, territory: str) -> tuple[KnownPerson, ...]:
    rules = load_territory(territory)
    rows = [planned.row for sheet in read_file(SAMPLES / file, file) for planned in plan_people(sheet, rules, ()).rows]
    return tuple(KnownPerson(number, row) for number, row in enumerate(rows, start=1))


def moscow_people() -> tuple[KnownPerson, ...]:
    return sample_people("moscow_people.csv", "moscow")


def field_sheet(name: str) -> Sheet:
    (sheet,) = read_file(FIELD / name, name)
    return sheet


def people_plan(name: str, **answers: str) -> SheetPlan[PersonRow]:
    choices = Choices(answers=answers)
    return plan_people(field_sheet(name), load_territory("moscow"), moscow_people(), choices=choices)


def results_plan(name: str, framework: Framework, choices: Choices | None = None) -> SheetPlan[Any]:
    territory = load_territory("moscow")
    return plan_diagnostics(field_sheet(name), territory, framework, moscow_people(), {}, choices=choices)


@field
@pytest.mark.samples
def test_parts_of_a_workbook_are_found_whatever_the_case_of_their_names() -> None:
    plan = people_plan("01_1c_sharedstrings_case.xlsx")
    assert [planned.row.full_name for planned in plan.rows] == [
        "Ромашкина Ольга Ильинична", "Васильков Пётр Андреевич", "Ландышева Инна Олеговна"
    ]  # fmt: skip


@field
@pytest.mark.samples
def test_a_column_of_shares_is_asked_about_and_scaled_after_the_answer(framework: Framework) -> None:
    plan = results_plan("06a_fraction_percent.csv", framework)
    assert questions(plan) == [("scale", "МАТ-1"), ("scale", "МАТ-2"), ("scale", "МЕТ-1")]
    plan = results_plan("06a_fraction_percent.csv", framework, Choices(answers={"scale": "share"}))
    assert not questions(plan) and stored(plan)[:3] == [(1, "МАТ-1", 85), (1, "МАТ-2", 40), (1, "МЕТ-1", 100)]


@field
@pytest.mark.samples
def test_a_maximum_in_the_group_above_scales_its_columns(framework: Framework) -> None:
    plan = results_plan("07b_max_in_header_group.xlsx", framework)
    assert stored(plan)[:3] == [(1, "МАТ-1", 85), (1, "МАТ-2", 60), (1, "МЕТ-1", 90)]
    assert codes(plan) == ["scale_maximum"] * 3


@field
@pytest.mark.samples
def test_a_quiz_of_moodle_says_what_lacks_and_is_read_once_mapped(framework: Framework) -> None:
    with pytest.raises(RefusedFile, match=r"узнаны «Фамилия», «Имя».*не узнаны .*«Оценка/10,00»"):
        results_plan("08b_moodle_quiz.csv", framework)
    assert recognise(field_sheet("08b_moodle_quiz.csv"), framework) == "diagnostics"
    plan = results_plan("08b_moodle_quiz.csv", framework, Choices({"Оценка/10,00": "МАТ-1"}))
    assert plan.faults == () and lines(plan.notices, "row_left_out") == [3]
    assert [(planned.row.taken_on, planned.row.percent) for planned in plan.rows] == [(date(2026, 5, 19), 80)]


@field
@pytest.mark.samples
def test_merged_cells_hold_for_all_rows_that_they_cover(framework: Framework) -> None:
    stages = {
        (planned.row.stage, planned.row.form) for planned in results_plan("09a_merged_stage.xlsx", framework).rows
    }
    assert stages == {("final", "case")}
    people = sample_people("kamchatka_people.xlsx", "kamchatka")
    mentors = plan_mentors(field_sheet("09c_merged_consent.xlsx"), framework, people, {})
    assert [planned.row.consent for planned in mentors.rows] == [True] * 3


@field
@pytest.mark.samples
def test_numbering_and_totals_are_no_people() -> None:
    plan = people_plan("10a2_numbering_row_numbers.xlsx")
    assert (len(plan.rows), plan.left_out, lines(plan.notices, "row_left_out")) == (1, 1, [2])
    plan = people_plan("10c_total_rows.xlsx")
    assert [planned.row.full_name for planned in plan.rows] == ["Фиалкина Нина Павловна", "Сиренев Олег Павлович"]
    assert (plan.left_out, lines(plan.notices, "row_left_out"), plan.faults) == (3, [3, 5, 6], ())


@field
@pytest.mark.samples
def test_hidden_rows_are_told_and_read_after_a_yes() -> None:
    assert questions(people_plan("12_hidden_rows.xlsx")) == [("hidden_rows", None)]
    assert len(people_plan("12_hidden_rows.xlsx", hidden_rows="yes").rows) == 3
    plan = people_plan("12_hidden_rows.xlsx", hidden_rows="нет")
    assert [planned.line for planned in plan.rows] == [2, 4] and plan.left_out == 1


@field
@pytest.mark.samples
def test_look_alikes_are_named_and_joined_after_a_yes() -> None:
    assert questions(people_plan("13a_latin_name.csv")) == [("lookalikes", "ФИО"), ("lookalikes", "Школа")]
    plan = people_plan("13a_latin_name.csv", lookalikes="yes")
    assert [planned.row.full_name for planned in plan.rows] == ["Сидорова Анна Петровна", "Речкин Олег Ильич"]
    assert {planned.row.organisation for planned in plan.rows} == {"ГБОУ «Школа № 9111»"}
    assert (plan.accepted, plan.faults) == (6, ())


@field
@pytest.mark.samples
def test_protected_ids_and_other_encodings_are_read() -> None:
    assert [planned.row.external_id for planned in people_plan("16a_protected_ids.csv").rows] == ["00123", "00124"]
    plan = people_plan("17b_koi8r.csv")
    assert [planned.row.full_name for planned in plan.rows] == ["Иванченко Пётр Ильич"]
    assert codes(plan) == ["encoding"]


@field
@pytest.mark.samples
def test_usual_words_of_catalogues_are_read_and_others_told(framework: Framework) -> None:
    sheet, territory = field_sheet("18_catalogue_as_published.csv"), load_territory("moscow")
    plan = plan_activities(sheet, territory, framework, {})
    rows = {planned.row.code: planned.row for planned in plan.rows}
    assert [(row.kind, row.hours) for row in rows.values()] == [("pk", 72)] * 2 + [("pk", 36)] * 6
    assert [rows[code].format for code in ("Д-4", "Д-5", "Д-8", "Д-9")] == [
        "in_person", "distance", "in_person", "distance"
    ]  # fmt: skip
    assert rows["Д-9"].audience == ("teacher", "manager")
    assert [(fault.line, fault.column) for fault in plan.faults] == [(7, "Категория слушателей")]
    assert "педагог, управленец" in plan.faults[0].message


@field
@pytest.mark.samples
def test_days_are_read_in_all_usual_ways(framework: Framework) -> None:
    plan = results_plan("19_dates.csv", framework)
    days = {planned.row.person: planned.row.taken_on for planned in plan.rows}
    assert {person for person, day in days.items() if day != date(2026, 4, 15)} == {17, 18}
    assert (days[17], days[18]) == (date(2026, 4, 1), date(2026, 4, 5))
    assert [fault.line for fault in plan.faults] == [14, 15]
    assert questions(plan) == [("date_zone", "Дата диагностики")]
    plan = results_plan("19_dates.csv", framework, Choices(answers={"date_zone": "next"}))
    assert {p.row.person for p in plan.rows if p.row.taken_on == date(2026, 4, 16)} == {7}


@field
@pytest.mark.samples
def test_headings_with_units_titles_and_latin_letters_are_read_or_asked_about(framework: Framework) -> None:
    plan = results_plan("25_headings_with_units.csv", framework)
    assert sorted(stored(plan)) == [
        (1, "МАТ-1", 50), (1, "МАТ-2", 51), (1, "МАТ-3", 52), (1, "МЕТ-1", 53), (1, "МЕТ-2", 54), (1, "МЕТ-3", 55)
    ]  # fmt: skip
    assert questions(plan) == [("column", "МАТ-4.1")]


@field
@pytest.mark.samples
def test_words_of_personnel_offices_are_read_or_the_known_ones_told() -> None:
    plan = people_plan("30_real_hr_words.csv")
    said = {planned.line: (planned.row.experience_years, planned.row.qualification) for planned in plan.rows}
    assert said == {
        2: (15, "highest"), 3: (15, "highest"), 4: (3.42, "first"), 5: (12.5, "first"), 7: (15.25, "none"),
        8: (None, "none"), 9: (None, "conformity"), 10: (None, "conformity"), 12: (None, "none"), 13: (None, "first"),
    }  # fmt: skip
    assert [(fault.line, fault.column) for fault in plan.faults] == [(6, "Стаж"), (11, "Категория")]
    assert "первая, высшая" in plan.faults[1].message


@field
@pytest.mark.samples
def test_a_shift_by_a_decimal_comma_is_a_fault_although_the_last_cell_is_blank(framework: Framework) -> None:
    plan = results_plan("57b_decimal_comma_last_blank.csv", framework)
    assert [(fault.line, fault.code) for fault in plan.faults] == [(2, "extra_cells")]
    assert stored(plan) == [(2, "МАТ-1", 61), (2, "МАТ-2", 71)]


@field
@pytest.mark.samples
def test_pins_above_the_places_of_a_mentor_are_told_with_names() -> None:
    people = sample_people("kamchatka_people.xlsx", "kamchatka")
    ids = {person.row.external_id: person.id for person in people}
    mentors = {ids["КК-0111"]: KnownMentor(1, MentorRow(ids["КК-0111"], places=2, consent=True))}
    plan = plan_wishes(field_sheet("63a_pins_over_capacity.csv"), people, mentors, {})
    (notice,) = plan.notices
    assert notice.code == "pins_over_places" and "КК-0005" in notice.message and "мест 2" in notice.message


# Twins: the same kinds, made here.

ANNA = PersonRow("Ёлкина Анна Петровна", "Школа № 1", external_id="К-1")
PYOTR = PersonRow("Борисов Пётр Ильич", "Школа № 1", external_id="К-2")
KNOWN = (KnownPerson(1, ANNA), KnownPerson(2, PYOTR))
BOTH = ("К-1;01.09.2026;", "К-2;01.09.2026;")


def planned_results(sheet: Sheet, framework: Framework, **answers: str) -> SheetPlan[Any]:
    territory = load_territory("moscow")
    return plan_diagnostics(sheet, territory, framework, KNOWN, {}, choices=Choices(answers=answers))


def results(read: Read, framework: Framework, header: str, *cells: str, **answers: str) -> SheetPlan[Any]:
    rows = "\n".join(who + written for who, written in zip(BOTH * 3, cells, strict=False))
    return planned_results(read(f"ID;Дата диагностики;{header}\n{rows}\n"), framework, **answers)


@pytest.mark.parametrize(
    ("header", "cells", "answer", "percents"),
    [
        ("МАТ-1", ("0,85", "1"), "share", (85, 100)),
        ("МАТ-1", ("1", "1"), "share", (100, 100)),
        ("МАТ-1", ("0", "1"), "share", (0, 100)),
        ("МАТ-1", ("85%", "0,6"), "share", (85, 60)),
        ("МАТ-1;МАТ-2", ("4;3", "5;2"), "5", (80, 60, 100, 40)),
        ("МАТ-1;МАТ-2", ("7;3", "8;2"), "10", (70, 30, 80, 20)),
        ("МАТ-1", ("120", "60"), "150", (80, 40)),
        ("МАТ-1 (баллы)", ("17", "12"), "20", (85, 60)),
    ],
)
def test_what_may_be_no_per_cents_is_asked_about(
    csv_sheet: Read,
    framework: Framework,
    header: str,
    cells: tuple[str, ...],
    answer: str,
    percents: tuple[float, ...],
) -> None:
    assert {code for code, _ in questions(results(csv_sheet, framework, header, *cells))} == {"scale"}
    plan = results(csv_sheet, framework, header, *cells, scale=answer)
    assert not questions(plan) and [value for _, _, value in stored(plan)] == list(percents)


@pytest.mark.parametrize(
    ("header", "cells", "percents"),
    [
        ("МАТ-1, макс. 20", ("17", "н/п"), (85,)),
        ("МАТ-1/10,00", ("8,5", "10"), (85, 100)),
        ("МАТ-1 из 40", ("10", "40"), (25, 100)),
        ("МАТ-1", ("17 / 25", "17 из 25"), (68, 68)),
        ("МАТ-1", ("85 %", "60"), (85, 60)),
        ("ФИЗ-4", ("60", "70"), (60, 70)),
        ("МАТ-1", ("0", "0"), (0, 0)),
        ("Тест:МАТ-1 (Проценты)", ("60", "70"), (60, 70)),
    ],
)
def test_what_says_its_scale_is_scaled_without_a_question(
    csv_sheet: Read, framework: Framework, header: str, cells: tuple[str, ...], percents: tuple[float, ...]
) -> None:
    plan = results(csv_sheet, framework, header, *cells)
    assert (questions(plan), plan.faults) == ([], ())
    assert [value for _, _, value in stored(plan)] == list(percents)


def test_a_row_of_maxima_scales_the_columns_above_which_it_says_something(
    csv_sheet: Read, framework: Framework
) -> None:
    header, maxima = "ID;ФИО;Дата диагностики;МАТ-1;МАТ-2\n", ";Максимальный балл;;20;\n"
    data = "К-1;Ёлкина Анна Петровна;01.09.2026;10;60\n"
    plan = planned_results(csv_sheet(f"{header}{maxima}{data}"), framework)
    assert stored(plan) == [(1, "МАТ-1", 50), (1, "МАТ-2", 60)] and plan.left_out == 1 and not questions(plan)
    # Below the data it may as well be the greatest result of the column.
    assert questions(planned_results(csv_sheet(f"{header}{data}{maxima}"), framework)) == [("scale", "МАТ-1")]
    plan = planned_results(csv_sheet(f"{header}{data}{maxima}"), framework, scale="20")
    assert stored(plan) == [(1, "МАТ-1", 50), (1, "МАТ-2", 60)]


def test_huge_and_overlapping_merges_cost_nothing_and_end_in_a_refusal(moscow: Territory) -> None:
    rows: list[Row] = [(line, (f"Лис Анна{'ы' * line}", None, 7)) for line in range(3, 300)]
    head: tuple[Row, ...] = ((1, ("ФИО", "Школа", "Стаж")), (2, ("Лис Анна", "Школа № 1", 7)))
    school = Merge(2, 1_048_576, 1, 1)
    filled = Sheet("Лист", (*head, *rows), (school,))
    assert {planned.row.organisation for planned in plan_people(filled, moscow, ()).rows} == {"Школа № 1"}
    with pytest.raises(RefusedFile, match="слишком много объединённых ячеек"):
        plan_people(replace(filled, merges=(school,) * 10_000), moscow, ())


def test_a_row_of_greatest_results_beside_one_of_least_is_no_scale(csv_sheet: Read, framework: Framework) -> None:
    rows = "К-1;Ёлкина Анна Петровна;01.09.2026;10\nК-2;Борисов Пётр Ильич;01.09.2026;60\n"
    ends = ";Минимум;;10\n;Максимум;;60\n;Медиана;;35\n"
    plan = planned_results(csv_sheet(f"ID;ФИО;Дата диагностики;МАТ-1\n{rows}{ends}"), framework)
    assert stored(plan) == [(1, "МАТ-1", 10), (2, "МАТ-1", 60)]
    assert (plan.left_out, questions(plan), plan.faults) == (3, [], ())


def test_a_maximum_below_the_values_is_asked_about(csv_sheet: Read, framework: Framework) -> None:
    plan = results(csv_sheet, framework, "МАТ-1, макс. 20", "58", "12")
    assert questions(plan) == [("scale", "МАТ-1, макс. 20")]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("ЦИФ 1.1", "ЦИФ-1.1"), ("МАТ 1", "МАТ-1"), ("МАТ – 1", "МАТ-1"), ("МАТ.1", "МАТ-1"), ("МАТ1", "МАТ-1"),
        ("МАТ?1", "МАТ-1"), ("МАТ-1 (в %)", "МАТ-1"), ("Функции (МАТ-3)", "МАТ-3"), ("МАТ-3 Функции", "МАТ-3"),
    ],
)  # fmt: skip
def test_a_code_is_read_with_other_signs_in_it_and_with_its_title(
    csv_sheet: Read, framework: Framework, header: str, code: str
) -> None:
    assert stored(results(csv_sheet, framework, header, "60")) == [(1, code, 60)]


def test_a_person_whose_name_begins_like_a_total_is_a_person(csv_sheet: Read, moscow: Territory) -> None:
    plan = plan_people(csv_sheet("ID;ФИО;Школа\nК-1;Макс Анна Петровна;Школа № 1\n"), moscow, ())
    assert [planned.row.full_name for planned in plan.rows] == ["Макс Анна Петровна"]


def test_a_footnote_in_the_column_of_codes_is_no_row(csv_sheet: Read, framework: Framework) -> None:
    text = "ID;Дата диагностики;МАТ-1\nК-1;«1» сентября 2026 г.;60\n* не проходили: на больничном;;\n"
    plan = planned_results(csv_sheet(text), framework)
    assert (stored(plan), plan.left_out, plan.faults) == ([(1, "МАТ-1", 60)], 1, ())


def test_an_answer_that_a_question_does_not_have_is_refused(csv_sheet: Read, framework: Framework) -> None:
    with pytest.raises(RefusedFile, match="нет ответа «maybe»"):
        results(csv_sheet, framework, "МАТ-1", "0,85", "0,5", scale="maybe")


def test_a_merge_across_columns_is_a_fault_with_its_address(workbook: Any, framework: Framework) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Лист")
        page.write_row(0, 0, ["ID", "Дата диагностики", "МАТ-1", "МАТ-2"])
        page.write_row(1, 0, ["К-1", "01.09.2026", 60])
        page.merge_range("C2:D2", 60)
        page.write_row(2, 0, ["К-2", "01.09.2026", 70, 80])

    (sheet,) = read_file(workbook(fill=fill), "book.xlsx")
    plan = planned_results(sheet, framework)
    assert [(fault.line, fault.code) for fault in plan.faults] == [(2, "merged_across")]
    assert "C2:D2" in plan.faults[0].message and plan.accepted == 1


PEOPLE = "№ п/п;ФИО;Должность;Школа\n"


@pytest.mark.parametrize(
    "row",
    [
        "№ п/п;ФИО;Должность;Школа",
        "1;2;3;4",
        ";Итого: 5 чел.;;",
        ";ВСЕГО по району;;5",
        ";Вакансия;учитель;Школа № 1",
        "Директор;____________;;",
        "Исполнитель: Петрова А. А.;;;",
        ";Average;;",
        "МБОУ «Школа № 7»;;;",
        ";вакантно;учитель;",
    ],
)
def test_rows_that_are_no_people_are_left_out_and_listed(csv_sheet: Read, moscow: Territory, row: str) -> None:
    people = "1;Ёлкина Анна Петровна;учитель;Школа № 1\n{}\n2;Борисов Пётр Ильич;учитель;Школа № 1\n"
    plan = plan_people(csv_sheet(PEOPLE + people.format(row)), moscow, ())
    assert (plan.accepted, plan.left_out, plan.faults) == (2, 1, ())
    assert lines(plan.notices, "row_left_out") == [3]


@pytest.mark.parametrize("name", ["Анна", "12", "Иванов 2-й Пётр", "–,–", "Учитель1 Иван Ильич"])
def test_what_is_no_name_makes_no_person(csv_sheet: Read, moscow: Territory, name: str) -> None:
    plan = plan_people(csv_sheet(f"{PEOPLE}1;{name};учитель;Школа № 1\n"), moscow, ())
    assert not plan.rows and [fault.code for fault in plan.faults] in (["not_name"], ["name_missing"])


def test_the_title_of_a_block_is_the_school_of_the_rows_below_it(csv_sheet: Read, moscow: Territory) -> None:
    rows = "МБОУ «Школа № 7»;;\n1;Ёлкина Анна Петровна;учитель\nЛицей № 2;;\n2;Борисов Пётр Ильич;учитель\n"
    plan = plan_people(csv_sheet(f"№ п/п;ФИО;Должность;Стаж\n{rows}"), moscow, ())
    assert [planned.row.organisation for planned in plan.rows] == ["МБОУ «Школа № 7»", "Лицей № 2"]
    assert plan.faults == () and plan.left_out == 2


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('="00123"', "00123"),
        ("'00125", "00125"),
        ("70100.0", "70100"),
        (123456789012345, "123456789012345"),
        (70100.0, "70100"),
    ],
)
def test_ids_are_texts_whatever_the_cell(workbook: Any, moscow: Territory, cell: Any, code: str) -> None:
    rows = [["ID", "ФИО", "Школа"], [cell, "Ёлкина Анна Петровна", "Школа № 1"]]
    with xlsxwriter.Workbook(str(path := workbook(("Лист", rows))), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for line, cells in enumerate(rows):
            for column, value in enumerate(cells):
                (page.write_string if isinstance(value, str) else page.write_number)(line, column, value)
    (sheet,) = read_file(path, "book.xlsx")
    assert [planned.row.external_id for planned in plan_people(sheet, moscow, ()).rows] == [code]


@pytest.mark.parametrize("cell", ["1,23457E+12", "12345678901234567"])
def test_ids_whose_digits_a_spreadsheet_lost_are_faults(csv_sheet: Read, moscow: Territory, cell: str) -> None:
    plan = plan_people(csv_sheet(f"ID;ФИО;Школа\n{cell};Ёлкина Анна Петровна;Школа № 1\n"), moscow, ())
    codes_found = [fault.code for fault in plan.faults]
    # A text keeps all of its digits; only what Excel wrote as a power has lost them.
    assert codes_found == (["digits_lost"] if "E" in cell else [])


@pytest.mark.parametrize(
    "written",
    ["Школа №1", "ШКОЛА № 1", "школа N 1", "«Школа № 1»", '"Школа" № 1', "Школа  № 1 ¹", "1. Школа № 1", "Школа № 1*"],
)
def test_one_school_is_stored_under_one_spelling(csv_sheet: Read, moscow: Territory, written: str) -> None:
    quoted = '"' + written.replace('"', '""') + '"'
    plan = plan_people(csv_sheet(f"ID;ФИО;Школа\nК-9;Лукина Ия Львовна;{quoted}\n"), moscow, KNOWN)
    assert [planned.row.organisation for planned in plan.rows] == ["Школа № 1"]


@pytest.mark.parametrize(
    "written",
    [
        "ЁЛКИНА АННА ПЕТРОВНА",
        "Елкина  Анна Петровна",
        "1. Ёлкина Анна Петровна",
        "Ёлкина Анна Петровна (д/о)",
        "Ёлкина Анна Петровна*",
    ],
)
def test_one_person_is_found_however_the_name_is_written(csv_sheet: Read, moscow: Territory, written: str) -> None:
    plan = plan_people(csv_sheet(f"ФИО;Школа;Должность\n{written};Школа № 1;учитель\n"), moscow, KNOWN)
    assert [(planned.target, planned.changes) for planned in plan.rows] == [(1, ("position",))]


def test_names_in_capitals_are_stored_in_ordinary_case(csv_sheet: Read, moscow: Territory) -> None:
    text = "ФИО;Школа;Должность\nПЕТРОВА-ВОДКИНА АННА;Ш;\nМАМЕДОВ АЛИ ГАСАН ОГЛЫ;Ш;\n"
    names = [planned.row.full_name for planned in plan_people(csv_sheet(text), moscow, ()).rows]
    assert names == ["Петрова-Водкина Анна", "Мамедов Али Гасан оглы"]


def test_schools_and_people_one_sign_apart_are_shown(csv_sheet: Read, moscow: Territory) -> None:
    rows = (
        "Ёлкина Анна Петровна;Школа Росток;\nЁлкина Анна Петровна;Школа Росток;\nЁлкинa Анна Петровна;Школа Расток;\n"
    )
    plan = plan_people(csv_sheet(f"ФИО;Школа;Должность\n{rows}Ёлкина Анна Питровна;Школа Росток;\n"), moscow, ())
    assert {"near_school", "near_person"} <= set(codes(plan))
    numbers = plan_people(csv_sheet("ФИО;Школа;Стаж\nА Б;Школа № 1;1\nВ Г;Школа № 2;1\n"), moscow, ())
    assert codes(numbers) == []


@pytest.mark.parametrize("cell", ["NA", "н/а", "не проходил", "–", "н/п", "Не применимо", "неявка", ""])
def test_words_for_nothing_measured_bring_no_result(csv_sheet: Read, framework: Framework, cell: str) -> None:
    plan = results(csv_sheet, framework, "МАТ-1", f"{cell};", "60;")
    assert (stored(plan), plan.faults) == ([(2, "МАТ-1", 60)], ())


def test_an_unknown_word_is_answered_with_the_known_ones_and_the_nearest(csv_sheet: Read, framework: Framework) -> None:
    plan = results(csv_sheet, framework, "Этап;МАТ-1", "итагавая;60", "итоговый;60")
    assert [fault.message for fault in plan.faults] == [
        "этапа «итагавая» нет в перечне: входная, промежуточная, итоговая; похоже на «итоговая»"
    ]


@pytest.mark.parametrize(
    ("dates", "answer", "first"),
    [
        (("04/05/2026", "13/05/2026"), None, date(2026, 5, 4)),
        (("04/05/2026", "05/13/2026"), None, date(2026, 4, 5)),
        (("04/05/2026", "05/06/2026"), "day_first", date(2026, 5, 4)),
        (("04/05/2026", "05/06/2026"), "month_first", date(2026, 4, 5)),
        (("04/05/2026", "13/05/2026", "05/13/2026"), "day_first", date(2026, 5, 4)),
    ],
)
def test_days_that_may_be_months_are_asked_about_once(
    csv_sheet: Read, framework: Framework, dates: tuple[str, ...], answer: str | None, first: date
) -> None:
    rows = "\n".join(f"К-{1 + n % 2};{day};МЕТ-{n + 1};60" for n, day in enumerate(dates))
    sheet = csv_sheet(f"ID;Дата диагностики;Компетенция;Процент\n{rows}\n")
    asked = planned_results(sheet, framework)
    assert questions(asked) == ([("date_order", "Дата диагностики")] if answer else [])
    plan = planned_results(sheet, framework, **({"date_order": answer} if answer else {}))
    assert plan.rows[0].row.taken_on == first


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "mac_cyrillic", "utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_any_encoding_and_delimiter_is_read(csv_sheet: Read, moscow: Territory, encoding: str, delimiter: str) -> None:
    text = "ФИО;Школа;Должность\nИванченко Пётр Ильич;Школа 9;учитель\n".replace(";", delimiter)
    if encoding in ("cp866", "koi8-r"):
        text = text.replace("ё", "е")
    plan = plan_people(csv_sheet(text, encoding), moscow, ())
    assert [planned.row.full_name.replace("ё", "е") for planned in plan.rows] == ["Иванченко Петр Ильич"]


def test_odd_styles_and_names_of_parts_refuse_nothing(workbook: Any, moscow: Territory, tmp_path: Path) -> None:
    source = workbook(("Лист", [["ФИО", "Школа", "Стаж"], ["Ёлкина Анна Петровна", "Школа № 1", 7]]))
    odd = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(odd, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "xl/styles.xml":
                content = content.replace(b'patternType="none"', b'patternType="zigzag" odd="1"')
                content = content.replace(b'<sz val="11"/>', b'<sz val="big"/>')
            new = name if name == "[Content_Types].xml" else name.upper().replace("/", "\\")
            copy.writestr(new, content)
    (sheet,) = read_file(odd, "odd.xlsx")
    assert [planned.row.full_name for planned in plan_people(sheet, moscow, ()).rows] == ["Ёлкина Анна Петровна"]


def test_notes_beside_the_table_are_told_with_their_address(workbook: Any, moscow: Territory) -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Лист")
        page.write_row(0, 0, ["ФИО", "Школа", "Стаж"])
        page.write_row(1, 0, ["Ёлкина Анна Петровна", "Школа № 1", 7])
        page.write_string("F2", "проверить")
        page.write_string("XFD2", "далеко")

    (sheet,) = read_file(workbook(fill=fill), "book.xlsx")
    (notice,) = plan_people(sheet, moscow, ()).notices
    assert notice.code == "outside" and "F2 «проверить»" in notice.message and "XFD2 «далеко»" in notice.message


def test_equal_programmes_and_circles_of_requirements_are_told(csv_sheet: Read, framework: Framework) -> None:
    text = (
        "Код;Тип;Название;Организатор;Часы;Требует\nА;семинар;Урок;ИРО;8;В\nБ;семинар;«Урок»;ИРО;8;\n"
        "В;вебинар;Функции;ИРО;8;А\n"
    )
    plan = plan_activities(csv_sheet(text), load_territory("moscow"), framework, {})
    assert codes(plan) == ["equal_programmes", "requirement_circle"]
    assert "А → В → А" in plan.notices[1].message


def test_tables_that_need_people_or_mentors_say_what_to_apply_first(csv_sheet: Read, framework: Framework) -> None:
    with pytest.raises(RefusedFile, match="сначала загрузите и примените таблицу «педагоги»"):
        plan_mentors(csv_sheet("ID;Мест;Согласие\nК-1;2;да\n"), framework, (), {})
    with pytest.raises(RefusedFile, match="сначала загрузите и примените таблицу «наставники»"):
        plan_wishes(csv_sheet("Кто;С кем;Вид\nК-1;К-2;закреплено\n"), KNOWN, {}, {})


def test_unknown_codes_that_only_look_alike_are_named(csv_sheet: Read, framework: Framework) -> None:
    plan = planned_results(csv_sheet("ID;Дата диагностики;МАТ-1\nK-1;01.09.2026;60\n"), framework)
    assert "похож код «К-1»" in plan.faults[0].message


def test_the_framework_of_the_twins_is_that_of_the_samples() -> None:
    assert {"МАТ-1", "МАТ-4", "МЕТ-3", "ФИЗ-4"} <= load_framework("common").by_code.keys()
