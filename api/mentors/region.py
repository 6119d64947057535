"""From stored people, results, mentors and wishes to the mentors and mentees of the core."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

from api.mentors.pair_history import PairHistory, history_of, key_of
from data.progress import Progress
from data.reference.loading import load_framework, load_territory
from data.reference.words import compared
from models.careers import is_young, years_worked
from models.diagnostics import results_of
from models.group_means import kept_group_means
from models.mentor_runs import waiting_since
from models.mentors import MentorRecord, WishRecord, mentor_records, wish_records
from models.pairs import PairRecord, marks_of, pair_values
from models.people import PersonRecord, people_of
from models.scope import Scope, reached
from models.session import Session
from models.territories import framework_of
from recommender.deficits import find_deficits
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Framework
from recommender.mentoring.participants import groups_of, needs_of, strengths_of, team_needs, team_strengths
from recommender.mentoring.values import Mentee, Mentor, Need, Strength
from recommender.profile import build_profile
from recommender.territory import MentoringRule, Territory

TEAM: Final = "team"

ProfileParts = tuple[tuple[Need, ...], tuple[Strength, ...]]


@dataclass(frozen=True)
class People:
    """Everybody who may be in a run of one kind, as values of the core; keys are `key_of` the person.

    `outside` are pins that the run cannot heed, because one of the two is not in it.
    """

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    pinned: tuple[tuple[str, str], ...]
    forbidden: tuple[tuple[str, str], ...]
    outside: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Source:
    """What is known of a territory's people before it is turned into values."""

    territory: Territory
    rule: MentoringRule
    framework: Framework
    group_means: Mapping[str, Mapping[str, float]]
    on: date
    people: Sequence[PersonRecord]
    results: Mapping[int, tuple[DiagnosticResult, ...]]
    mentors: Mapping[int, MentorRecord]
    wishes: Sequence[WishRecord]
    pairs: Sequence[PairRecord]
    marks: Mapping[int, float]
    waiting: Mapping[int, date]


def people_for(
    session: Session,
    scopes: Sequence[Scope],
    territory: Territory,
    rule: MentoringRule,
    on: date,
    progress: Progress | None = None,
    *,
    ids: Collection[int] | None = None,
) -> People:
    """Return the mentees and mentors that the scopes reach, or those of `ids`, for one kind of pairs as of a day.

    A mentee with an open pair of the kind is left out unless it is to be replaced, and that pair takes a place of its
    mentor. Of a team all members are to be among `ids` (`team_mates`).
    """
    source = _read(session, scopes, territory, rule, on, ids)
    ties = _ties(source)
    parts = dict(_profiles(source, progress))
    build = _teams if rule.kind == TEAM else _individuals
    mentees, mentors = build(source, ties, parts)
    known = {mentee.key for mentee in mentees}, {mentor.key for mentor in mentors}
    pinned, banned = (
        tuple(
            (key_of(wish.mentee_id), key_of(wish.mentor_id))
            for wish in source.wishes
            if wish.kind == kind and key_of(wish.mentee_id) in known[0] and key_of(wish.mentor_id) in known[1]
        )
        for kind in ("pinned", "banned")
    )
    outside = tuple(pair for pair in _pins_of_kind(source, ties) if pair not in pinned)
    return People(tuple(mentees), tuple(mentors), pinned, banned, outside)


def _pins_of_kind(source: _Source, ties: PairHistory) -> Iterator[tuple[str, str]]:
    """Yield pins of people without a pair who belong to runs of this kind: managers to teams, others to the rest."""
    kinds = {person.id: person.kind for person in source.people}
    for wish in source.wishes:
        own = (kinds.get(wish.mentee_id) == "manager") == (source.rule.kind == TEAM)
        if wish.kind == "pinned" and own and wish.mentee_id not in ties.paired:
            yield key_of(wish.mentee_id), key_of(wish.mentor_id)


def _read(
    session: Session,
    scopes: Sequence[Scope],
    territory: Territory,
    rule: MentoringRule,
    on: date,
    ids: Collection[int] | None,
) -> _Source:
    return _Source(
        territory=territory,
        rule=rule,
        framework=framework_of(session, territory.code, load_framework(territory.framework)),
        group_means=kept_group_means(session, territory.code),
        on=on,
        people=people_of(session, scopes, ids),
        results=results_of(session, scopes, ids),
        mentors={mentor.person_id: mentor for mentor in mentor_records(session, scopes, ids)},
        wishes=wish_records(session, scopes, ids),
        pairs=pair_values(session, territory.code, rule.kind, ids),
        marks=marks_of(session, territory.code, rule.kind),
        waiting=waiting_since(session, territory.code, rule.kind),
    )


def _profiles(source: _Source, progress: Progress | None) -> Iterator[tuple[int, ProfileParts]]:
    """Yield needs and strengths by person; progress is told now and then."""
    for place, person in enumerate(source.people):
        if progress and place % 500 == 0:
            progress(place, len(source.people))
        policy, group_means = source.territory.policy, source.group_means.get(person.kind, {})
        profile = build_profile(source.results.get(person.id, ()), policy, group_means, source.on)
        deficits = find_deficits(profile, Person(person.kind), (), source.territory, source.framework)
        mentor = source.mentors.get(person.id)
        yield person.id, (needs_of(deficits), strengths_of(profile, mentor.strengths if mentor else ()))


