"""What is answered about routes, as OpenAPI describes it; the values come from `recommender.explanation.answer`."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.fields import Answer, Codes
from recommender.vocabulary import ACTIVITY_KINDS, FORMATS, FORMS, PAIR_KINDS, PERSON_KINDS, STAGES

Share = float
Level = Literal["high", "medium", "low"]


class Reason(Answer):
    """A code with its values and the Russian sentence made of them."""

    model_config = ConfigDict(extra="allow")

    code: str
    text: str = Field(description="Русское предложение")


class AskedPerson(Answer):
    """The person as the answer repeats it."""

    kind: Annotated[str, Codes(PERSON_KINDS)]
    subjects: tuple[str, ...]
    municipality: str
    young: bool


class AskedLimits(Answer):
    """The limits that held, with the defaults of the territory filled in."""

    hours: float
    term_hours: float
    formats: tuple[str, ...]
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    steps: int


class AskedPlacement(Answer):
    """A step moved by hand."""

    activity: str
    day: date
    exact: bool


class Result(Answer):
    """A result of a diagnostic."""

    percent: float
    form: Annotated[str, Codes(FORMS)]
    stage: Annotated[str, Codes(STAGES)]
    date: date
    source: str


class Evidence(Result):
    """A result behind a deficit with its weight in the per cent."""

    weight: float


class Norm(Answer):
    """The mean of the person's group and its weight in the per cent."""

    percent: float
    weight: float


class Factors(Answer):
    """What the weight of a deficit is the product of."""

    step: float
    priority: float
    confidence: float
    request: float


class Deficit(Answer):
    """A competency below its target."""

    competency: str
    title: str
    area: str
    percent: float = Field(description="Сейчас, 0–100: сумма weight·percent по evidence и norm")
    uncertainty: Share = Field(description="Стандартное отклонение, доля")
    target: Share = Field(description="Цель, доля")
    gap: Share = Field(description="target − percent/100, не меньше нуля")
    level: str
    level_title: str
    weight: float = Field(description="Произведение factors")
    factors: Factors
    confidence: Share
    confidence_level: Level
    self_only: bool = Field(description="Известны только самооценки")
    evidence: tuple[Evidence, ...]
    norm: Norm
    self_assessments: tuple[Result, ...]


class Closing(Answer):
    """The share of a deficit that a step closes; the gain is the product of its factors."""

    competency: str
    title: str
    share: Share = Field(description="Доля дефицита, которую шаг закрывает после предыдущих")
    gain: Share = Field(description="Доля, которую он закрыл бы один: prior · relevance · confirmed · chance")
    spread: Share = Field(description="Стандартное отклонение gain")
    prior: Share = Field(description="По виду и часам мероприятия")
    relevance: Share
    confirmed: Share = Field(description="1 или ½, если связь ещё не подтверждена")
    chance: Share = Field(description="Вероятность, что мероприятие будет пройдено")


class Contribution(Answer):
    """A summand of a step's score."""

    code: Literal["closing", "hours"]
    competency: str | None
    value: float


class Confidence(Answer):
    """How much is known about a step."""

    value: Share
    level: Level


class Alternative(Answer):
    """Another activity in the place of a step and what it would change."""

    activity: str
    delivery: int
    title: str
    value_change: float
    hours_change: float


class Step(Answer):
    """One step of a route."""

    activity: str = Field(description="Код мероприятия")
    delivery: int
    title: str
    kind: Annotated[str, Codes(ACTIVITY_KINDS)]
    provider: str
    registers: tuple[str, ...]
    register_number: str
    register_until: date | None
    format: Annotated[str, Codes(FORMATS)]
    link: str
    places: int | None
    municipality: str
    dated: bool = Field(description="У группы есть свои даты")
    term: int = Field(description="Номер периода, с 1")
    term_title: str
    starts: date
    ends: date
    hours: float
    closes: tuple[Closing, ...]
    contributions: tuple[Contribution, ...] = Field(description="В сумме дают score")
    score: float
    reasons: tuple[Reason, ...]
    confidence: Confidence
    alternatives: tuple[Alternative, ...]


