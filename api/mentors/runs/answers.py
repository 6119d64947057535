"""What is answered about runs of the mentor assignment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.fields import Answer, Codes
from api.mentors import labels
from api.mentors.answers import FitPart, FollowingMentor, Format, PairKind, PairPerson
from recommender.mentoring.reasons import REMEDIES, UNCOVERED, MentoringValues
from recommender.mentors import OBJECTIVES


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
    state: Annotated[str, Codes(tuple(labels.RUN_STATES))]
    state_text: str
    earlier_id: Annotated[int | None, Field(description="Подбор, из которого сделан этот")]
    job_id: int | None
    created_at: datetime
    computed_at: datetime | None
    published_at: datetime | None
    covered: Annotated[int, Field(description="Сколько педагогов получили наставника")]
    mentees: Annotated[int, Field(description="Сколько педагогов его ждали")]
    total: Annotated[float, Field(description="Сумма соответствия пар")]


class Runs(Answer):
    """A page of runs, newest first."""

    items: Sequence[ListedRun]
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
    worst: Annotated[float, Field(description="Соответствие худшей пары")]
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
    places: Annotated[int, Field(description="Свободных мест у наставников")]
    certificate: Annotated[RunCertificate | None, Field(description="Есть у рассчитанного подбора")]
    shortages: Sequence[RunShortage]
    pinned: Annotated[Sequence[TwoIds], Field(description="Закреплены вручную, действует при следующем подборе")]
    forbidden: Annotated[Sequence[TwoIds], Field(description="Запрещены вручную, действует при следующем подборе")]
    earlier: RunChange | None
    by_hand: Annotated[RunByHand | None, Field(description="Изменения вручную после расчёта")]


class RunReason(MentoringValues):
    """Why a mentee has no mentor, or what would help; the values of the code stand beside it."""

    code: Annotated[str, Codes((*UNCOVERED, *REMEDIES))]
    text: str


class RunRow(Answer):
    """A mentee of a run."""

    mentee: PairPerson
    mentor: PairPerson | None
    pinned: Annotated[bool, Field(description="Пара была закреплена до этого подбора")]
    fit: float
    format: Format | None
    parts: Annotated[Sequence[FitPart], Field(description="Слагаемые соответствия, сумма равна fit")]
    following: Annotated[Sequence[FollowingMentor], Field(description="Следующие по выгоде наставники")]
    reason: RunReason | None
    remedy: RunReason | None
    to_pin: Annotated[bool, Field(description="Будет закреплена в следующем подборе")]
    to_forbid: Annotated[bool, Field(description="Будет запрещена в следующем подборе")]


class HandOffer(Answer):
    """One way to give a mentee a certain mentor at once, and what the whole gains."""

    other_id: Annotated[int | None, Field(description="Педагог, который отдаёт место; null – место свободно")]
    coverage: int
    total: float
    lifted: Annotated[Sequence[str], Field(description="Правила, которые эта пара нарушает, а закрепление снимает")]


class HandOffers(Answer):
    """The ways, the best for the whole first; none where a refusal bars the pair."""

    items: Sequence[HandOffer]


class RunRows(Answer):
    """A page of the rows of a run."""

    items: Sequence[RunRow]
    next: str | None
