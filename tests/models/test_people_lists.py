"""Lists of people: found by words and filters, page by page, in one select however long they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from models.activities import CatalogueFilter, activity_of, insert_activities, list_activities, load_activities
from models.people import PeopleFilter, find_person, insert_people, neighbours_in_list
from models.people_lists import NO_ROUTE, LineGone, count_lines, list_people
from models.route_drafts import Making, store_versions
from models.routes import RouteRecord, current_route
from models.scope import Scope
from models.session import Engine, Session
from recommender.activity import Activity, Delivery

HERE = [Scope("kamchatka")]
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def region(session: Session, person: Any, draft: Any) -> list[int]:
    rows = [
        person(1, "Белова Анна", subjects=["Русский язык", "Литература"]),
        person(2, "Авдеев Пётр", municipality="Мильково", kind="manager"),
        person(3, "Белова Анна", organisation="Гимназия", organisation_key="гимназия"),
        person(4, "Волков Иван 100%"),
    ]
    ids = insert_people(session, rows)
    store_versions(session, HERE, [draft(ids[0]), draft(ids[2])], Making(AT))
    return ids


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_people_come_in_order_of_name_with_their_route(session: Session, region: list[int]) -> None:
    lines = list_people(session, HERE)
    assert [line.id for line in lines] == [region[1], region[0], region[2], region[3]]
    assert [line.route_state for line in lines] == [None, "draft", "draft", None]
    assert lines[1].heaviest == [{"competency": "МАТ-1", "title": "Числа", "percent": 31.0, "weight": 2.0}]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (PeopleFilter(search="белова"), {0, 2}),
        (PeopleFilter(search="анна белова гимназия"), {2}),
        (PeopleFilter(search="к-4"), {3}),
        (PeopleFilter(search="100%"), {3}),
        (PeopleFilter(search="%"), {3}),
        (PeopleFilter(search="_"), set()),
        (PeopleFilter(subject="литература"), {0}),
        (PeopleFilter(subject="литер"), set()),
        (PeopleFilter(municipality="Мильково"), {1}),
        (PeopleFilter(organisation_key="гимназия"), {2}),
        (PeopleFilter(kind="manager"), {1}),
        (PeopleFilter(search="белова", organisation_key="гимназия", kind="manager"), set()),
    ],
)
def test_filters_find_exactly_what_they_say(
    session: Session, region: list[int], chosen: PeopleFilter, expected: set[int]
) -> None:
    assert {region.index(line.id) for line in list_people(session, HERE, chosen)} == expected
    assert count_lines(session, HERE, chosen) == len(expected)


def test_a_list_may_ask_for_a_state_of_the_route_or_for_none(session: Session, region: list[int]) -> None:
    assert {line.id for line in list_people(session, HERE, route_state="draft")} == {region[0], region[2]}
    assert {line.id for line in list_people(session, HERE, route_state=NO_ROUTE)} == {region[1], region[3]}


def test_pages_name_everybody_once(session: Session, region: list[int]) -> None:
    found, after = [], None
    while lines := list_people(session, HERE, after=after, limit=1):
        found += [line.id for line in lines]
        after = lines[-1].id
    assert found == [line.id for line in list_people(session, HERE)]


def test_a_page_begins_behind_nobody_outside_the_scopes(session: Session, region: list[int]) -> None:
    for scopes, after in ((HERE, 10**6), ([Scope("muya")], region[0])):
        with pytest.raises(LineGone):
            list_people(session, scopes, after=after)


def test_a_list_takes_one_select_however_long_it_is(
    session: Session, region: list[int], engine: Engine, person: Any
) -> None:
    insert_people(session, [person(number, f"Громов {number}") for number in range(10, 60)])
    with counted(engine) as sent:
        assert len(list_people(session, HERE, limit=100)) == 54
    assert len(sent) == 1


def test_neighbours_of_a_person_follow_the_list(session: Session, region: list[int]) -> None:
    order = [line.id for line in list_people(session, HERE)]
    for place, person_id in enumerate(order):
        record = find_person(session, HERE, person_id)
        assert record is not None
        before, after = neighbours_in_list(session, HERE, record)
        assert (before.id if before else None) == (order[place - 1] if place else None)
        assert (after.id if after else None) == (order[place + 1] if place + 1 < len(order) else None)


def test_a_stored_route_gives_back_the_answer_to_the_last_bit(session: Session, region: list[int]) -> None:
    session.commit()
    session.expire_all()
    route = current_route(session, HERE, region[0])
    assert route is not None
    assert route.full_answer == {
        "on": date(2026, 11, 22),
        "route": {
            "steps": [{"activity": "П-0", "score": 0.1 + 0.2}, {"activity": "П-1", "score": 0.1 + 0.2}],
            "mentoring": [],
            "hours": 36.0,
            "value": 1.0,
        },
        "versions": {"catalogue": "1", "framework": "1", "rules": "1", "ranker": "1", "scale": "1"},
    }


def test_the_database_itself_keeps_one_current_route_of_a_person(
    session: Session, region: list[int], draft: Any
) -> None:
    columns = {**draft(region[0]).columns, "person_id": region[0], "created_at": AT}
    session.add(RouteRecord(**columns, current=False))
    session.flush()
    session.add(RouteRecord(**columns))
    with pytest.raises(IntegrityError):
        session.flush()


ACTIVITIES = (
    Activity(
        code="П-1",
        kind="pk",
        title="Функции в школе",
        provider="ИРО",
        hours=36.0,
        registers=("federal",),
        register_until=date(2027, 8, 31),
        deliveries=(Delivery(date(2026, 12, 1), date(2026, 12, 20), 25), Delivery()),
        subjects=("Математика",),
        audience=("teacher", "young"),
        develops=(("МАТ-3", 0.1 + 0.2),),
        requires=("П-2",),
    ),
    Activity(code="П-2", kind="seminar", title="Оценивание", provider="Школа", proposed=(("МЕТ-2", 0.5),)),
)


def test_activities_come_back_as_they_were_stored(session: Session) -> None:
    insert_activities(session, "kamchatka", [(activity, ";МАТ-3;") for activity in ACTIVITIES])
    session.commit()
    assert load_activities(session, "kamchatka") == ACTIVITIES
    assert load_activities(session, "muya") == ()
    records = list_activities(session, "kamchatka", CatalogueFilter(kind="seminar"))
    assert [activity_of(record) for record in records] == [ACTIVITIES[1]]


def test_a_whole_catalogue_is_read_in_two_selects(session: Session, engine: Engine) -> None:
    insert_activities(session, "kamchatka", [(activity, "") for activity in ACTIVITIES])
    with counted(engine) as sent:
        load_activities(session, "kamchatka")
    assert len(sent) == 2