class Certificate(Answer):
    """How far a route may be from the best possible one."""

    value: float
    bound: float
    gap: float = Field(description="(bound − value) / max(|bound|, |value|), доля")


class GivenMentoring(Answer):
    """What a pair of mentoring gives before the steps."""

    pair: str
    kind: Annotated[str, Codes(PAIR_KINDS)]
    starts: date | None
    ends: date | None
    closes: tuple[Closing, ...]
    contributions: tuple[Contribution, ...] = Field(description="В сумме дают score")
    score: float


class Route(Answer):
    """Steps in order of time."""

    steps: tuple[Step, ...]
    mentoring: tuple[GivenMentoring, ...] = Field(
        default=(), description="Наставничество: дано, а не выбрано; входит в value и bound, часов не занимает"
    )
    certificate: Certificate
    hours: float
    closed: Share = Field(description="Закрытая доля суммы weight·gap")
    hour_cost: float
    notes: tuple[Reason, ...]


class Open(Answer):
    """What stays open of a deficit."""

    model_config = ConfigDict(extra="allow")

    competency: str
    title: str
    share: Share
    reason: str = Field(description="Код причины")
    text: str


class Excluded(Answer):
    """An activity that touches a deficit and may not be taken."""

    model_config = ConfigDict(extra="allow")

    activity: str
    title: str
    reason: str = Field(description="Код правила")
    text: str


class Versions(Answer):
    """Of what the answer was computed."""

    catalogue: str
    framework: str
    rules: str
    ranker: str
    scale: str


class Recommended(Answer):
    """The whole explained answer to one request."""

    territory: str
    on: date
    person: AskedPerson
    limits: AskedLimits
    fixed: tuple[str, ...]
    forbidden: tuple[str, ...]
    placed: tuple[AskedPlacement, ...]
    deficits: tuple[Deficit, ...]
    route: Route
    open: tuple[Open, ...]
    excluded: tuple[Excluded, ...]
    versions: Versions


class Mastered(Answer):
    """What is known of one competency: percent = Σ weight·percent of the results + norm_weight·norm."""

    competency: str
    title: str
    area: str
    percent: float
    uncertainty: Share = Field(description="Стандартное отклонение, доля от 0 до 1")
    confidence: Share
    target: float = Field(description="Цель, 0–100")
    norm: float
    norm_weight: float
    self_only: bool
    results: tuple[Evidence, ...]
    self_assessments: tuple[Result, ...]


class Profile(Answer):
    """The profile of a person on a day."""

    person_id: int
    on: date
    competencies: tuple[Mastered, ...]


class Deficits(Answer):
    """The deficits of a person on a day, heaviest first."""

    person_id: int
    on: date
    deficits: tuple[Deficit, ...]


class StoredRoute(Answer):
    """A stored route in a list."""

    id: int
    person_id: int
    current: bool = Field(description="Действующий маршрут; прежние хранятся")
    state: str
    version: int = Field(description="Номер действующей версии маршрута, с 1")
    lock_version: int = Field(description="Растёт с каждым изменением: правка, пришедшая с прежним, получит ответ 409")
    created_at: datetime = Field(description="Когда составлена действующая версия")
    value: float
    bound: float
    planned_hours: float
    closed: Share


class StoredRoutes(Answer):
    """The routes of a person, newest first."""

    items: tuple[StoredRoute, ...]


class WholeRoute(Recommended):
    """A stored route with the answer that it was drafted with."""

    id: int
    person_id: int
    current: bool
    state: str
    version: int = Field(description="Номер действующей версии маршрута, с 1")
    lock_version: int = Field(description="Растёт с каждым изменением: правка, пришедшая с прежним, получит ответ 409")
    created_at: datetime = Field(description="Когда составлена действующая версия")
    value: float
    bound: float
    planned_hours: float
    closed: Share


class WhyNot(Answer):
    """Why an activity is not in a route."""

    activity: str
    reason: Reason
