"""What may come in about programmes of pairs and their measures."""

from typing import Annotated

from pydantic import Field

from api.fields import Code, Day, Form, LongText, Name
from api.mentors.fields import Months, one_of
from recommender.mentoring.programme import KINDS as MEASURE_KINDS

MeasureKind = Annotated[str, one_of(MEASURE_KINDS, "вида")]


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
