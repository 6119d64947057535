"""The people table: what a row must say, and who is the same person."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.spreadsheets.plan import SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.people import plan_people
from data.tables.rows import KnownPerson, PersonRow
from recommender.territory import Territory

Read = Callable[..., Sheet]
Plan = Callable[..., SheetPlan[PersonRow]]
HEADER = "ID;ФИО;Дата рождения;Школа;Район;Предмет;Стаж;Категория;Категория работника"
ANNA = PersonRow("Ёлкина Анна Юрьевна", "Школа № 1", "К-1", date(1985, 5, 2), 1985, municipality="Мильковский район")


@pytest.fixture
def plan(csv_sheet: Read, kamchatka: Territory) -> Plan:
    """Plan rows of a people file under the usual header."""

    def planned(*rows: str, known: Sequence[KnownPerson] = (), header: str = HEADER) -> SheetPlan[PersonRow]:
        return plan_people(csv_sheet("\n".join([header, *rows]) + "\n"), kamchatka, known)

    return planned


def told(plan: SheetPlan[Any]) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.message) for fault in plan.faults]


def test_a_full_row_is_read_field_by_field(plan: Plan) -> None:
    result = plan(
        'К-1; ЁЛКИНА  Анна Юрьевна;02.05.1985;Школа № 1;мильковский район;"Физика, Химия; физика";7,5;Высшая;педагог'
    )
    (row,) = [planned.row for planned in result.rows]
    assert row == PersonRow(
        full_name="Ёлкина Анна Юрьевна",
        organisation="Школа № 1",
        external_id="К-1",
        birth_date=date(1985, 5, 2),
        birth_year=1985,
        kind="teacher",
        subjects=("Физика", "Химия"),
        municipality="Мильковский район",
        experience_years=7.5,
        qualification="highest",
    )


def test_what_a_row_must_say_is_told_with_the_column_of_the_file(plan: Plan) -> None:
    assert told(plan("К-1;;;;;;;;")) == [
        (2, "ФИО", "ФИО не указано"),
        (2, "Школа", "организация не указана"),
        (2, "Район", "муниципалитет не указан, а в регионе он нужен"),
    ]
    assert told(plan("К-1;А Б;30.02.1987;–;Р;;сто;вторая;директор")) == [
        (2, "Школа", "организация не указана"),
        (2, "Дата рождения", "даты 30.02.1987 нет"),
        (2, "Категория работника", "значения «директор» нет в перечне: педагог, управленец"),
        (2, "Стаж", "«сто» не число лет: напишите, например, «15», «15 лет» или «3 года 5 мес.»"),
        (
            2,
            "Категория",
            "значения «вторая» нет в перечне: нет, соответствие, первая, высшая, педагог-методист, педагог-наставник",
        ),
    ]


def test_a_territory_without_a_municipal_level_needs_no_municipality(csv_sheet: Read, moscow: Territory) -> None:
    result = plan_people(csv_sheet("ID;ФИО;Школа\n1;А Б;В\n"), moscow, ())
    assert (result.accepted, result.rows[0].row.municipality) == (1, None)


def test_a_missing_column_is_called_as_blank_forms_call_it(plan: Plan) -> None:
    assert told(plan("К-1;Лис Анна;5", header="ID;ФИО;Стаж")) == [
        (2, "Организация", "организация не указана"),
        (2, "Муниципалитет", "муниципалитет не указан, а в регионе он нужен"),
    ]


def test_three_name_columns_make_one_name_and_a_patronymic_may_be_missing(plan: Plan) -> None:
    header = "Фамилия;Имя;Отчество;Школа;Район"
    result = plan("Ёлкина;Анна;;Ш;Р", "Ёлкин;Пётр;–;Ш;Р", "Ёлкин;;Ильич;Ш;Р", ";;;Ш;Р", header=header)
    assert [planned.row.full_name for planned in result.rows] == ["Ёлкина Анна", "Ёлкин Пётр"]
    assert told(result) == [(4, "Имя", "имя не указано"), (5, "Фамилия", "ФИО не указано")]


def test_texts_and_ids_have_a_greatest_length(plan: Plan) -> None:
    assert told(plan(f"{'1' * 65};А Б;;{'Ш' * 1001};Р;;;;")) == [
        (2, "Школа", "текст длиннее 1000 знаков"),
        (2, "ID", "текст длиннее 64 знаков"),
    ]


def test_a_repeated_row_is_accepted_and_adds_nobody(plan: Plan) -> None:
    for row in ("К-1;Лис Анна;;Школа;Р;;;;", ";Лис Анна;1985;Школа;Р;;;;"):
        result = plan(row, row, row.replace("Анна", " АННА "))
        assert (result.accepted, result.unchanged, len(result.rows), result.faults) == (3, 2, 1, ())


def test_rows_of_one_person_complete_each_other(plan: Plan) -> None:
    result = plan("К-1;Лис Анна;1985;Ш;Р;;;;", "К-1;Лис Анна;02.05.1985;Ш;Р;Физика;;;", ";Лис Анна;;Ш;Р;;7;;")
    assert [planned.row for planned in result.rows] == [
        PersonRow(
            "Лис Анна", "Ш", "К-1", date(1985, 5, 2), 1985, subjects=("Физика",), municipality="Р", experience_years=7
        )
    ]


def test_a_row_that_contradicts_an_earlier_one_is_a_fault(plan: Plan) -> None:
    result = plan("К-1;Лис Анна;;Ш;Р;Физика;;;", "К-1;Лис Анна;;Ш;Р;Химия;;;")
    assert (result.accepted, told(result)) == (1, [(3, "Предмет", "строка 2 говорит об этом человеке другое")])


def test_the_same_id_with_another_person_makes_the_second_row_a_fault(plan: Plan) -> None:
    for second in ("К-1;Лис Пётр;;Ш;Р;;;;", "к-1;Лис Анна;1990;Ш;Р;;;;"):
        result = plan("К-1;Лис Анна;02.05.1985;Ш;Р;;;;", second)
        assert told(result) == [(3, "ID", "этот код уже стоит у другого человека в строке 2")]


def test_same_name_and_school_with_different_births_are_two_persons(plan: Plan) -> None:
    result = plan(";Лис Анна;02.05.1985;Ш;Р;;;;", ";Лис Анна;03.05.1985;Ш;Р;;;;", ";Лис Анна;1990;Ш;Р;;;;")
    assert (result.accepted, len(result.rows)) == (3, 3)


def test_two_candidates_are_a_fault_in_whatever_order_the_rows_stand(plan: Plan) -> None:
    rows = [";Лис Анна;02.05.1985;Ш;Р;;;;", ";Лис Анна;03.05.1985;Ш;Р;;;;", ";Лис Анна;1985;Ш;Р;;;;"]
    for order in (rows, rows[::-1]):
        result = plan(*order)
        line = order.index(rows[2]) + 2
        assert told(result) == [(line, "ФИО", "таких педагогов 2: укажите код или дату рождения")]
        assert len(result.rows) == 2


def test_a_known_person_is_found_by_id_and_a_new_name_is_a_change(plan: Plan) -> None:
    known = [KnownPerson(7, ANNA)]
    result = plan("К-1;Соснова Анна Юрьевна;1985;Школа № 1;Мильковский район;;;первая;", known=known)
    (planned,) = result.rows
    assert (planned.target, planned.changes) == (7, ("full_name", "qualification"))


def test_a_year_that_contradicts_the_known_date_of_birth_takes_it_away(plan: Plan) -> None:
    known = [KnownPerson(7, ANNA)]
    (planned,) = plan("К-1;Ёлкина Анна Юрьевна;1990;Школа № 1;Мильковский район;;;;", known=known).rows
    assert (planned.changes, planned.row.birth_date, planned.row.birth_year) == (
        ("birth_year", "birth_date"),
        None,
        1990,
    )


def test_a_known_person_is_found_by_name_school_and_birth_without_an_id(plan: Plan) -> None:
    known = [
        KnownPerson(7, ANNA),
        KnownPerson(8, replace(ANNA, external_id="К-2", birth_date=date(1990, 1, 1), birth_year=1990)),
    ]
    assert plan(";Елкина анна юрьевна;1985;школа № 1;Р;;;;", known=known).rows[0].target == 7
    assert plan(";Ёлкина Анна Юрьевна;1970;Школа № 1;Р;;;;", known=known).rows[0].target is None
    result = plan(";Ёлкина Анна Юрьевна;;Школа № 1;Р;;;;", known=known)
    assert (result.accepted, [fault.code for fault in result.faults]) == (0, ["person_ambiguous"])


def test_an_id_is_added_to_the_known_person_who_had_none(plan: Plan) -> None:
    known = [KnownPerson(7, replace(ANNA, external_id=None))]
    row = ";Ёлкина Анна Юрьевна;02.05.1985;Школа № 1;Мильковский район;;;;"
    (planned,) = plan("К-9" + row, known=known).rows
    assert (planned.target, planned.changes) == (7, ("external_id",))
    result = plan("К-8" + row, "К-9" + row, known=known)
    assert [fault.code for fault in result.faults] == ["person_ambiguous"] * 2 and not result.rows


def test_an_id_of_nobody_makes_a_namesake_and_not_a_second_name(plan: Plan) -> None:
    (planned,) = plan("К-2;Ёлкина Анна Юрьевна;;Школа № 1;Р;;;;", known=[KnownPerson(7, ANNA)]).rows
    assert planned.target is None


def test_what_the_file_does_not_say_stays_as_it_is_known(plan: Plan) -> None:
    known = [KnownPerson(7, replace(ANNA, subjects=("Физика",), qualification="first", kind="manager"))]
    result = plan("К-1;ёлкина анна юрьевна;1985;ШКОЛА № 1;Мильковский район;;;;", known=known)
    assert (result.accepted, result.unchanged, result.rows[0].changes) == (1, 1, ())


def known_after(result: SheetPlan[PersonRow]) -> list[KnownPerson]:
    return [KnownPerson(number, planned.row) for number, planned in enumerate(result.rows)]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "К-1", "К-2"]),
        st.sampled_from(["Лис Анна", "ЛИС АННА", "Лис Пётр"]),
        st.sampled_from(["", "1985", "02.05.1985", "03.05.1985"]),
        st.sampled_from(["Ш", "Щ"]),
    ).map(lambda row: f"{row[0]};{row[1]};{row[2]};{row[3]};Р;;;;"),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=ROWS)
def test_applying_a_file_twice_changes_nothing_the_second_time(plan: Plan, rows: list[str]) -> None:
    first = plan(*rows)
    assert first.accepted + len({fault.line for fault in first.faults}) == len(rows)
    second = plan(*rows, known=known_after(first))
    assert second.unchanged == second.accepted >= first.accepted or second.faults
    assert all(planned.target is not None and not planned.changes for planned in second.rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=ROWS, seed=st.randoms())
def test_the_order_of_rows_without_faults_does_not_matter(plan: Plan, rows: list[str], seed: Any) -> None:
    first = plan(*rows)
    seed.shuffle(rows)
    second = plan(*rows)
    if not first.faults and not second.faults:
        assert as_people(first) == as_people(second)


def as_people(result: SheetPlan[PersonRow]) -> set[PersonRow]:
    return {replace(planned.row, full_name=planned.row.full_name.casefold()) for planned in result.rows}
