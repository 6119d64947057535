"""What may come in to read people, and what is answered about them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from api.fields import Answer, Codes, Form, PageSize, TerritoryCode, Text, YesNo, word
from api.paging import DEFAULT_LIMIT, NumberCursor
from models.routes import Heaviest
from recommender.vocabulary import PERSON_KINDS, QUALIFICATIONS


class PeopleQuery(Form):
    """Which page of which people."""

    territory: TerritoryCode | None = None
    q: Text = Field(default="", description="Слова из ФИО, организации, предметов или код педагога")
    municipality: Text = ""
    organisation: Text = ""
    subject: Text = ""
    kind: Annotated[str, word("person_kind")] | None = None
    route_state: Text = Field(default="", description="Состояние маршрута: draft …; none – маршрута нет")
    mine: YesNo = Field(default=False, description="Только свои педагоги (для тьютора)")
    limit: PageSize = DEFAULT_LIMIT
    cursor: NumberCursor | None = None


class ListedPerson(Answer):
    """A person in the list with the state of the route."""

    id: int
    full_name: str
    external_id: str | None
    kind: Annotated[str, Codes(PERSON_KINDS)]
    kind_text: str
    position: str
    subjects: Sequence[str]
    organisation: str
    municipality: str
    route_id: int | None
    route_state: str | None
    closed: float | None
    hours: float | None
    deficits: int | None
    heaviest: Sequence[Heaviest]


class People(Answer):
    """A page of people in order of names."""

    items: Sequence[ListedPerson]
    next: str | None


class WholePerson(Answer):
    """A person as stored."""

    id: int
    territory: str
    full_name: str
    external_id: str | None
    birth_date: date | None
    birth_year: int | None
    kind: Annotated[str, Codes(PERSON_KINDS)]
    kind_text: str
    position: str
    subjects: Sequence[str]
    organisation: str
    municipality: str
    work_started: date | None
    experience_years: float | None
    qualification: Annotated[str, Codes(("", *QUALIFICATIONS))]
    qualification_text: str
