"""What the board of a run says line by line: pairs with their reasons, marks by hand, shortages, tables to keep."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from api.access import Access, verb
from api.exports import Cell, ExportedSheet
from api.mentors import labels
from api.policy import Action, FieldGroup
from api.rendering import capital
from models.mentor_runs import MentorRunRecord, RunRowRecord
from models.people import PersonRecord, people_of
from models.scope import Scope
from models.session import Session
from recommender.mentoring.values import KeptShortage

SHORTAGES_SHOWN: Final = 3
SHORT_OF: Final = {"competency": "Компетенции", "municipality": "Муниципалитеты", "subject": "Предметы"}
PAIRS_HEADER: Final = (
    *("Педагог", "Организация", "Муниципалитет", "Предметы", "Наставник", "Организация наставника"),
    *("Муниципалитет наставника", "Как встречаться", "Чем поможет", "Соответствие", "Закреплена"),
)
ALONE_HEADER: Final = ("Педагог", "Организация", "Муниципалитет", "Предметы", "Почему без наставника", "Что поможет")
Line = tuple[RunRowRecord, PersonRecord, PersonRecord | None]
Reach = Sequence[Scope]


class NamedShortage(KeptShortage):
    """A shortage with the title of what is short."""

    title: str


@dataclass(frozen=True)
class BoardLine:
    """A line of the board: the two, why in a line, the next best mentors, and what was set by hand."""

    row: RunRowRecord
    mentee: PersonRecord
    mentor: PersonRecord | None
    helps: str
    following: list[labels.NamedNext]
    reason: str
    remedy: str
    held: bool
    banned: bool
    changed: bool


@verb(Action.MENTORS_READ)
def board_lines(
    session: Session, access: Access, run: MentorRunRecord, rows: Sequence[Line], changed: Container[int]
) -> list[BoardLine]:
    """Return the lines of the board for rows of a run; `changed` are mentees who had another mentor before."""
    named = labels.keys_in(reason for row, _, _ in rows for reason in (row.reason, row.remedy))
    named |= {other["mentor"] for row, _, _ in rows for other in row.following}
    names, titles = labels.names_of(session, access.scopes, named), labels.titles_of(session, run.territory)
    access.sight(Scope(run.territory)).need(FieldGroup.RESULTS)
    return [
        BoardLine(
            row=row,
            mentee=mentee,
            mentor=mentor,
            helps=labels.helps(row.parts, titles),
            following=labels.named_next(row.following, names),
            reason=labels.reason_sentence(row.reason, names, titles),
            remedy=labels.reason_sentence(row.remedy, names, titles),
            held=[row.mentee_id, row.mentor_id] in run.pinned,
            banned=[row.mentee_id, row.mentor_id] in run.forbidden,
            changed=row.mentee_id in changed,
        )
        for row, mentee, mentor in rows
    ]


@dataclass(frozen=True)
class Mark:
    """A pair that is held or banned by hand, as the next run will heed it."""

    mentee: PersonRecord
    mentor: PersonRecord
    held: bool


def marks_of_run(session: Session, scopes: Reach, run: MentorRunRecord) -> list[Mark]:
    """Return the marks by hand of a run whose people are in reach, in order of the names of the mentees."""
    pairs = [(*pair, True) for pair in run.pinned] + [(*pair, False) for pair in run.forbidden]
    people = {one.id: one for one in people_of(session, scopes, {id_ for pair in pairs for id_ in pair[:2]})}
    found = [
        Mark(people[mentee], people[mentor], held)
        for mentee, mentor, held in pairs
        if mentee in people and mentor in people
    ]
    return sorted(found, key=lambda mark: (mark.mentee.name_key, mark.mentee.id, mark.mentor.id))


def shortages_of(session: Session, run: MentorRunRecord) -> list[tuple[str, list[NamedShortage]]]:
    """Return the worst shortages of each kind, competencies by their titles."""
    titles = labels.titles_of(session, run.territory)
    listed: list[NamedShortage] = [
        {**one, "title": capital(titles.get(one["code"], one["code"]) or "не указано")}
        for one in run.answer.get("shortages", [])
    ]
    found = [
        (title, [one for one in listed if one["what"] == what][:SHORTAGES_SHOWN]) for what, title in SHORT_OF.items()
    ]
    return [(title, worst) for title, worst in found if worst]


def pins_outside(session: Session, scopes: Reach, run: MentorRunRecord) -> list[str]:
    """Return the pins that a run could not heed, by the names of the two that the scopes reach."""
    pairs = run.answer.get("pins_outside", [])
    names = labels.names_of(session, scopes, [one for pair in pairs for one in pair]) if pairs else {}
    return [f"{names[mentee]} – {names[mentor]}" for mentee, mentor in pairs if mentee in names and mentor in names]


def clash_sentence(session: Session, scopes: Reach, run: MentorRunRecord) -> str:
    """Return why the pins of a run cannot hold, with the names of those concerned, "" where that was not the reason."""
    clash = run.answer.get("clash")
    return labels.reason_sentence(clash, labels.names_of(session, scopes, labels.keys_in([clash])), {}) if clash else ""


@verb(Action.MENTORS_READ)
def sheets(
    session: Session, access: Access, run: MentorRunRecord, rows: Iterable[Line]
) -> tuple[ExportedSheet, ExportedSheet]:
    """Return the whole board as two sheets: the pairs, and those without a mentor."""
    lines = board_lines(session, access, run, list(rows), ())
    pairs = [_pair_cells(line, line.mentor) for line in lines if line.mentor is not None]
    alone = [_alone_cells(line) for line in lines if line.mentor is None]
    return ExportedSheet("Пары", PAIRS_HEADER, pairs), ExportedSheet("Без наставника", ALONE_HEADER, alone)


def _pair_cells(line: BoardLine, mentor: PersonRecord) -> list[Cell]:
    return [
        *_person_cells(line.mentee),
        mentor.full_name,
        mentor.organisation,
        mentor.municipality,
        labels.FORMATS[line.row.format],
        capital(line.helps),
        round(line.row.fit, 2),
        "да" if line.row.pinned else "",
    ]


def _alone_cells(line: BoardLine) -> list[Cell]:
    return [*_person_cells(line.mentee), line.reason, line.remedy]


def _person_cells(person: PersonRecord) -> list[Cell]:
    return [person.full_name, person.organisation, person.municipality, ", ".join(person.subjects)]
