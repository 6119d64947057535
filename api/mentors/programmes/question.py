"""What a programme is made from: the mentee's deficits and route, the mentor's strengths, and the rule of the pair."""

from collections.abc import Sequence
from datetime import date

from api.access import Access, verb
from api.mentors.pairs.operations import two_of
from api.mentors.region import TEAM, team_mates
from api.policy import Action
from data.reference.loading import load_framework
from models.diagnostics import results_of
from models.group_means import kept_group_means
from models.mentors import mentor_records
from models.pairs import PairRecord
from models.people import PersonRecord, people_of
from models.routes import current_route
from models.scope import Scope
from models.session import Session
from models.territories import framework_of
from recommender.deficits import find_deficits
from recommender.diagnostics import Person
from recommender.framework import Framework
from recommender.knowledge import GroupMeans
from recommender.mentoring.participants import pair_rules, strengths_of, team_strengths
from recommender.mentoring.programme import Lack, Learning, PairQuestion
from recommender.mentoring.values import Strength
from recommender.profile import CompetencyProfile, build_profile
from recommender.route import Deficit
from recommender.territory import MentoringRule, Territory

Profiled = Sequence[tuple[PersonRecord, CompetencyProfile]]


@verb(Action.PAIR_PROGRAMME)
def question_of(
    session: Session,
    access: Access,
    pair: PairRecord,
    rules: tuple[Territory, MentoringRule],
    *,
    starts: date,
    months: int,
    on: date,
) -> PairQuestion:
    """Return what is known of a pair on a day as the question that its programme answers."""
    territory, rule = rules
    framework = framework_of(session, territory.code, load_framework(territory.framework))
    group_means = kept_group_means(session, territory.code)
    scopes = _known(session, access, pair).scopes
    two = (_members(session, scopes, pair, person_id) for person_id in (pair.mentee_id, pair.mentor_id))
    mentees, mentors = (_profiles(session, scopes, territory, people, group_means, on) for people in two)
    return PairQuestion(
        kind=pair.kind,
        format=pair.format,
        starts=starts,
        months=months,
        least=rule.months_least,
        most=rule.months_most,
        lacks=_lacks(mentees, territory, framework),
        strengths=_strengths(session, scopes, pair, mentors),
        learning=_learning(session, scopes, pair),
        strong_at=pair_rules(rule).strong_at,
    )


def _known(session: Session, access: Access, pair: PairRecord) -> Access:
    """Return the access to the two of a pair, or in a pair of teams to their schools, for both sides' programme."""
    two = two_of(session, access, pair).values()
    if pair.kind == TEAM:
        return access.for_(
            Action.PAIR_KNOW, *(Scope(one.territory, organisation_key=one.organisation_key) for one in two)
        )
    return access.for_(Action.PAIR_KNOW, *(Scope(one.territory, person_id=one.id) for one in two))


def _members(session: Session, scopes: Sequence[Scope], pair: PairRecord, person_id: int) -> Sequence[PersonRecord]:
    """Return the person, or of a team all managers of the person's school."""
    if pair.kind == TEAM:
        return team_mates(session, scopes, [person_id])
    return people_of(session, scopes, [person_id])


def _profiles(
    session: Session,
    scopes: Sequence[Scope],
    territory: Territory,
    people: Sequence[PersonRecord],
    group_means: GroupMeans,
    on: date,
) -> Profiled:
    results = results_of(session, scopes, [person.id for person in people])
    return [
        (person, build_profile(results.get(person.id, ()), territory.policy, group_means.get(person.kind, {}), on))
        for person in people
    ]


def _lacks(people: Profiled, territory: Territory, framework: Framework) -> tuple[Lack, ...]:
    """Return the deficits; of a team, the mean of those members who have one, weighted by how many they are."""
    found: dict[str, list[Deficit]] = {}
    for person, profile in people:
        for deficit in find_deficits(profile, Person(person.kind), (), territory, framework):
            found.setdefault(deficit.competency, []).append(deficit)
    return tuple(
        Lack(
            competency=code,
            title=framework.by_code[code].title,
            percent=sum(one.percent for one in deficits) / len(deficits),
            target=100 * sum(one.target for one in deficits) / len(deficits),
            weight=sum(one.weight * one.gap for one in deficits) / len(people),
        )
        for code, deficits in found.items()
    )


def _strengths(session: Session, scopes: Sequence[Scope], pair: PairRecord, people: Profiled) -> tuple[Strength, ...]:
    ids = {person.id for person, _ in people}
    declared = {record.person_id: record.strengths for record in mentor_records(session, scopes, ids)}
    every = [strengths_of(profile, declared.get(person.id, ())) for person, profile in people]
    return team_strengths(every) if pair.kind == TEAM else every[0]


def _learning(session: Session, scopes: Sequence[Scope], pair: PairRecord) -> tuple[Learning, ...]:
    route = current_route(session, scopes, pair.mentee_id)
    steps = () if route is None else route.steps
    return tuple(Learning(step.activity, str(step.answer["title"]), step.starts, step.ends) for step in steps)
