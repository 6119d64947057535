"""Fields that forms of mentoring share."""

from typing import Annotated, Final

from pydantic import Field

from api.fields import GREATEST_ID, WHOLE, Known
from api.fields import word as vocabulary_word

MOST_MONTHS: Final = 60


def one_of(codes: tuple[str, ...], sentence: str) -> Known:
    """Return the check of a field that takes one of these codes."""
    return Known(lambda text: text if text in codes else None, lambda: codes, sentence + " «{text}» нет; есть {known}")


PairKind = Annotated[str, vocabulary_word("pair_kind")]
Id = Annotated[int, Field(ge=1, le=GREATEST_ID), WHOLE]
Months = Annotated[int, Field(ge=1, le=MOST_MONTHS), WHOLE]
