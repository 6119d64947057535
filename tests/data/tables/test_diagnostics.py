"""The diagnostics table: long and wide, what is measured and what is a fault, and results that are known."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.spreadsheets.plan import SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.diagnostics import plan_diagnostics
from data.tables.rows import KnownPerson, KnownResult, PersonRow, ResultKey, ResultRow
from recommender.framework import Framework
from recommender.territory import Territory

Read = Callable[..., Sheet]
Plan = Callable[..., SheetPlan[ResultRow]]
LONG = "ID;ФИО;ОО;Дата диагностики;Этап;Форма;Компетенция;Процент;Балл;Максимум;Уровень"
WIDE = "ID;ФИО;ОО;Дата диагностики;Этап;Форма;МАТ-1;Функции;ЦИФ-3"
DAY = date(2026, 9, 17)
KNOWN = [
    KnownPerson(1, PersonRow("Ёлкина Анна", "Школа № 1", "К-1", date(1985, 5, 2), 1985)),
    KnownPerson(2, PersonRow("Соснов Пётр", "Школа № 1")),
    KnownPerson(3, PersonRow("Дубов Илья", "Школа № 2", "К-3")),
    KnownPerson(4, PersonRow("Дубов Илья", "Школа № 2", "К-4")),
]


@pytest.fixture
def plan(csv_sheet: Read, kamchatka: Territory, framework: Framework) -> Plan:
    """Plan rows of a diagnostics file under a header."""

    def planned(
        header: str,
        *rows: str,
        known: dict[ResultKey, KnownResult] | None = None,
        people: Sequence[KnownPerson] = KNOWN,
    ) -> SheetPlan[ResultRow]:
        sheet = csv_sheet("\n".join([header, *rows]) + "\n")
        return plan_diagnostics(sheet, kamchatka, framework, people, known or {})

    return planned


def told(plan: SheetPlan[Any]) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.message) for fault in plan.faults]


def test_a_wide_row_makes_a_result_of_each_measured_competency(plan: Plan) -> None:
    result = plan(WIDE, "К-1;;;17.09.2026;Входная;кейс;85%;–;59,5", "К-1;;;18.09.2026;;;н/п;не применимо;")
    assert (result.accepted, result.unchanged, result.faults) == (2, 1, ())
    assert [planned.row for planned in result.rows] == [
        ResultRow(1, "МАТ-1", DAY, "entry", "case", 85),
        ResultRow(1, "ЦИФ-3", DAY, "entry", "case", 59.5),
    ]


def test_a_long_row_gives_per_cent_a_score_or_a_level(plan: Plan) -> None:
    result = plan(
        LONG,
        "К-1;;;17.09.2026;;;МАТ-1;59,5;;;",
        "К-1;;;17.09.2026;итоговая;самооценка;функции;;5,5;11;",
        "К-1;;;17.09.2026;;;МАТ-2;;;;базовый",
        "К-1;;;17.09.2026;;;МАТ-3;н/п;;;",
        "К-1;;;17.09.2026;;;МАТ-4;;–;12;",
    )
    assert (result.accepted, result.unchanged, told(result)) == (5, 2, [])
    rows = [planned.row for planned in result.rows]
    assert (rows[0].percent, rows[0].score) == (59.5, None)
    assert (rows[1].competency, rows[1].percent, rows[1].score, rows[1].maximum) == ("МАТ-3", 50, 5.5, 11)
    assert (rows[1].stage, rows[1].form) == ("final", "self")
    assert rows[2].percent == 62.5


@pytest.mark.parametrize(
    ("values", "column", "message"),
    [
        ("МАТ-1;107,5;;;", "Процент", "107,5 больше 100"),
        ("МАТ-1;отлично;;;", "Процент", "«отлично» не число"),
        ("МЕТ-9;50;;;", "Компетенция", "компетенции МЕТ-9 нет"),
        ("Общая культура;50;;;", "Компетенция", "компетенции «Общая культура» нет"),
        (";50;;;", "Компетенция", "компетенция не указана"),
        ("MAT-1;50;;;", "Компетенция", "компетенции MAT-1 нет (в написании есть латинские буквы, похожие на русские)"),
        ("МАТ-1;;26;12;", "Балл", "балл больше максимума"),
        ("МАТ-1;;5;0;", "Максимум", "максимум должен быть больше нуля"),
        ("МАТ-1;;5;;", "Максимум", "есть балл, но нет максимума"),
        ("МАТ-1;;-1;12;", "Балл", "-1 меньше 0"),
        ("МАТ-1;;;;отличный", "Уровень", "уровня «отличный» нет в шкале"),
        ("МАТ-1;80;5;10;", "Процент", "процент, балл и уровень строки говорят разное"),
        ("МАТ-1;80;;;базовый", "Процент", "процент, балл и уровень строки говорят разное"),
        ("МАТ-1;TRUE;;;", "Процент", "«TRUE» не число"),
        ("МАТ-1;#Н/Д;;;", "Процент", "в ячейке ошибка #Н/Д"),
    ],
)
def test_faults_of_a_long_row(plan: Plan, values: str, column: str, message: str) -> None:
    assert told(plan(LONG, f"К-1;;;17.09.2026;;;{values}")) == [(2, column, message)]


@pytest.mark.parametrize(
    ("person", "column", "message"),
    [
        ("К-7;;;", "ID", "педагога с таким кодом нет"),
        (";Соснов Пётр;;", "ОО", "без организации педагог не определяется"),
        (";;;", "ID", "код педагога не указан"),
        (";Никто;Школа № 1;", "ФИО", "педагога «Никто» в организации «Школа № 1» нет"),
        (";Дубов Илья;Школа № 2;", "ФИО", "таких педагогов 2: укажите код или дату рождения"),
        (";Ёлкина Анна;Школа № 1;1990", "Дата рождения", "педагога с такой датой рождения нет"),
        ("К-1;Соснов Пётр;Школа № 1;", "ID", "код одного педагога, а ФИО и организация – другого: исправьте"),
    ],
)
def test_an_unknown_or_uncertain_person_is_a_fault(plan: Plan, person: str, column: str, message: str) -> None:
    result = plan("ID;ФИО;ОО;Дата рождения;Дата диагностики;МАТ-1", f"{person};17.09.2026;50")
    assert told(result) == [(2, column, message)] and not result.rows


def test_people_are_found_by_name_and_school_and_a_new_name_does_not_hide_an_id(plan: Plan) -> None:
    rows = (
        ";елкина АННА;школа № 1;17.09.2026;;;1;;",
        ";Соснов Пётр;Школа № 1;17.09.2026;;;1;;",
        "К-3;Новая;;17.09.2026;;;1;;",
    )
    assert [planned.row.person for planned in plan(WIDE, *rows).rows] == [1, 2, 3]


def test_all_faults_of_a_row_are_told_and_reject_it_whole(plan: Plan) -> None:
    result = plan(WIDE, "К-7;;;31.02.2026;стартовая;беседа;112;-1;50")
    assert told(result) == [
        (2, "ID", "педагога с таким кодом нет"),
        (2, "Дата диагностики", "даты 31.02.2026 нет"),
        (2, "Этап", "этапа «стартовая» нет в перечне: входная, промежуточная, итоговая"),
        (
            2,
            "Форма",
            "формы «беседа» нет в перечне: тест, кейс, видеоурок, наблюдение, самооценка, экспертная оценка, "
            "результаты обучающихся",
        ),
        (2, "МАТ-1", "112 больше 100"),
        (2, "Функции", "-1 меньше 0"),
    ]
    assert (result.accepted, len(result.rows)) == (0, 0)


def test_a_second_result_of_the_same_occasion_is_a_fault_even_if_it_says_the_same(plan: Plan) -> None:
    rows = [
        "К-1;;;17.09.2026;;;50;;",
        "К-1;;;17.09.2026;;;50;60;",
        "К-1;;;17.09.2026;итоговая;;50;;",
        "К-1;;;17.09.2026;;;;70;",
    ]
    result = plan(WIDE, *rows)
    assert told(result) == [(3, "МАТ-1", "такой результат уже есть в строке 2")]
    assert [(planned.line, planned.row.competency) for planned in result.rows] == [
        (2, "МАТ-1"),
        (4, "МАТ-1"),
        (5, "МАТ-3"),
    ]
    long = plan(LONG, "К-1;;;17.09.2026;;;МАТ-1;50;;;", "К-1;;;17.09.2026;;;Числа и вычисления;50;;;")
    assert told(long) == [(3, "Компетенция", "такой результат уже есть в строке 2")]


def test_a_rejected_row_does_not_take_the_place_of_a_good_one(plan: Plan) -> None:
    result = plan(WIDE, "К-1;;;17.09.2026;;;50;много;", "К-1;;;17.09.2026;;;51;;")
    assert [fault.line for fault in result.faults] == [2] and result.rows[0].row.percent == 51


def test_known_results_stay_or_change(plan: Plan) -> None:
    known = {
        (1, "МАТ-1", DAY, "entry", "test"): KnownResult(10, 50.0),
        (1, "МАТ-3", DAY, "entry", "test"): KnownResult(11, 60.0),
    }
    result = plan(WIDE, "К-1;;;17.09.2026;;;50;61;", "К-1;;;17.09.2026;;;;;70", known=known)
    assert [(planned.target, planned.changes) for planned in result.rows] == [(10, ()), (11, ("percent",)), (None, ())]
    same = plan(WIDE, "К-1;;;17.09.2026;;;50;60;", known=known)
    assert (same.accepted, same.unchanged) == (1, 1)


def test_a_missing_date_column_is_a_fault_of_every_row(plan: Plan) -> None:
    assert told(plan("ID;ФИО;МАТ-1", "К-1;;50", "К-3;;60")) == [
        (2, "Дата диагностики", "дата не указана"),
        (3, "Дата диагностики", "дата не указана"),
    ]


def test_columns_of_other_things_are_named_as_ignored(plan: Plan) -> None:
    result = plan(WIDE + ";Должность;Совет", "К-1;;;17.09.2026;;;50;;;учитель;почитать")
    assert result.ignored_columns == ("Должность", "Совет") and result.columns["Функции"] == "МАТ-3"


def test_planned_results_are_a_sequence(plan: Plan) -> None:
    rows = plan(WIDE, "К-1;;;17.09.2026;;;50;60;70").rows
    assert (len(rows), rows[-1].row.percent, [planned.row.percent for planned in rows[:2]]) == (3, 70, [50, 60])
    assert list(rows) == [rows[0], rows[1], rows[2]]
    with pytest.raises(IndexError):
        rows[3]


CODES = ("МАТ-1", "МАТ-2", "МЕТ-1", "ЦИФ-3")
PERCENTS = st.one_of(
    st.sampled_from(["", "н/п", "–"]), st.decimals(0, 100, places=1).map(lambda value: str(value).replace(".", ","))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(st.tuples(*[PERCENTS] * len(CODES)), min_size=1, max_size=3), seed=st.randoms())
def test_wide_and_long_say_the_same_in_any_order_of_rows(plan: Plan, values: list[tuple[str, ...]], seed: Any) -> None:
    people = ("К-1", "К-3", "К-4")
    wide = [f"{who};;;17.09.2026;;;{';'.join(row)}" for who, row in zip(people, values, strict=False)]
    long = [
        f"{who};;;17.09.2026;;;{code};{value};;;"
        for who, row in zip(people, values, strict=False)
        for code, value in zip(CODES, row, strict=True)
    ]
    seed.shuffle(long)
    from_wide = plan("ID;ФИО;ОО;Дата диагностики;Этап;Форма;" + ";".join(CODES), *wide)
    from_long = plan(LONG, *long)
    assert not from_wide.faults and not from_long.faults
    assert {planned.row for planned in from_wide.rows} == {planned.row for planned in from_long.rows}
