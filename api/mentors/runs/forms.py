"""What may come in about runs: which of them, their rows, decisions by hand."""

from typing import Annotated

from pydantic import Field

from api.fields import Form, PageSize, RowNumber, TerritoryCode, Text, YesNo
from api.mentors import labels
from api.mentors.fields import Id, PairKind, one_of
from api.paging import DEFAULT_LIMIT, NumberCursor
from recommender.mentors import OBJECTIVES

Objective = Annotated[str, one_of(tuple(OBJECTIVES), "цели")]
RunState = Annotated[str, one_of(tuple(labels.RUN_STATES), "состояния")]


class RunsQuery(Form):
    """Which page of the runs of which territory."""

    territory: TerritoryCode
    kind: PairKind | None = None
    state: RunState | None = None
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


class RunForm(Form):
    """What a run is asked for."""

    territory: TerritoryCode
    kind: PairKind = Field(description="Вид пар, который есть на территории")
    objective: Objective = Field(default="coverage", description="Что важнее: охват, сумма или худшая пара")
    earlier_id: Id | None = Field(default=None, description="Подбор, закрепления и запреты которого остаются в силе")


class RowsQuery(Form):
    """Which page of the rows of a run."""

    covered: YesNo | None = Field(default=None, description="true – с наставником, false – без него")
    q: Text = Field(default="", description="Слова из ФИО, организации, предметов педагога")
    municipality: Text = ""
    subject: Text = ""
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


class OrderQuery(Form):
    """Whose pairs an order is about."""

    municipality: Text = Field(default="", description="Муниципалитет педагогов; пусто – все")


class TwoForm(Form):
    """The two of a pair that a coordinator decides about."""

    mentee_id: Id
    mentor_id: Id


class OfferQuery(Form):
    """Which mentor for which mentee."""

    mentee_id: RowNumber
    mentor_id: RowNumber


class GiveForm(TwoForm):
    """A mentor for a mentee at once."""

    former_id: Id | None = Field(default=None, description="Наставник педагога сейчас: защита от устаревшего решения")
    other_id: Id | None = Field(default=None, description="Педагог, который отдаёт место; без него место свободно")
