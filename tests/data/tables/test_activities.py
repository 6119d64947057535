"""The activities table: what an entry must say, its groups, and what is known already."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from data.spreadsheets.plan import SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.activities import plan_activities
from data.tables.rows import KnownActivity
from recommender.activity import Activity, Delivery
from recommender.framework import Framework
from recommender.territory import Territory

Read = Callable[..., Sheet]
Plan = Callable[..., SheetPlan[Activity]]
FIELDS = (
    "Код", "Тип", "Название", "Организатор", "Вид организатора", "Реестр", "Номер в реестре", "Действует до", "Часы",
    "Форма обучения", "Сетевая форма", "Дата начала", "Дата окончания", "Мест", "Предметы", "Категория слушателей",
    "Компетенции", "Требует", "Муниципалитет", "Аннотация", "Ссылка",
)  # fmt: skip
COURSE = {"Код": "А-1", "Тип": "программа ПК", "Название": "Геометрия", "Организатор": "ИРО", "Часы": "36"}


@pytest.fixture
def plan(csv_sheet: Read, kamchatka: Territory, framework: Framework) -> Plan:
    """Plan activities, each given as changes of a course."""

    def planned(*changes: Mapping[str, str], known: Mapping[str, KnownActivity] | None = None) -> SheetPlan[Activity]:
        rows = [{**COURSE, **change} for change in changes]
        lines = ["\t".join(FIELDS), *("\t".join(row.get(field, "") for field in FIELDS) for row in rows)]
        return plan_activities(csv_sheet("\n".join(lines)), kamchatka, framework, known or {})

    return planned


def told(plan: SheetPlan[Any]) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.message) for fault in plan.faults]


def test_a_full_row_is_read_field_by_field(plan: Plan) -> None:
    first = {
        "Вид организатора": "муниципальная", "Реестр": "РР ДПП; ФР ДПП", "Номер в реестре": "DEMO-1",
        "Действует до": "31.12.2027", "Форма обучения": "Очно-заочная", "Сетевая форма": "да",
        "Дата начала": "01.02.2027", "Дата окончания": "19.02.2027", "Мест": "25", "Предметы": "Физика; Химия",
        "Категория слушателей": "педагог, молодой педагог", "Компетенции": "МАТ-1; МЕТ-1=0.5; Функции=0,25",
        "Требует": "А-2", "Муниципалитет": "Мильковский район", "Аннотация": "О чём.", "Ссылка": "https://demo.invalid/1",
    }  # fmt: skip
    second = {"Код": "А-2", "Тип": "семинар", "Название": "Введение", "Часы": ""}
    result = plan(first, second)
    assert told(result) == [] and result.accepted == 2
    assert result.rows[0].row == Activity(
        code="А-1",
        kind="pk",
        title="Геометрия",
        provider="ИРО",
        provider_kind="municipal",
        hours=36.0,
        format="mixed",
        network=True,
        registers=("regional", "federal"),
        register_number="DEMO-1",
        register_until=date(2027, 12, 31),
        deliveries=(Delivery(date(2027, 2, 1), date(2027, 2, 19), 25),),
        subjects=("Физика", "Химия"),
        audience=("teacher", "young"),
        develops=(("МАТ-1", 1.0), ("МЕТ-1", 0.5), ("МАТ-3", 0.25)),
        requires=("А-2",),
        municipality="Мильковский район",
        annotation="О чём.",
        link="https://demo.invalid/1",
    )
    assert (result.rows[1].row.hours, result.rows[1].row.deliveries) == (None, (Delivery(),))


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"Часы": "8"}, "Часы", "программа ПК не может быть короче 16 часов"),
        ({"Тип": "программа ПП", "Часы": "144"}, "Часы", "программа ПП не может быть короче 250 часов"),
        ({"Часы": ""}, "Часы", "часы не указаны, а программе они нужны"),
        ({"Часы": "36,5"}, "Часы", "36,5 не целое число"),
        ({"Тип": "семинар", "Часы": "0"}, "Часы", "часов должно быть больше нуля"),
        ({"Название": ""}, "Название", "название не указано"),
        ({"Организатор": "–"}, "Организатор", "организатор не указан"),
        ({"Тип": ""}, "Тип", "тип не указан"),
        ({"Тип": "наставничество"}, "Тип", "значения «наставничество» нет в перечне"),
        ({"Компетенции": "МАТ-1; МАТ-9"}, "Компетенции", "компетенции МАТ-9 нет"),
        ({"Компетенции": "МАТ-1=1,5"}, "Компетенции", "1,5 больше 1"),
        ({"Компетенции": "МАТ-1=0"}, "Компетенции", "вес компетенции МАТ-1 должен быть больше нуля"),
        ({"Компетенции": "МАТ-1=много"}, "Компетенции", "«много» не число"),
        ({"Компетенции": "МАТ-1; МАТ-1=0,5"}, "Компетенции", "компетенция МАТ-1 названа дважды с разным весом"),
        ({"Дата начала": "31.02.2027", "Дата окончания": "19.02.2027"}, "Дата начала", "даты 31.02.2027 нет"),
        ({"Дата начала": "20.02.2027", "Дата окончания": "19.02.2027"}, "Дата окончания", "окончание раньше начала"),
        ({"Мест": "-1"}, "Мест", "-1 меньше 0"),
        ({"Реестр": "нет; ФР ДПП"}, "Реестр", "значения «нет» нет в перечне"),
        ({"Сетевая форма": "отчасти"}, "Сетевая форма", "значения «отчасти» нет в перечне: да, нет"),
        ({"Категория слушателей": "все"}, "Категория слушателей", "значения «все» нет в перечне: педагог, управленец"),
        ({"Требует": "А-9"}, "Требует", "мероприятия А-9 нет"),
        ({"Требует": "а-1"}, "Требует", "мероприятие требует само себя"),
        ({"Аннотация": "а" * 4001}, "Аннотация", "текст длиннее 4000 знаков"),
        ({"Ссылка": "javascript:alert(1)"}, "Ссылка", "ссылка должна начинаться с http:// или https://"),
    ],
)
def test_faults_of_a_row(plan: Plan, change: dict[str, str], column: str, message: str) -> None:
    result = plan(change)
    ((line, at, said),) = told(result)
    assert (line, at) == (2, column) and said.startswith(message) and (result.accepted, len(result.rows)) == (0, 0)


def test_an_expired_register_and_a_private_provider_are_data(plan: Plan) -> None:
    result = plan({"Реестр": "ФР ДПП", "Действует до": "31.12.2020", "Вид организатора": "иная"})
    assert (result.rows[0].row.register_until, result.rows[0].row.provider_kind) == (date(2020, 12, 31), "other")


def test_further_rows_of_a_code_are_groups_in_the_order_of_their_dates(plan: Plan) -> None:
    groups = [
        {"Дата начала": day, "Мест": places}
        for day, places in (("01.03.2027", "5"), ("01.02.2027", "7"), ("01.03.2027", ""))
    ]
    result = plan(*groups)
    assert (result.accepted, result.unchanged, len(result.rows)) == (3, 0, 1)
    assert result.rows[0].row.deliveries == (Delivery(date(2027, 2, 1), None, 7), Delivery(date(2027, 3, 1), None, 5))


def test_a_further_row_that_contradicts_the_first_is_a_fault(plan: Plan) -> None:
    result = plan({"Дата начала": "01.02.2027"}, {"Дата начала": "01.03.2027", "Название": "Другое", "Часы": "72"})
    message = "в строке 2 у этого мероприятия другое значение"
    assert told(result) == [(3, "Название", message), (3, "Часы", message)]
    assert told(plan({"Мест": "5"}, {"Мест": "6"})) == [(3, "Мест", message)]


def test_without_a_code_title_and_provider_tell_who_it_is(plan: Plan) -> None:
    nameless = {"Код": ""}
    first = plan(nameless, nameless | {"Название": " ГЕОМЕТРИЯ "}, nameless | {"Название": "Алгебра"})
    assert (first.accepted, len(first.rows), len({planned.row.code for planned in first.rows})) == (3, 2, 2)
    assert plan(nameless).rows[0].row.code == first.rows[0].row.code
    assert [planned.row.code for planned in plan(nameless, {}).rows] == ["А-1"]
    assert told(plan(nameless, {}, {"Код": "А-2"})) == [(2, "Название", "таких мероприятий 2: укажите код")]


def test_a_rejected_activity_takes_along_what_requires_it(plan: Plan) -> None:
    rows = [
        {"Код": "А-3", "Требует": "А-2"},
        {"Код": "А-2", "Требует": "А-1"},
        {"Код": "А-1", "Часы": "5"},
        {"Код": "А-4"},
    ]
    result = plan(*rows)
    assert [fault.line for fault in result.faults] == [2, 3, 4]
    assert [planned.row.code for planned in result.rows] == ["А-4"]


def test_known_activities_keep_what_the_file_does_not_say(plan: Plan) -> None:
    old = Activity(
        code="А-1",
        kind="pk",
        title="Геометрия",
        provider="ИРО",
        hours=36.0,
        develops=(("МАТ-4", 1.0),),
        deliveries=(Delivery(date(2027, 2, 1), None, 5), Delivery(date(2027, 1, 1), None, 9)),
    )
    known = {"А-1": KnownActivity(7, old), "А-0": KnownActivity(8, replace(old, code="А-0", title="Введение"))}
    same = plan({"Код": "а-1", "Название": "геометрия"}, known=known)
    assert (same.unchanged, same.rows[0].target, same.rows[0].changes, same.rows[0].row) == (1, 7, (), old)
    changed = plan({"Часы": "72", "Дата начала": "01.06.2027", "Требует": "а-0"}, known=known).rows[0]
    assert changed.changes == ("hours", "requires", "deliveries")
    assert changed.row.requires == ("А-0",) and changed.row.develops == old.develops
    assert changed.row.deliveries == (*old.deliveries, Delivery(date(2027, 6, 1)))
    fewer = plan({"Дата начала": "01.01.2027", "Мест": "2"}, known=known).rows[0]
    assert fewer.row.deliveries == (old.deliveries[0], Delivery(date(2027, 1, 1), None, 2))


def test_applying_twice_changes_nothing(plan: Plan) -> None:
    rows = [
        {"Дата начала": "01.02.2027"},
        {"Дата начала": "01.03.2027", "Мест": "5"},
        {"Код": "", "Название": "Иное", "Реестр": "нет"},
    ]
    first = plan(*rows)
    known = {planned.row.code: KnownActivity(number, planned.row) for number, planned in enumerate(first.rows)}
    second = plan(*rows, known=known)
    assert (second.accepted, second.unchanged) == (3, 3)
