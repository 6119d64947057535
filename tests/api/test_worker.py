"""Jobs: queued only after the commit, taken once, resumed after a kill, failed with a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from api import worker
from api.access import Access
from api.account.operations import create_account
from api.cli.demo import store_region
from api.identity import Grant, Identity, command_line
from api.policy import Action
from api.routes.drafts import operations as drafts
from api.routes.drafts.executors import Executor, gather
from api.settings import Settings
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory
from models.jobs import JobRecord, add_job, ask_drafts, beat_job, claim_job, find_job, lost_jobs
from models.people import people_of
from models.people_lists import NO_ROUTE, list_people
from models.route_drafts import current_routes, people_to_draft
from models.routes import RouteRecord
from models.scope import Scope
from models.session import Session, Sessions, send_jobs, transaction

TERRITORY = "muya"
LOADING = Access(command_line([TERRITORY]), Action.DEMO_LOAD)
SCOPES = [Scope(TERRITORY)]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = 12


@pytest.fixture
def region(sessions: Sessions) -> list[int]:
    """A small demo region; returns the ids of those who have results."""
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    made = demo_region(rules, framework, on=NOW.date(), people=PEOPLE, activities=40, seed=3)
    with transaction(sessions) as session:
        store_region(session, LOADING, made, framework)
        return [*people_to_draft(session, SCOPES)]


@pytest.fixture
def fours() -> Iterator[Executor]:
    """An executor that drafts four people at a time, in this process."""
    with gather(jobs=1, chunk=4) as executor:
        yield executor


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that is filled with the people of each chunk that is drafted."""
    reached: list[int] = []
    draft = drafts.draft_people

    def noted(session: Session, actor: Identity, territory: str, ids: Sequence[int], **more: object) -> object:
        reached.extend(ids)
        return draft(session, actor, territory, ids, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(drafts, "draft_people", noted)
    return reached


def ask(sessions: Sessions, **more: object) -> int:
    with transaction(sessions) as session:
        return ask_drafts(session, TERRITORY, at=NOW, account_id=None, queued=False, **more).id  # type: ignore[arg-type]


def stored(sessions: Sessions) -> dict[int, tuple[object, ...]]:
    """Return everything of the routes that must not depend on how often the work was interrupted."""
    with sessions() as session:
        routes_ = session.query(RouteRecord).filter(RouteRecord.current).all()
        return {route.person_id: (route.value, route.bound, route.hours, route.full_answer) for route in routes_}


def test_a_job_is_sent_after_the_commit_and_not_after_a_rollback(sessions: Sessions) -> None:
    sent: list[int] = []
    send_jobs(sessions, sent.extend)
    with sessions() as session:
        add_job(session, "draft_routes", {}, at=NOW)
        session.rollback()
        kept = add_job(session, "draft_routes", {}, at=NOW)
        assert not sent
        session.commit()
        session.commit()
    assert sent == [kept.id]


def test_drafting_reaches_everyone_with_results_once(
    sessions: Sessions, settings: Settings, region: list[int], reached: list[int], fours: Executor
) -> None:
    shown: list[tuple[int, int]] = []
    job = worker.run_job(sessions, settings, ask(sessions), lambda done, total: shown.append((done, total)), fours)
    assert job is not None and job.state == "done" and job.error == ""
    assert reached == region
    count = len(region)
    assert shown == [(done, count) for done in (*range(0, count, 4), count)]
    with sessions() as session:
        assert set(current_routes(session, SCOPES, region)) == set(region)
        assert {line.id for line in list_people(session, SCOPES, route_state=NO_ROUTE)}.isdisjoint(region)


def test_a_killed_job_goes_on_at_once_with_the_people_it_has_not_reached(
    sessions: Sessions, settings: Settings, region: list[int], reached: list[int], fours: Executor
) -> None:
    worker.run_job(sessions, settings, ask(sessions), executor=fours)
    undisturbed = stored(sessions)
    job_id = ask(sessions, everyone=True)

    def killed(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    reached.clear()
    with pytest.raises(KeyboardInterrupt):
        worker.run_job(sessions, settings, job_id, killed, fours)
    with transaction(sessions) as session:
        running = find_job(session, job_id)
        assert running is not None and (running.state, running.done) == ("running", 4)
    shown: list[tuple[int, int]] = []
    job = worker.run_job(sessions, settings, job_id, lambda done, total: shown.append((done, total)), fours)
    assert job is not None and (job.state, job.attempts, job.done) == ("done", 2, len(region))
    assert shown[0] == (4, len(region)) and job.result == {"people": len(region), "routes": len(region), "refused": {}}
    assert reached == region
    assert stored(sessions) == undisturbed


def test_the_time_in_which_nobody_worked_does_not_count_for_the_pace(session: Session) -> None:
    job = ask_drafts(session, TERRITORY, at=NOW, account_id=None, queued=False)
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert claim_job(session, job.id, NOW)
    beat_job(session, job.id, NOW + minute, done=10, total=30)
    assert claim_job(session, job.id, NOW + hour)
    session.expire_all()
    assert (job.attempts, job.started_at) == (2, NOW + hour - minute)
    assert job.seconds_left(NOW + hour) == 120


def test_a_job_that_a_living_process_holds_is_left_to_it(
    sessions: Sessions, settings: Settings, region: list[int], fours: Executor
) -> None:
    job_id, second = ask(sessions), []

    def try_too(_done: int, _total: int) -> None:
        second.append(worker.run_job(sessions, settings, job_id, executor=fours))

    job = worker.run_job(sessions, settings, job_id, try_too, fours)
    assert job is not None and (job.state, job.attempts) == ("done", 1)
    assert second and not any(second)


def test_a_route_that_somebody_took_over_while_the_work_went_on_stays(
    sessions: Sessions, settings: Settings, region: list[int], fours: Executor
) -> None:
    worker.run_job(sessions, settings, ask(sessions), executor=fours)
    before = stored(sessions)

    def approve(done: int, _total: int) -> None:
        if done == 4:
            with transaction(sessions) as session:
                session.query(RouteRecord).filter_by(person_id=region[-1]).update({"state": "approved", "value": -1.0})

    worker.run_job(sessions, settings, ask(sessions, everyone=True), approve, fours)
    with sessions() as session:
        route = current_routes(session, SCOPES, region)[region[-1]]
    assert route.state == "approved"
    after = stored(sessions)
    assert after.pop(region[-1])[0] == -1.0
    assert after == {person: told for person, told in before.items() if person != region[-1]}


def test_a_finished_job_is_not_run_again(sessions: Sessions, settings: Settings, region: list[int]) -> None:
    job_id = ask(sessions)
    assert worker.run_job(sessions, settings, job_id) is not None
    assert worker.run_job(sessions, settings, job_id) is None


def test_a_refusal_fails_the_job_with_its_sentence(sessions: Sessions, settings: Settings) -> None:
    with transaction(sessions) as session:
        job_id = add_job(session, "apply_import", {"import": 404}, at=NOW, queued=False).id
    job = worker.run_job(sessions, settings, job_id)
    assert job is not None and (job.state, job.error) == ("failed", "Такой загрузки нет.")


def test_an_error_of_the_service_fails_the_job_and_is_logged(
    sessions: Sessions, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction(sessions) as session:
        job_id = add_job(session, "no_such_kind", {}, at=NOW, queued=False).id
    job = worker.run_job(sessions, settings, job_id)
    assert job is not None and (job.state, job.error) == ("failed", worker.BROKEN)
    assert "no_such_kind" in caplog.text


def test_the_sweep_finds_what_was_lost_and_gives_up_on_the_hopeless(session: Session) -> None:
    def job(state: str, age: timedelta, attempts: int = 1) -> JobRecord:
        made = add_job(session, "draft_routes", {}, at=NOW - age, queued=False)
        made.state, made.attempts = state, attempts
        made.beat_at = None if state == "queued" else NOW - age
        session.flush()
        return made

    hour, second = timedelta(hours=1), timedelta(seconds=1)
    forgotten, dead = job("queued", hour), job("running", hour)
    hopeless, fresh, alive, done = (
        job("running", hour, 3),
        job("queued", second),
        job("running", second),
        job("done", hour),
    )
    assert lost_jobs(session, NOW) == [forgotten.id, dead.id]
    session.expire_all()
    states = [record.state for record in (forgotten, dead, hopeless, fresh, alive, done)]
    assert states == ["queued", "running", "failed", "queued", "running", "done"]
    assert hopeless.error


def test_the_queue_carries_a_job_from_the_asking_process_to_the_working_one(
    settings: Settings, sessions: Sessions, region: list[int], tmp_path: Path
) -> None:
    app = Flask("test")
    app.extensions.update(settings=replace(settings, eager_jobs=False), sessions=sessions)
    worker.init_app(app)
    with transaction(sessions) as session:
        job_id = ask_drafts(session, TERRITORY, at=NOW, account_id=None).id
    queue = app.extensions["queue"]
    assert len(queue) == 1
    queue.execute(queue.dequeue())
    with sessions() as session:
        job = find_job(session, job_id)
        assert job is not None and job.state == "done"


def test_drafts_asked_for_by_an_account_reach_only_what_its_grants_do(
    sessions: Sessions, settings: Settings, region: list[int], operator: Identity
) -> None:
    with transaction(sessions) as session:
        place = people_of(session, SCOPES, region)[0].organisation_key
        own = [person.id for person in people_of(session, SCOPES, region) if person.organisation_key == place]
        grant = Grant("coordinator", Scope(TERRITORY, organisation_key=place))
        account = create_account(
            session,
            Access(operator, Action.ACCOUNTS_MAKE),
            login="tutor",
            password="пароль тьютора",
            display_name="Тьютор",
            grants=[grant],
        )
        job_id = ask_drafts(session, TERRITORY, at=NOW, account_id=account.id, queued=False).id
    job = worker.run_job(sessions, settings, job_id)
    assert job is not None and job.result == {"people": len(own), "routes": len(own), "refused": {}}
    with sessions() as session:
        assert sorted(current_routes(session, SCOPES, region)) == own


def test_a_job_whose_account_may_not_any_more_ends_with_the_sentence_and_does_nothing(
    sessions: Sessions, settings: Settings, region: list[int], operator: Identity
) -> None:
    with transaction(sessions) as session:
        account = create_account(
            session,
            Access(operator, Action.ACCOUNTS_MAKE),
            login="tutor",
            password="пароль тьютора",
            display_name="Тьютор",
            grants=[Grant("tutor", Scope(TERRITORY))],
        )
        job_id = ask_drafts(session, TERRITORY, at=NOW, account_id=account.id, queued=False).id
    job = worker.run_job(sessions, settings, job_id)
    assert job is not None and job.state == "failed"
    assert "«Составление маршрутов территории»" in job.error and "координатор ЦНППМ" in job.error
    with sessions() as session:
        assert not current_routes(session, SCOPES, region)
