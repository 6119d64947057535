"""What may come in about mentors: runs and their rows, decisions by hand, pairs, and programmes of pairs."""

from typing import Annotated, Final

from pydantic import Field

from api.fields import (
    GREATEST_ID,
    WHOLE,
    Code,
    Day,
    Form,
    Known,
    LongText,
    Name,
    PageSize,
    RowNumber,
    TerritoryCode,
    Text,
    YesNo,
)
from api.fields import word as vocabulary_word
from api.mentors import pairs, shown
from api.paging import DEFAULT_LIMIT, NumberCursor
from recommender.mentoring.programme import KINDS as MEASURE_KINDS
from recommender.mentors import OBJECTIVES

MOST_MONTHS: Final = 60


def _one_of(codes: tuple[str, ...], sentence: str) -> Known:
    return Known(lambda text: text if text in codes else None, lambda: codes, sentence + " «{text}» нет; есть {known}")


PairKind = Annotated[str, vocabulary_word("pair_kind")]
Objective = Annotated[str, _one_of(tuple(OBJECTIVES), "цели")]
RunState = Annotated[str, _one_of(tuple(shown.RUN_STATES), "состояния")]
PairState = Annotated[str, _one_of(tuple(shown.PAIR_STATES), "состояния")]
Side = Annotated[str, _one_of(pairs.SIDES, "стороны")]
MeasureKind = Annotated[str, _one_of(MEASURE_KINDS, "вида")]
Id = Annotated[int, Field(ge=1, le=GREATEST_ID), WHOLE]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS), WHOLE]


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


class ProgrammeForm(Form):
    """How a programme is made."""

    months: Months | None = Field(
        default=None, description="Срок в месяцах; у действующей пары – по приказу, иначе по правилам территории"
    )
    again: bool = Field(default=False, description="Составить заново, даже если программу уже меняли")


class MeasureForm(Form):
    """A measure that one of the two adds."""

    month: Months
    kind: MeasureKind
    text: Name = Field(description="Что делается")
    result: LongText = Field(default="", description="Ожидаемый результат")
    competency: Code | None = Field(default=None, description="Код компетенции, которой служит мероприятие")


class MeasureChangeForm(Form):
    """What is changed of a measure; what is left out stays."""

    month: Months | None = None
    text: Name | None = None
    result: LongText | None = None
    done_on: Day | None = Field(default=None, description="Когда выполнено; null снимает отметку")
