"""What is answered about routes beside the explained answer of the core (`recommender/explanation/forms.py`)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.fields import Answer
from recommender.explanation.forms import (
    DeficitAnswer,
    EvidenceAnswer,
    ExplainedAnswer,
    ReasonAnswer,
    ResultAnswer,
)


class Mastered(Answer):
    """What is known of one competency: percent = Σ weight·percent of the results + norm_weight·norm."""

    competency: str
    title: str
    area: str
    percent: float
    uncertainty: Annotated[float, Field(description="Стандартное отклонение, доля от 0 до 1")]
    confidence: float
    target: Annotated[float, Field(description="Цель, 0–100")]
    norm: float
    norm_weight: float
    self_only: bool
    results: Sequence[EvidenceAnswer]
    self_assessments: Sequence[ResultAnswer]


class Profile(Answer):
    """The profile of a person on a day."""

    person_id: int
    on: date
    competencies: Sequence[Mastered]


class Deficits(Answer):
    """The deficits of a person on a day, heaviest first."""

    person_id: int
    on: date
    deficits: Sequence[DeficitAnswer]


class StoredRoute(Answer):
    """A stored route in a list."""

    id: int
    person_id: int
    current: Annotated[bool, Field(description="Действующий маршрут; прежние хранятся")]
    state: str
    version: Annotated[int, Field(description="Номер действующей версии маршрута, с 1")]
    lock_version: Annotated[
        int, Field(description="Растёт с каждым изменением: правка, пришедшая с прежним, получит ответ 409")
    ]
    created_at: Annotated[datetime, Field(description="Когда составлена действующая версия")]
    value: float | None
    bound: float | None
    planned_hours: float
    closed: float | None


class StoredRoutes(Answer):
    """The routes of a person, newest first."""

    items: Sequence[StoredRoute]


class WholeRoute(StoredRoute, ExplainedAnswer):
    """A stored route with the answer that it was drafted with."""


class WhyNot(Answer):
    """Why an activity is not in a route."""

    activity: str
    reason: ReasonAnswer
