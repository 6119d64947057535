"""What may come in to read territories and their catalogues, and what is answered."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from pydantic import StringConstraints as Limits

from api.fields import Answer, Codes, Form, PageSize, TerritoryCode, Text, YesNo, word
from api.paging import DEFAULT_LIMIT, TextCursor
from recommender.activity import Delivery
from recommender.framework import Competency
from recommender.territory import Territory
from recommender.vocabulary import ACTIVITY_KINDS, AUDIENCES, FORMATS, PROVIDER_KINDS, REGISTERS


class ActivitiesQuery(Form):
    """Which page of which catalogue."""

    territory: TerritoryCode
    q: Text = Field(default="", description="Слова из названия или организатора")
    kind: Annotated[str, word("activity_kind")] | None = None
    format: Annotated[str, word("format")] | None = None
    competency: Annotated[str, Limits(max_length=200, pattern=r"^[^\x00-\x1f;]*$")] = ""
    untagged: YesNo = False
    limit: PageSize = DEFAULT_LIMIT
    cursor: TextCursor | None = None


class Tag(Answer):
    """A competency that an activity develops."""

    competency: str
    relevance: Annotated[float, Field(description="Больше 0 и до 1")]


class ListedActivity(Answer):
    """An entry of the catalogue with the Russian words of its codes."""

    code: str
    kind: Annotated[str, Codes(ACTIVITY_KINDS)]
    kind_text: str
    title: str
    provider: str
    provider_kind: Annotated[str, Codes(PROVIDER_KINDS)]
    provider_kind_text: str
    hours: float | None
    format: Annotated[str, Codes(FORMATS)]
    format_text: str
    network: bool
    registers: Sequence[Annotated[str, Codes(REGISTERS)]]
    register_number: str
    register_until: date | None
    deliveries: Sequence[Delivery]
    subjects: Sequence[str]
    audience: Sequence[Annotated[str, Codes(AUDIENCES)]]
    develops: Sequence[Tag]
    proposed: Annotated[Sequence[Tag], Field(description="Предложено по тексту и ждёт подтверждения")]
    requires: Sequence[str]
    municipality: str
    annotation: str
    link: str


class Activities(Answer):
    """A page of a catalogue in order of titles."""

    items: Sequence[ListedActivity]
    next: str | None


class ListedTerritory(Answer):
    """A territory in the list."""

    code: str
    title: str
    version: str
    level: str


class Territories(Answer):
    """All territories that the service has rules for."""

    items: Sequence[ListedTerritory]


class WholeTerritory(Answer):
    """The rules of a territory and the competencies that may be named in requests."""

    rules: Territory
    competencies: Sequence[Competency]
