"""Rows as they come out of files, cleaned and checked, before anything is written."""

from dataclasses import dataclass
from datetime import date

from recommender.activity import Activity

ResultKey = tuple[int, str, date, str, str]
"""What makes two results the same one: person, competency, date, stage and form."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of a people table; None is "the file does not say" and keeps what is known already."""

    full_name: str
    organisation: str
    external_id: str | None = None
    birth_date: date | None = None
    birth_year: int | None = None
    kind: str | None = None
    position: str | None = None
    subjects: tuple[str, ...] | None = None
    municipality: str | None = None
    work_started: date | None = None
    experience_years: float | None = None
    qualification: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person that the service already knows, as the planner of any table finds people again."""

    id: int
    row: PersonRow


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One measured value of one person (a wide row makes many); `person` is `KnownPerson.id`."""

    person: int
    competency: str
    taken_on: date
    stage: str
    form: str
    percent: float
    score: float | None = None
    maximum: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class KnownResult:
    """A result that the service already keeps under its `ResultKey`."""

    id: int
    percent: float
    score: float | None = None
    maximum: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class KnownActivity:
    """An entry of the catalogue that the service already keeps under the activity's code."""

    id: int
    activity: Activity


@dataclass(frozen=True, slots=True)
class CompetencyRow:
    """One competency of a framework file."""

    code: str
    title: str
    area: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class KnownCompetency:
    """A competency that the service already keeps under its code."""

    id: int
    row: CompetencyRow


@dataclass(frozen=True, slots=True)
class MentorRow:
    """What a mentors table says of one person, whole: `person` is `KnownPerson.id`.

    `places` is None where the territory decides, `strengths` are codes (empty: taken from diagnostics), `formats` are
    ways to meet («in_person», «distance»); without `consent` a mentor stays out of runs.
    """

    person: int
    places: int | None = None
    strengths: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("in_person", "distance")
    contest: bool = False
    consent: bool = False


@dataclass(frozen=True, slots=True)
class KnownMentor:
    """A mentor that the service already keeps under the id of the person."""

    id: int
    row: MentorRow


@dataclass(frozen=True, slots=True)
class WishRow:
    """A wish or ban for one pair of people: `kind` is «wanted», «unwanted», «banned» or «pinned»."""

    mentee: int
    mentor: int
    kind: str


@dataclass(frozen=True, slots=True)
class KnownWish:
    """A wish that the service already keeps under its (mentee, mentor)."""

    id: int
    kind: str


@dataclass(frozen=True, slots=True)
class HeadcountRow:
    """How many there are of something in a year: of a municipality and a subject, each empty for all of them."""

    year: int
    what: str
    value: float
    municipality: str = ""
    subject: str = ""
    source: str = ""


HeadcountKey = tuple[int, str, str, str]
"""What makes two headcounts the same one: year, and compared municipality, subject and what is counted."""


@dataclass(frozen=True, slots=True)
class KnownHeadcount:
    """A headcount that the service already keeps under its `HeadcountKey`."""

    id: int
    row: HeadcountRow


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """What one person got for one task; `person` is `KnownPerson.id`."""

    person: int
    taken_on: date
    task: str
    score: float
    maximum: float = 1.0


ResponseKey = tuple[int, date, str]
"""What makes two answers the same one: person, date and compared task."""


@dataclass(frozen=True, slots=True)
class KnownResponse:
    """An answer that the service already keeps under its `ResponseKey`."""

    id: int
    score: float
    maximum: float


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Which competencies a task measures, by their codes."""

    task: str
    competencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task that the service already keeps under its compared name."""

    id: int
    row: TaskRow