def _ties(source: _Source) -> PairHistory:
    stands_for = {}
    if source.rule.kind == TEAM:
        stands_for = {person.id: _head(team).id for team in teams_of(source.people) for person in team}
    return history_of(source.wishes, source.pairs, source.marks, stands_for)


def _individuals(
    source: _Source, ties: PairHistory, parts: Mapping[int, ProfileParts]
) -> tuple[list[Mentee], list[Mentor]]:
    """Return one mentee per person without an open pair, and one mentor per person of the mentors' table."""
    mentees = [
        _mentee(person, source, ties, parts[person.id][0])
        for person in source.people
        if person.id not in ties.paired and _may_be_mentee(person, source, parts[person.id][0])
    ]
    mentors = [
        _mentor(person, source.mentors[person.id], source, ties, parts[person.id][1])
        for person in source.people
        if person.id in source.mentors
    ]
    return mentees, mentors


def _may_be_mentee(person: PersonRecord, source: _Source, needs: tuple[Need, ...]) -> bool:
    """Tell whether a person waits for a pair: every young specialist does, others where they lack something."""
    if source.rule.kind == "young":
        return is_young(person, source.territory.young, source.on)
    return person.kind == "teacher" and bool(needs)


def _mentee(person: PersonRecord, source: _Source, ties: PairHistory, needs: tuple[Need, ...]) -> Mentee:
    since = source.waiting.get(person.id, source.on)
    return Mentee(
        key=key_of(person.id),
        needs=needs,
        subjects=frozenset(map(compared, person.subjects)),
        municipality=person.municipality,
        experience=years_worked(person, source.on),
        groups=groups_of(Person(person.kind, young=is_young(person, source.territory.young, source.on))),
        waiting_days=max(0, (source.on - since).days),
        earlier=ties.earlier.get(person.id, ()),
        wanted=ties.wanted.get(person.id, frozenset()),
        unwanted=ties.unwanted.get(person.id, frozenset()),
        declined=ties.declined.get(("mentee", person.id), frozenset()),
    )


def _mentor(
    person: PersonRecord, record: MentorRecord, source: _Source, ties: PairHistory, strengths: tuple[Strength, ...]
) -> Mentor:
    subjects = record.subjects or person.subjects
    return Mentor(
        key=key_of(person.id),
        strengths=strengths,
        subjects=frozenset(map(compared, subjects)),
        municipality=person.municipality,
        experience=years_worked(person, source.on),
        groups=groups_of(Person(person.kind, young=is_young(person, source.territory.young, source.on))),
        formats=frozenset(record.formats),
        consent=record.consent,
        contest=record.contest,
        places=record.places,
        load=ties.load.get(person.id, 0),
        declined=ties.declined.get(("mentor", person.id), frozenset()),
    )


def _teams(source: _Source, ties: PairHistory, parts: Mapping[int, ProfileParts]) -> tuple[list[Mentee], list[Mentor]]:
    """Return the management of each school under the key of its head: a mentor where one of it is a mentor."""
    mentees: list[Mentee] = []
    mentors: list[Mentor] = []
    for team in teams_of(source.people):
        head = _head(team)
        records = [source.mentors[person.id] for person in team if person.id in source.mentors]
        if records:
            strengths = team_strengths(parts[person.id][1] for person in team)
            mentor = _mentor(head, records[0], source, ties, strengths)
            mentors.append(replace(mentor, groups=frozenset({TEAM}), subjects=frozenset()))
        elif head.id not in ties.paired and (needs := team_needs(parts[person.id][0] for person in team)):
            mentee = _mentee(head, source, ties, needs)
            mentees.append(replace(mentee, groups=frozenset({TEAM}), subjects=frozenset()))
    return mentees, mentors


def teams_of(people: Iterable[PersonRecord]) -> Iterator[list[PersonRecord]]:
    """Yield the managers of each school, in order of their ids."""
    managers = sorted((one for one in people if one.kind == "manager"), key=attrgetter("organisation_key", "id"))
    for _, group in groupby(managers, key=attrgetter("organisation_key")):
        yield list(group)


def team_mates(session: Session, scopes: Sequence[Scope], ids: Iterable[int]) -> list[PersonRecord]:
    """Return all managers of the schools at which these people work, as far as the scopes reach the whole school."""
    people = people_of(session, scopes, ids)
    schools = {Scope(one.territory, organisation_key=one.organisation_key) for one in people}
    return [one for team in teams_of(people_of(session, reached(scopes, schools))) for one in team]


def heads_of(session: Session, scopes: Sequence[Scope], ids: Iterable[int]) -> set[int]:
    """Return who stands for the teams to which these people belong."""
    return {_head(team).id for team in teams_of(team_mates(session, scopes, ids))}


def _head(team: Sequence[PersonRecord]) -> PersonRecord:
    """Return who stands for a team: the head of the school, else the first of its managers."""
    heads: Iterable[PersonRecord] = (
        person for person in team if compared(person.position).startswith(("директор", "заведующ"))
    )
    return next(iter(heads), team[0])


def rule_of(territory: str, kind: str) -> tuple[Territory, MentoringRule] | None:
    """Return the territory with its rule for a kind of pairs, None where it has no such pairs."""
    rules = load_territory(territory)
    found = next((rule for rule in rules.mentoring if rule.kind == kind), None)
    return None if found is None else (rules, found)
