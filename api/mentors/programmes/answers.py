"""What is answered about programmes of pairs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.fields import Answer, Codes
from api.mentors.labels import MEASURE_KINDS
from recommender.mentoring.reasons import PROGRAMME_NOTES, MentoringValues


class ProgrammeNote(MentoringValues):
    """A sentence of the explanatory note; the values of the code stand beside it."""

    code: Annotated[str, Codes(tuple(PROGRAMME_NOTES))]
    text: str


class ProgrammeGoal(Answer):
    """A deficit that the two work on, in per cent now and wanted."""

    competency: str
    title: str
    percent: float
    target: float
    weight: float
    mentor: Annotated[float | None, Field(description="Владение наставника, не меньше (доля); null – не подтверждено")]


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
    activity: Annotated[str | None, Field(description="Код мероприятия маршрута, которое обсуждают")]
    text: str
    result: Annotated[str, Field(description="Ожидаемый результат")]
    own: Annotated[bool, Field(description="Написано участниками пары")]
    done_on: date | None


class WholeProgramme(Answer):
    """The personal programme of a pair."""

    pair_id: int
    months: int
    starts: date
    ends: date
    made_at: datetime
    changed_at: Annotated[datetime | None, Field(description="Когда программу в последний раз меняли вручную")]
    note: Sequence[ProgrammeNote]
    goals: Sequence[ProgrammeGoal]
    measures: Sequence[ProgrammeMeasure]
    done: int
