"""What may come in about pairs: agreement, order, meetings, end and feedback."""

from typing import Annotated

from pydantic import Field

from api.fields import WHOLE, Day, Form, LongText, PageSize, TerritoryCode, Text
from api.mentors import labels
from api.mentors.fields import Months, PairKind, one_of
from api.paging import DEFAULT_LIMIT, NumberCursor
from models.pairs import SIDES

PairState = Annotated[str, one_of(tuple(labels.PAIR_STATES), "состояния")]
Side = Annotated[str, one_of(SIDES, "стороны")]


class PairsQuery(Form):
    """Which page of the pairs within reach."""

    territory: TerritoryCode | None = None
    kind: PairKind | None = None
    state: PairState | None = None
    q: Text = Field(default="", description="Слова из ФИО, организации, предметов любого из двоих")
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


class AgreeForm(Form):
    """For which side somebody agrees; the two of a pair answer for themselves."""

    side: Side | None = Field(default=None, description="Нужна тому, кто отвечает не за себя")


class DeclineForm(Form):
    """Why a pair does not suit, and for which side this is said."""

    reason: LongText
    side: Side | None = Field(default=None, description="Нужна тому, кто отвечает не за себя")


class WithdrawForm(Form):
    """Why a proposal is taken back."""

    reason: LongText


class ReplaceForm(Form):
    """Whether the next run looks for another mentor."""

    asked: bool = True


class StartForm(Form):
    """The order that puts a pair into force."""

    order_number: Text
    order_date: Day
    months: Months = Field(description="Срок пары в месяцах по правилам территории")
    starts: Day | None = Field(default=None, description="Первый день; без него – день приказа")


class MeetingForm(Form):
    """A meeting that took place."""

    held_on: Day
    topic: LongText
    outcome: LongText = ""


class EndForm(Form):
    """When and how a pair ended."""

    on: Day
    reason: LongText


class FeedbackForm(Form):
    """How the pair was for one of the two."""

    mark: Annotated[int, Field(ge=1, le=5), WHOLE] = Field(description="От 1 до 5")
    comment: LongText = ""
