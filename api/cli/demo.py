"""`flask demo`: an invented region with accounts to look at it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, Final

import click

from api.access import Access, verb
from api.account.operations import create_account
from api.cli.context import access, known_territory, refusing, sessions, territory_option
from api.cli.progress import ProgressLine
from api.errors import Conflict, InvalidInput
from api.identity import Grant, Scope
from api.imports.planning import framework_in_use
from api.imports.writing import write_sheet
from api.policy import Action
from api.routes import operations as routes
from api.routes.knowledge import knowledge_of
from data.demo.region import ACTIVITIES, MOST_ACTIVITIES, MOST_PEOPLE, PEOPLE, DemoRegion, demo_region
from data.progress import Progress
from data.reference.loading import load_territory
from data.spreadsheets.plan import Planned, SheetPlan
from data.tables.rows import MentorRow
from models.accounts import AccountRecord, account_by_login
from models.activities import count_activities
from models.careers import is_young
from models.mentors import mentor_records
from models.people import PersonRecord, assign_tutor, count_people, people_of
from models.session import Session, transaction
from recommender.framework import Framework
from recommender.knowledge import Knowledge
from recommender.recommendation import recommend

LEAST_PEOPLE: Final = 1
LOOKED_AT: Final = 24
"""People among whom the one is chosen whose route shows most."""

LOOKED_AT_FOR_PAIR: Final = 1000
PAIR_ACCOUNTS: Final = (("young", "молодой педагог"), ("mentor", "наставник"))
"""The two who may sign in to see a pair from both sides are looked for among so many people."""

MENTOR_YEARS: Final = 10
MENTOR_EVERY: Final = 8
STRONG: Final = 80
"""Who becomes a mentor of the demo region: every eighth who has taught for ten years; strong from this per cent on."""


@click.command("demo", help="Загрузить демо-регион в пустую территорию и завести учётные записи.")
@territory_option
@click.option("--people", type=int, default=PEOPLE, show_default=True, help="Сколько педагогов.")
@click.option("--activities", type=int, default=ACTIVITIES, show_default=True, help="Сколько мероприятий.")
@click.option("--seed", type=int, default=0, show_default=True, help="Начало случайных чисел.")
@click.option("--if-empty", is_flag=True, help="Ничего не делать, если в базе уже есть педагоги.")
@refusing
def demo(territory: str, people: int, activities: int, seed: int, if_empty: bool) -> None:
    if if_empty and has_people():
        return
    for account in load_demo(territory, people, activities, seed):
        click.echo(f"  {account.login:<24} пароль {account.demo_password:<20} {account.display_name}")


def has_people() -> bool:
    """Tell whether the database holds anybody."""
    with transaction(sessions()) as session:
        return bool(count_people(session, access(Action.DEMO_LOAD).scopes))


def load_demo(territory: str, people: int = PEOPLE, activities: int = ACTIVITIES, seed: int = 0) -> list[AccountRecord]:
    """Load a demo region into an empty territory and return the accounts made for it."""
    known_territory(territory)
    _check_sizes(people, activities, seed)
    with transaction(sessions()) as session:
        loading = access(Action.DEMO_LOAD)
        if count_people(session, loading.within(territory)) or count_activities(session, territory):
            raise Conflict(f"В территории {territory} уже есть данные. Демо-регион загружается только в пустую.")
        line = ProgressLine("Демо-регион")
        rules, framework = load_territory(territory), framework_in_use(session, territory)
        region = demo_region(rules, framework, on=date.today(), people=people, activities=activities, seed=seed)
        ids = store_region(session, loading, region, framework, line)
        accounts = _accounts(session, loading, region, ids)
        line.close()
    click.echo(f"Демо-регион «{rules.title}»: педагогов {people}, мероприятий {activities}.")
    return accounts


def _check_sizes(people: int, activities: int, seed: int) -> None:
    if not LEAST_PEOPLE <= people <= MOST_PEOPLE:
        raise InvalidInput(f"Педагогов может быть от {LEAST_PEOPLE} до {MOST_PEOPLE}, а не {people}.", field="people")
    if not 0 <= activities <= MOST_ACTIVITIES:
        raise InvalidInput(f"Мероприятий может быть от 0 до {MOST_ACTIVITIES}, а не {activities}.", field="activities")
    if seed < 0:
        raise InvalidInput("Начало случайных чисел (--seed) – целое число от 0.", field="seed")


@verb(Action.DEMO_LOAD)
def store_region(
    session: Session,
    access: Access,
    region: DemoRegion,
    framework: Framework,
    line: Progress = lambda done, total: None,
) -> list[int]:
    """Write a region the way an import would and return the ids of its people in order."""
    activities = _written(session, access, region, framework, "activities", region.activities)
    line(1, 3)
    ids = _written(session, access, region, framework, "people", region.people)
    line(2, 3)
    results = [replace(row, person=ids[row.person]) for row in region.results]
    _written(session, access, region, framework, "diagnostics", results)
    _written(session, access, region, framework, "mentors", _mentors(region, ids))
    line(3, 3)
    assert len(activities) == len(region.activities)
    return ids


def _mentors(region: DemoRegion, ids: Sequence[int]) -> list[MentorRow]:
    """Return every eighth experienced teacher as a mentor, with places for one to three and the strengths measured."""
    experienced = [
        place
        for place, person in enumerate(region.people)
        if person.kind == "teacher"
        and person.work_started is not None
        and person.work_started.year <= region.on.year - MENTOR_YEARS
    ]
    strong = defaultdict[int, set[str]](set)
    for result in region.results:
        if result.percent >= STRONG:
            strong[result.person].add(result.competency)
    return [
        MentorRow(
            person=ids[place],
            places=1 + number % 3,
            strengths=tuple(sorted(strong[place])),
            subjects=region.people[place].subjects or (),
            contest=number % 4 == 0,
            consent=True,
        )
        for number, place in enumerate(experienced[::MENTOR_EVERY])
    ]


def _written(
    session: Session, access: Access, region: DemoRegion, framework: Framework, table: str, rows: Sequence[Any]
) -> list[int]:
    planned = tuple(Planned(line, row) for line, row in enumerate(rows, start=1))
    plan = SheetPlan(None, table, len(rows), 0, planned, ())
    return [row_id for row_id, _ in write_sheet(session, access, region.territory, framework, plan, region.on).changes]


def _accounts(session: Session, access: Access, region: DemoRegion, ids: Sequence[int]) -> list[AccountRecord]:
    """Add a teacher whose route shows much, the teacher's tutor, a coordinator, a young teacher and a mentor."""
    territory = region.territory
    person = _shown_best(session, access, territory, ids)
    tutor = region.tutor[ids.index(person.id)]
    scope, making = Scope(territory), access.for_(Action.ACCOUNTS_MAKE)
    accounts = [
        _account(session, making, territory, "teacher", person.full_name, Grant("teacher", scope), person.id),
        _account(session, making, territory, "tutor", "Тьютор (демо)", Grant("tutor", scope)),
        _account(session, making, territory, "coordinator", "Координатор ЦНППМ (демо)", Grant("coordinator", scope)),
    ]
    own = [person_id for person_id, number in zip(ids, region.tutor, strict=True) if number == tutor]
    assign_tutor(session, access.within(territory), own, accounts[1].id)
    two = _likely_pair(session, access, territory, ids, person.id)
    for one, (login, word) in zip(two, PAIR_ACCOUNTS, strict=False):
        name = f"{one.full_name} ({word})"
        accounts.append(_account(session, making, territory, login, name, Grant("teacher", scope), one.id))
    return accounts


