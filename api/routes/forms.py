"""What may come in to ask for a route: one person's results, wishes and limits, and a catalogue of one's own."""

from typing import Annotated, Final, Literal

from pydantic import Field

from api.fields import WHOLE, Code, Day, Form, Link, LongText, Name, TerritoryCode, Text, UpTo, word

MOST_RESULTS: Final = 5_000
MOST_ACTIVITIES: Final = 10_000
MOST_TAKEN: Final = 2_000
MOST_WISHES: Final = 100
MOST_HOURS: Final = 5_000
MOST_STEPS: Final = 50


ActivityCodes = Annotated[tuple[Code, ...], UpTo(MOST_TAKEN)]
FixedCodes = Annotated[tuple[Code, ...], UpTo(MOST_STEPS)]
Names = Annotated[tuple[Name, ...], UpTo(100)]
Hours = Annotated[float, Field(ge=0, le=MOST_HOURS)]


class TakenForm(Form):
    """An activity that the person has already taken."""

    activity: Code
    date: Day = Field(description="Когда мероприятие закончилось")


class PersonForm(Form):
    """What must be known of a person; nothing here names one."""

    kind: Annotated[str, word("person_kind")] = "teacher"
    subjects: Names = ()
    municipality: Text = Field(default="", description="Муниципалитет территории; пусто – не известен")
    young: bool = False
    in_team: bool = False
    taken: Annotated[tuple[TakenForm, ...], UpTo(MOST_TAKEN)] = ()
    declined: ActivityCodes = ()


class ResultForm(Form):
    """One result of a diagnostic."""

    competency: Name = Field(description="Код или точное название компетенции", examples=["МЕТ-2"])
    percent: float = Field(ge=0, le=100, examples=[31.0])
    form: Annotated[str, word("form")] = "test"
    stage: Annotated[str, word("stage")] = "entry"
    date: Day | None = Field(default=None, description="День диагностики; без него – день запроса on")
    source: Text = ""
    tasks: Annotated[int, Field(ge=1, le=10_000), WHOLE] | None = Field(
        default=None, description="Сколько заданий измеряло"
    )


class LimitsForm(Form):
    """What the route may take; what is left out comes from the rules of the territory."""

    hours: Hours | None = Field(default=None, description="Часов всего; по умолчанию по правилам территории")
    term_hours: Hours | None = Field(
        default=None, description="Часов в одном периоде; по умолчанию по правилам территории"
    )
    formats: Annotated[tuple[Annotated[str, word("format")], ...], UpTo(20, least=1)] | None = Field(
        default=None, description="Допустимые формы обучения; по умолчанию все"
    )
    start: Day | None = Field(default=None, alias="from", description="Первый день; по умолчанию день запроса on")
    end: Day | None = Field(default=None, alias="to", description="Последний день; по умолчанию по правилам территории")
    steps: Annotated[int, Field(ge=0, le=MOST_STEPS), WHOLE] | None = Field(default=None, description="Шагов не больше")


class DeliveryForm(Form):
    """One group of an activity; without dates it may begin at any time, without places it has no limit."""

    starts: Day | None = None
    ends: Day | None = None
    places: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = None


class DevelopsForm(Form):
    """A competency that an activity develops and how much of the activity is about it."""

    competency: Name
    relevance: float = Field(default=1.0, gt=0, le=1)


class ActivityForm(Form):
    """A programme, internship or event of the caller's own catalogue."""

    code: Code
    kind: Annotated[str, word("activity_kind")]
    title: Name
    provider: Name
    provider_kind: Annotated[str, word("provider_kind")] = "state"
    hours: Annotated[float, Field(gt=0, le=MOST_HOURS)] | None = Field(
        default=None, description="Обязательно для программ: ПК не меньше 16, ПП не меньше 250"
    )
    format: Annotated[str, word("format")] = "distance"
    network: bool = False
    registers: Annotated[tuple[Annotated[str, word("register")], ...], UpTo(10)] = ()
    register_number: Text = ""
    register_until: Day | None = None
    deliveries: Annotated[tuple[DeliveryForm, ...], UpTo(200, least=1)] = (DeliveryForm(),)
    subjects: Names = ()
    audience: Annotated[tuple[Annotated[str, word("audience")], ...], UpTo(10)] = ()
    develops: Annotated[tuple[DevelopsForm, ...], UpTo(200)] = ()
    proposed: Annotated[tuple[DevelopsForm, ...], UpTo(200)] = ()
    requires: Annotated[tuple[Code, ...], UpTo(100)] = ()
    municipality: Text = ""
    annotation: LongText = ""
    link: Link = ""


class PlacementForm(Form):
    """A step that must begin in a certain term, or on a certain day."""

    activity: Code
    day: Day = Field(description="Любой день периода, в котором мероприятие должно начаться")
    exact: bool = Field(default=False, description="Взять именно группу, которая начинается в этот день")


Placements = Annotated[tuple[PlacementForm, ...], UpTo(MOST_STEPS)]


class RecommendForm(Form):
    """One person's question, complete in itself: nothing about the person is read from the service or kept by it."""

    territory: TerritoryCode
    results: Annotated[tuple[ResultForm, ...], UpTo(MOST_RESULTS)]
    scale: Literal["percent", "share"] = Field(
        default="percent", description="В чём results[].percent: проценты (85) или доли единицы (0.85)"
    )
    person: PersonForm = PersonForm()
    request: Annotated[tuple[Name, ...], UpTo(MOST_WISHES)] = Field(
        default=(), description="Собственные пожелания: коды компетенций или слова"
    )
    limits: LimitsForm = LimitsForm()
    on: Day | None = Field(default=None, description="День запроса; по умолчанию сегодня")
    fixed: FixedCodes = Field(default=(), description="Коды мероприятий, которые должны войти в маршрут")
    forbidden: ActivityCodes = Field(default=(), description="Коды мероприятий, которых в маршруте быть не должно")
    placed: Placements = Field(default=(), description="Мероприятия, которые должны войти в маршрут в своё время")
    activities: Annotated[tuple[ActivityForm, ...], UpTo(MOST_ACTIVITIES)] | None = Field(
        default=None, description="Свой каталог вместо каталога территории; принимается после входа"
    )


class DraftForm(Form):
    """Limits and wishes for a new draft of a stored person's route."""

    limits: LimitsForm = LimitsForm()
    request: Annotated[tuple[Name, ...], UpTo(MOST_WISHES)] = ()
    fixed: FixedCodes = ()
    forbidden: ActivityCodes = ()
    placed: Placements = ()


class WhyNotQuery(Form):
    """Which activity is asked about."""

    activity: Code
