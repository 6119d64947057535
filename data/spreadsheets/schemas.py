"""The tables that people send: their fields, the names a column may bear, and what a table must have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from data.reference.strict import build, read_yaml
from data.spreadsheets.cells import header_key

OTHER_NAMES: Final = Path(__file__).parents[1] / "columns.yaml"
DATES: Final = ("birth_date", "work_started", "taken_on", "register_until", "starts", "ends")
"""The fields that hold days."""
NAMES: Final = ("full_name", "surname", "first_name", "patronymic", "organisation", "municipality", "mentee", "mentor")
"""The fields that hold names of people and places."""

PERSON: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("ID педагога", "ID", "Код педагога", "Табельный номер"),
    "full_name": ("ФИО", "Фамилия Имя Отчество", "Педагог"),
    "surname": ("Фамилия",),
    "first_name": ("Имя",),
    "patronymic": ("Отчество",),
    "birth_date": ("Дата рождения",),
    "organisation": ("Организация", "ОО", "Образовательная организация", "Школа", "Место работы"),
}
"""The columns that tell who a row is about, in any table of people."""

_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "kind": ("Категория работника",),
    "position": ("Должность",),
    "subjects": ("Предмет", "Предметы", "Преподаваемый предмет"),
    "municipality": ("Муниципалитет", "Район", "МО"),
    "work_started": ("Начало педагогической деятельности", "Дата начала работы"),
    "experience_years": ("Стаж", "Педагогический стаж"),
    "qualification": ("Квалификационная категория", "Категория"),
}
_DIAGNOSTICS: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "taken_on": ("Дата диагностики",),
    "stage": ("Этап",),
    "form": ("Форма",),
    "source": ("Источник",),
    "competency": ("Компетенция",),
    "percent": ("Процент",),
    "score": ("Балл",),
    "maximum": ("Максимум",),
    "level": ("Уровень",),
}
_ACTIVITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("Код",),
    "kind": ("Тип",),
    "title": ("Название",),
    "provider": ("Организатор",),
    "provider_kind": ("Вид организатора",),
    "registers": ("Реестр",),
    "register_number": ("Номер в реестре",),
    "register_until": ("Действует до",),
    "hours": ("Часы",),
    "format": ("Форма обучения",),
    "network": ("Сетевая форма",),
    "starts": ("Дата начала",),
    "ends": ("Дата окончания",),
    "places": ("Мест",),
    "subjects": ("Предметы",),
    "audience": ("Категория слушателей",),
    "develops": ("Компетенции",),
    "requires": ("Требует",),
    "municipality": ("Муниципалитет",),
    "annotation": ("Аннотация",),
    "link": ("Ссылка",),
}
_MENTORS: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "places": ("Мест",),
    "strengths": ("Сильные компетенции",),
    "subjects": ("Предметы",),
    "formats": ("Формат",),
    "contest": ("Конкурсный отбор",),
    "consent": ("Согласие",),
}


_RESPONSES: Final[Mapping[str, tuple[str, ...]]] = {
    **PERSON,
    "taken_on": ("Дата диагностики",),
    "task": ("Задание",),
    "score": ("Балл",),
    "maximum": ("Максимум",),
}
_HEADCOUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "year": ("Год",),
    "municipality": ("Муниципалитет", "Район", "МО"),
    "subject": ("Предмет",),
    "what": ("Что",),
    "value": ("Значение",),
    "source": ("Источник",),
}


@dataclass(frozen=True)
class OtherNames:
    """The lists of columns.yaml: names of columns by field, used where a file has no usual name for the field."""

    person: Mapping[str, tuple[str, ...]]
    people: Mapping[str, tuple[str, ...]]
    diagnostics: Mapping[str, tuple[str, ...]]
    activities: Mapping[str, tuple[str, ...]]
    mentors: Mapping[str, tuple[str, ...]]
    responses: Mapping[str, tuple[str, ...]]
    headcounts: Mapping[str, tuple[str, ...]]
    exports: tuple[str, ...]


_OTHER: Final = build(OtherNames, read_yaml(OTHER_NAMES), OTHER_NAMES.name)
EXPORTS: Final = tuple(header_key(name) for name in _OTHER.exports)
"""Beginnings of headings that only an export of results has."""


@dataclass(frozen=True)
class Table:
    """One kind of table: names of columns by field (the first is printed in blank forms) and what it is known by.

    `required` are the columns that make a sheet this table, each as fields of which one suffices; any other column
    that a row needs and the file does not have is a fault of the row. `wide` tables may have a column for each
    competency, `least` is the number of known column names that make a row the header. `needed` are fields of which a
    row of data fills at least one beside its first text; `others` are other names of columns.
    """

    name: str
    title: str
    fields: Mapping[str, tuple[str, ...]]
    required: tuple[tuple[str, ...], ...]
    wide: bool = False
    least: int = 3
    needed: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def people(self) -> bool:
        """Tell whether every row is about a person."""
        return "full_name" in self.fields


_WHO: Final = ("external_id", "full_name", "surname")

TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        Table(
            "wishes",
            "пожелания и запреты пар",
            {"mentee": ("Кто",), "mentor": ("С кем",), "kind": ("Вид",)},
            required=(("mentee",), ("mentor",), ("kind",)),
            needed=("mentor", "kind"),
        ),
        Table(
            "mentors",
            "наставники",
            _MENTORS,
            required=(_WHO, ("consent", "strengths", "contest")),
            others={**_OTHER.person, **_OTHER.mentors},
        ),
        Table(
            "competencies",
            "компетенции",
            {"code": ("Код",), "title": ("Название",), "area": ("Область",), "subject": ("Предмет",)},
            required=(("code",), ("title",), ("area",)),
            needed=("area",),
        ),
        Table(
            "activities",
            "мероприятия",
            _ACTIVITIES,
            required=(("kind", "hours"), ("title",)),
            needed=("kind", "provider"),
            others=_OTHER.activities,
        ),
        Table(
            "headcounts",
            "численность",
            _HEADCOUNTS,
            required=(("year",), ("what",), ("value",)),
            needed=("what", "value"),
            others=_OTHER.headcounts,
        ),
        Table(
            "responses",
            "ответы на задания",
            _RESPONSES,
            required=(_WHO, ("task",), ("score",)),
            others={**_OTHER.person, **_OTHER.responses},
        ),
        Table(
            "diagnostics",
            "результаты диагностики",
            _DIAGNOSTICS,
            required=(_WHO,),
            wide=True,
            others={**_OTHER.person, **_OTHER.diagnostics},
        ),
        Table(
            "people",
            "педагоги",
            _PEOPLE,
            required=(("full_name", "surname"),),
            others={**_OTHER.person, **_OTHER.people},
        ),
        Table(
            "tasks",
            "задания",
            {"task": ("Задание",), "competency": ("Компетенция",)},
            required=(("task",), ("competency",)),
            least=2,
            needed=("competency",),
        ),
    )
}
"""The tables that the service loads, in the order in which an unknown sheet is compared with them: the most
particular first, so that a sheet of mentors is never taken for one of people."""

COLUMN_NAMES: Final = frozenset(
    header_key(name)
    for table in TABLES.values()
    for named in (table.fields, table.others)
    for names in named.values()
    for name in names
)
"""All known column names as they are compared; the choice of a delimiter looks for them."""