def _likely_pair(
    session: Session, access: Access, territory: str, ids: Sequence[int], taken: int
) -> tuple[PersonRecord, ...]:
    """Return the young teacher and the mentor, among the first people, who have most in common; nobody if one lacks."""
    scopes, rule = access.within(territory), load_territory(territory).young
    people = [one for one in people_of(session, scopes, ids[:LOOKED_AT_FOR_PAIR]) if one.id != taken]
    mentors = {mentor.person_id for mentor in mentor_records(session, scopes)}
    young = [one for one in people if is_young(one, rule, date.today())]
    pairs = product(young, (one for one in people if one.id in mentors))
    return max(pairs, key=lambda two: (*_common(*two), -two[0].id, -two[1].id), default=())


def _common(mentee: PersonRecord, mentor: PersonRecord) -> tuple[bool, bool]:
    """Tell whether two people teach the same subject, and whether they work in one municipality."""
    return bool(set(mentee.subjects) & set(mentor.subjects)), mentee.municipality == mentor.municipality


def _account(
    session: Session,
    access: Access,
    territory: str,
    role: str,
    display_name: str,
    grant: Grant,
    person_id: int | None = None,
) -> AccountRecord:
    """Add a demo account; where the plain login is taken by another territory's, this one bears its territory."""
    login = role if account_by_login(session, role) is None else f"{role}-{territory}"
    return create_account(
        session,
        access,
        login=login,
        password=f"demo-{role}",
        display_name=display_name,
        person_id=person_id,
        grants=[grant],
        demo=True,
    )


def _shown_best(session: Session, access: Access, territory: str, ids: Sequence[int]) -> PersonRecord:
    """Return the teacher, among the first, whose route has most to show: steps, alternatives, something left open."""
    knowledge, reading = knowledge_of(session, territory), access.for_(Action.PERSON_READ)
    people = [person for person in people_of(session, reading.scopes, ids[:LOOKED_AT]) if person.kind == "teacher"]
    if not people:
        return people_of(session, reading.scopes, ids[:1])[0]
    return max(people, key=lambda person: (_shows(session, reading, person, knowledge), -person.id))


def _shows(session: Session, access: Access, person: PersonRecord, knowledge: Knowledge) -> tuple[int, int, int]:
    question = routes.question_of(session, access, person)
    found = recommend(question, knowledge, excluded=False)
    steps, measured = found.route.steps, len({result.stage for result in question.results})
    return min(len(steps), 4), measured, sum(bool(step.alternatives) for step in steps) + bool(found.open)
