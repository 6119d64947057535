"""What is answered about runs, pairs and programmes of mentoring."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.fields import Answer, Codes
from api.mentors import shown
from api.mentors.pairs import SIDES
from api.mentors.texts import MEASURE_KINDS
from recommender.mentoring.reasons import PARTS, PROGRAMME_NOTES, REMEDIES, UNCOVERED
from recommender.mentoring.values import MEETING_FORMATS
from recommender.mentors import OBJECTIVES
from recommender.vocabulary import PAIR_KINDS

PairKind = Annotated[str, Codes(PAIR_KINDS)]
Format = Annotated[str, Codes(MEETING_FORMATS)]
Side = Annotated[str, Codes(SIDES)]


class PairPerson(Answer):
    """One of a pair."""

    id: int
    full_name: str
    organisation: str
    municipality: str
    subjects: tuple[str, ...]


class TwoIds(Answer):
    """A pair by its people."""

    mentee_id: int
    mentor_id: int


class ListedRun(Answer):
    """A run in the list."""

    id: int
    territory: str
    kind: PairKind
    kind_text: str
    objective: Annotated[str, Codes(tuple(OBJECTIVES))]
    objective_text: str
    state: Annotated[str, Codes(tuple(shown.RUN_STATES))]
    state_text: str
    earlier_id: int | None = Field(description="Подбор, из которого сделан этот")
    job_id: int | None
    created_at: datetime
    computed_at: datetime | None
    published_at: datetime | None
    covered: int = Field(description="Сколько педагогов получили наставника")
    mentees: int = Field(description="Сколько педагогов его ждали")
    total: float = Field(description="Сумма соответствия пар")


class Runs(Answer):
    """A page of runs, newest first."""

    items: tuple[ListedRun, ...]
    next: str | None


class RunProgress(Answer):
    """How far the computation is; `error` says why it failed."""

    state: str
    done: int
    total: int
    seconds_left: float | None
    error: str


class RunCertificate(Answer):
    """How good the pairs are, with bounds that hold for every assignment."""

    coverage: int
    coverage_bound: int
    worst: float = Field(description="Соответствие худшей пары")
    value: float
    bound: float
    gap: float


class RunShortage(Answer):
    """What a region lacks."""

    what: Annotated[str, Codes(("competency", "municipality", "subject"))]
    code: str
    title: str
    mentees: int
    uncovered: int
    mentors: int
    places: int
    free_places: int


class RunChange(Answer):
    """The change against the run that this one was made from."""

    id: int
    total_change: float
    covered_change: int
    mentees_changed: int


class RunByHand(Answer):
    """What changes by hand have done to the pairs that were computed."""

    changes: int
    total: float
    coverage: int


class WholeRun(ListedRun):
    """A run with its proof and what the region lacks."""

    progress: RunProgress | None
    mentors: int
    places: int = Field(description="Свободных мест у наставников")
    certificate: RunCertificate | None = Field(description="Есть у рассчитанного подбора")
    shortages: tuple[RunShortage, ...]
    pinned: tuple[TwoIds, ...] = Field(description="Закреплены вручную, действует при следующем подборе")
    forbidden: tuple[TwoIds, ...] = Field(description="Запрещены вручную, действует при следующем подборе")
    earlier: RunChange | None
    by_hand: RunByHand | None = Field(description="Изменения вручную после расчёта")


class FitPart(Answer):
    """One summand of a fit."""

    code: Annotated[str, Codes(tuple(PARTS))]
    competency: str | None
    value: float
    text: str


class FollowingMentor(Answer):
    """Another mentor and what this choice would cost the whole; without a name where it is out of reach."""

    mentor_id: int
    full_name: str | None
    fit: float
    coverage_loss: int
    total_loss: float


class RunReason(Answer):
    """Why a mentee has no mentor, or what would help; the values of the code stand beside it."""

    model_config = ConfigDict(extra="allow")

    code: Annotated[str, Codes((*UNCOVERED, *REMEDIES))]
    text: str


class RunRow(Answer):
    """A mentee of a run."""

    mentee: PairPerson
    mentor: PairPerson | None
    pinned: bool = Field(description="Пара была закреплена до этого подбора")
    fit: float
    format: Format | None
    parts: tuple[FitPart, ...] = Field(description="Слагаемые соответствия, сумма равна fit")
    following: tuple[FollowingMentor, ...] = Field(description="Следующие по выгоде наставники")
    reason: RunReason | None
    remedy: RunReason | None
    to_pin: bool = Field(description="Будет закреплена в следующем подборе")
    to_forbid: bool = Field(description="Будет запрещена в следующем подборе")


class HandOffer(Answer):
    """One way to give a mentee a certain mentor at once, and what the whole gains."""

    other_id: int | None = Field(description="Педагог, который отдаёт место; null – место свободно")
    coverage: int
    total: float
    lifted: tuple[str, ...] = Field(description="Правила, которые эта пара нарушает, а закрепление снимает")


class HandOffers(Answer):
    """The ways, the best for the whole first; none where a refusal bars the pair."""

    items: tuple[HandOffer, ...]


class RunRows(Answer):
    """A page of the rows of a run."""

    items: tuple[RunRow, ...]
    next: str | None


class ListedPair(Answer):
    """A pair in the list."""

    id: int
    territory: str
    kind: PairKind
    kind_text: str
    state: Annotated[str, Codes(tuple(shown.PAIR_STATES))]
    state_text: str
    mentee: PairPerson
    mentor: PairPerson
    run_id: int | None
    fit: float
    format: Format | None
    proposed_on: date
    mentee_agreed_on: date | None
    mentor_agreed_on: date | None
    declined_by: Annotated[str, Codes((*SIDES, "coordinator"))] | None
    closing_reason: str
    order_number: str
    order_date: date | None
    starts: date | None
    ends: date | None
    closed_on: date | None
    to_replace: bool = Field(description="Следующий подбор ищет педагогу другого наставника")


class Pairs(Answer):
    """A page of pairs."""

    items: tuple[ListedPair, ...]
    next: str | None


class Meeting(Answer):
    """A meeting of a pair."""

    id: int
    held_on: date
    topic: str
    outcome: str


class Feedback(Answer):
    """What one side said of a pair at its end."""

    side: Side
    mark: int
    comment: str
    given_at: datetime


class WholePair(ListedPair):
    """A pair with everything that is known of it."""

    parts: tuple[FitPart, ...]
    following: tuple[FollowingMentor, ...] = Field(description="Следующие по выгоде; видит только координатор")
    meetings: tuple[Meeting, ...]
    feedback: tuple[Feedback, ...]
    has_programme: bool


class DeclinedPair(WholePair):
    """A declined pair and the one that is proposed instead."""

    offered_id: int | None = Field(description="Пара со следующим наставником, если у него есть место")


class ProgrammeNote(Answer):
    """A sentence of the explanatory note; the values of the code stand beside it."""

    model_config = ConfigDict(extra="allow")

    code: Annotated[str, Codes(tuple(PROGRAMME_NOTES))]
    text: str


class ProgrammeGoal(Answer):
    """A deficit that the two work on, in per cent now and wanted."""

    competency: str
    title: str
    percent: float
    target: float
    weight: float
    mentor: float | None = Field(description="Владение наставника, не меньше (доля); null – не подтверждено")


class ProgrammeMeasure(Answer):
    """A measure of a programme."""

    id: int
    month: int
    month_starts: date
    month_ends: date
    kind: Annotated[str, Codes(tuple(MEASURE_KINDS))]
    kind_text: str
    competency: str | None
    competency_title: str | None
    activity: str | None = Field(description="Код мероприятия маршрута, которое обсуждают")
    text: str
    result: str = Field(description="Ожидаемый результат")
    own: bool = Field(description="Написано участниками пары")
    done_on: date | None


class WholeProgramme(Answer):
    """The personal programme of a pair."""

    pair_id: int
    months: int
    starts: date
    ends: date
    made_at: datetime
    changed_at: datetime | None = Field(description="Когда программу в последний раз меняли вручную")
    note: tuple[ProgrammeNote, ...]
    goals: tuple[ProgrammeGoal, ...]
    measures: tuple[ProgrammeMeasure, ...]
    done: int
