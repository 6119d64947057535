"""JSON of mentoring: the whole life of a run and of a pair, who may do what, and what is refused with which field."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient

from api.access import Access
from api.account.operations import create_account, sign_in
from api.identity import Grant, Scope, command_line
from api.policy import Action
from models.journal import JournalRecord
from models.session import transaction

TERRITORY = "kamchatka"
TODAY = date.today()
ORDER = {"order_number": "17-о", "order_date": (TODAY - timedelta(days=40)).isoformat(), "months": 6}
CODE = "МЕТ-2"


class Life:
    """The service with a region that waits for mentors; everybody has an account by the name of the region."""

    def __init__(self, app: Flask, service: Any, ids: dict[str, int]) -> None:
        self.app, self.service, self.ids = app, service, ids
        self.names = {person: name for name, person in ids.items()}
        self.boss: FlaskClient = service.client("coordinator")

    def of(self, name: str) -> FlaskClient:
        """Return the client of a person of the region."""
        if name not in self.service.tokens:
            self.service.tokens[name] = self._account(name)
        client: FlaskClient = self.service.client(name)
        return client

    def _account(self, name: str) -> str:
        login, password = f"u{self.ids[name]}", "верный пароль"
        grant = Grant("teacher", Scope(TERRITORY))
        with transaction(self.app.extensions["sessions"]) as session:
            create_account(
                session,
                Access(command_line([TERRITORY]), Action.ACCOUNTS_MAKE),
                login=login,
                password=password,
                display_name=name,
                person_id=self.ids[name],
                grants=[grant],
            )
            return sign_in(session, login=login, password=password, address="test", hours=1).token

    def run(self, **more: Any) -> dict[str, Any]:
        """Ask for a run and read its rows, as the one who means to publish it."""
        form = {"territory": TERRITORY, "kind": "young", **more}
        run = done(self.boss.post("/api/v1/mentor-runs", json=form), 202)
        done(self.boss.get(f"/api/v1/mentor-runs/{run['id']}/rows"))
        return done(self.boss.get(f"/api/v1/mentor-runs/{run['id']}"))

    def pair(self) -> dict[str, Any]:
        """Return the proposed pair of the first young teacher."""
        done(self.boss.post(f"/api/v1/mentor-runs/{self.run()['id']}/publish"))
        items = done(self.boss.get("/api/v1/pairs?state=proposed"))["items"]
        return next(one for one in items if one["mentee"]["id"] == self.ids["молодой 0"])

    def active(self) -> tuple[str, FlaskClient, FlaskClient]:
        """Return the address of a pair in force and its two as clients: mentee, mentor."""
        pair = self.pair()
        address, mentor = f"/api/v1/pairs/{pair['id']}", self.names[pair["mentor"]["id"]]
        two = self.of("молодой 0"), self.of(mentor)
        for one in two:
            done(one.post(f"{address}/agree", json={}))
        done(self.boss.post(f"{address}/start", json=ORDER))
        return address, *two


def done(answer: Any, status: int = 200) -> dict[str, Any]:
    """Return what an endpoint answered, which must be a success."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def refused(answer: Any, status: int) -> tuple[str | None, str]:
    """Return the field and the sentence of a refusal."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    error = answer.get_json()["error"]
    return error.get("field"), error["message"]


@pytest.fixture
def life(app: Flask, service: Any, filled: Any) -> Life:
    with transaction(app.extensions["sessions"]) as session:
        region = filled(session, places=(1, 2))
        region.weak("молодой 0", CODE)
        region.strong("наставник 0", CODE)
        region.strong("наставник 1", CODE)
        return Life(app, service, dict(region.ids))


def acts(app: Flask) -> set[str]:
    """Return what the journal says was done: actions, with the act where an action has several."""
    with transaction(app.extensions["sessions"]) as session:
        entries = session.query(JournalRecord).order_by(JournalRecord.id)
        return {" ".join((entry.action, str(entry.details.get("act", "")))).strip() for entry in entries}


def test_a_run_is_asked_for_read_with_its_proof_and_published_once_it_was_looked_at(life: Life) -> None:
    form = {"territory": TERRITORY, "kind": "наставник – молодой специалист", "objective": "coverage"}
    asked = done(life.boss.post("/api/v1/mentor-runs", json=form), 202)
    run = f"/api/v1/mentor-runs/{asked['id']}"
    told = done(life.boss.get(run))
    assert (told["state"], told["covered"], told["mentees"]) == ("computed", 3, 4)
    assert told["certificate"]["coverage"] == told["certificate"]["coverage_bound"] == 3
    assert told["progress"]["state"] == "done" and told["shortages"]
    assert "просмотренный" in refused(life.boss.post(f"{run}/publish"), 409)[1]
    rows = done(life.boss.get(f"{run}/rows?limit=3"))
    assert len(rows["items"]) == 3
    rest = done(life.boss.get(f"{run}/rows?limit=3&cursor={rows['next']}"))
    assert rest["next"] is None and len(rest["items"]) == 1
    covered = done(life.boss.get(f"{run}/rows?covered=true"))["items"]
    for row in covered:
        assert row["fit"] == pytest.approx(sum(part["value"] for part in row["parts"]))
        assert all(part["text"] for part in row["parts"]) and row["mentor"]["full_name"]
    [alone] = done(life.boss.get(f"{run}/rows?covered=false"))["items"]
    assert alone["mentor"] is None and alone["reason"]["code"] == "places_taken" and "место" in alone["remedy"]["text"]
    assert done(life.boss.get(f"{run}/rows?q=молодой%200"))["items"][0]["mentee"]["full_name"] == "молодой 0"
    published = done(life.boss.post(f"{run}/publish"))
    assert published["state"] == "published"
    assert {"mentors.run", "mentors.read view", "mentors.read", "mentors.publish"} <= acts(life.app)
    assert refused(life.boss.post(f"{run}/publish"), 409)


def test_pins_and_bans_hold_in_the_next_run_and_are_taken_back(life: Life) -> None:
    first = life.run()
    address = f"/api/v1/mentor-runs/{first['id']}"
    rows = done(life.boss.get(f"{address}/rows?covered=true"))["items"]
    two = {"mentee_id": rows[0]["mentee"]["id"], "mentor_id": rows[0]["mentor"]["id"]}
    other = {"mentee_id": rows[1]["mentee"]["id"], "mentor_id": rows[1]["mentor"]["id"]}
    assert done(life.boss.post(f"{address}/pin", json=two))["pinned"] == [two]
    assert done(life.boss.post(f"{address}/forbid", json=other))["forbidden"] == [other]
    second = life.run(earlier_id=first["id"])
    assert second["earlier"]["id"] == first["id"] and second["earlier"]["mentees_changed"] >= 1
    rows = done(life.boss.get(f"/api/v1/mentor-runs/{second['id']}/rows"))["items"]
    mentors = {row["mentee"]["id"]: row["mentor"] and row["mentor"]["id"] for row in rows}
    assert mentors[two["mentee_id"]] == two["mentor_id"] and mentors[other["mentee_id"]] != other["mentor_id"]
    assert next(row for row in rows if row["pinned"])["mentee"]["id"] == two["mentee_id"]
    assert done(life.boss.post(f"{address}/release", json=two))["pinned"] == []
    assert done(life.boss.delete(address))["state"] == "dropped"
    assert refused(life.boss.delete(address), 409)
    listed = done(life.boss.get(f"/api/v1/mentor-runs?territory={TERRITORY}&limit=1"))
    assert [one["id"] for one in listed["items"]] == [second["id"]]
    older = done(life.boss.get(f"/api/v1/mentor-runs?territory={TERRITORY}&limit=1&cursor={listed['next']}"))
    assert [one["id"] for one in older["items"]] == [first["id"]]
    dropped = done(life.boss.get(f"/api/v1/mentor-runs?territory={TERRITORY}&state=dropped"))
    assert [one["id"] for one in dropped["items"]] == [first["id"]]


def test_wrong_fields_are_named(life: Life) -> None:
    runs = "/api/v1/mentor-runs"
    form = {"territory": TERRITORY, "kind": "young"}
    for wrong, field in (
        ({"kind": "друзья"}, "kind"),
        ({"objective": "лучшая"}, "objective"),
        ({"territory": "луна"}, "territory"),
        ({"earlier_id": 0}, "earlier_id"),
        ({"лишнее": 1}, "лишнее"),
    ):
        assert refused(life.boss.post(runs, json={**form, **wrong}), 422)[0] == field
    assert refused(life.boss.post(runs, json={**form, "earlier_id": 999_999}), 422)[0] == "earlier_id"
    pair = f"/api/v1/pairs/{life.pair()['id']}"
    assert refused(life.boss.post(f"{pair}/agree", json={}), 422)[0] == "side"
    assert refused(life.of("молодой 0").post(f"{pair}/decline", json={"reason": " "}), 422)[0] == "reason"
    for side in ("mentee", "mentor"):
        done(life.boss.post(f"{pair}/agree", json={"side": side}))
    assert refused(life.boss.post(f"{pair}/start", json={**ORDER, "months": 13}), 422)[0] == "months"
    assert refused(life.boss.post(f"{pair}/start", json={**ORDER, "order_date": "вчера"}), 422)[0] == "order_date"


def test_the_whole_life_of_a_pair(life: Life) -> None:
    address, mentee, mentor = life.active()
    assert done(mentee.get("/api/v1/pairs"))["items"][0]["state"] == "active"
    meeting = {"held_on": TODAY.isoformat(), "topic": "Урок вместе", "outcome": "Готов план"}
    assert done(mentor.post(f"{address}/meetings", json=meeting), 201)["meetings"][0]["topic"] == "Урок вместе"
    assert refused(mentee.post(f"{address}/end", json={"on": TODAY.isoformat(), "reason": "Срок"}), 403)
    ended = done(life.boss.post(f"{address}/end", json={"on": TODAY.isoformat(), "reason": "Срок закончился"}))
    assert (ended["state"], ended["closed_on"]) == ("ended", TODAY.isoformat())
    for one in (mentee, mentor):
        done(one.post(f"{address}/feedback", json={"mark": 5, "comment": "Спасибо"}), 201)
    whole = done(life.boss.get(address))
    assert {one["side"] for one in whole["feedback"]} == {"mentee", "mentor"}
    assert [one["side"] for one in done(mentee.get(address))["feedback"]] == ["mentee"]
    assert refused(mentee.post(f"{address}/feedback", json={"mark": 4}), 409)
    assert refused(life.boss.post(f"{address}/feedback", json={"mark": 4}), 403)
    assert {"pair.agree agree", "pair.order start", "pair.meeting", "pair.order end", "pair.feedback"} <= acts(life.app)


def test_declining_frees_the_place_and_says_what_is_offered(life: Life) -> None:
    pair = life.pair()
    whole = done(life.boss.get(f"/api/v1/pairs/{pair['id']}"))
    assert whole["parts"] and whole["following"] and whole["following"][0]["full_name"].startswith("наставник")
    assert done(life.of("молодой 0").get(f"/api/v1/pairs/{pair['id']}"))["following"] == []
    answer = done(life.of("молодой 0").post(f"/api/v1/pairs/{pair['id']}/decline", json={"reason": "Далеко"}))
    assert (answer["state"], answer["declined_by"], answer["closing_reason"]) == ("declined", "mentee", "Далеко")
    # All places are proposed to somebody, so that nobody is left to offer.
    assert answer["offered_id"] is None


def test_a_proposal_is_withdrawn_and_a_pair_in_force_is_marked_to_be_replaced(life: Life) -> None:
    address, mentee, _ = life.active()
    assert refused(mentee.post(f"{address}/replace", json={}), 403)
    assert done(life.boss.post(f"{address}/replace", json={}))["to_replace"] is True
    assert done(life.boss.post(f"{address}/replace", json={"asked": False}))["to_replace"] is False
    assert refused(life.boss.post(f"{address}/withdraw", json={"reason": "Ошибка"}), 409)
    other = done(life.boss.get("/api/v1/pairs?state=proposed"))["items"][0]["id"]
    taken = done(life.boss.post(f"/api/v1/pairs/{other}/withdraw", json={"reason": "Ошибка"}))
    assert (taken["state"], taken["state_text"], taken["declined_by"]) == ("withdrawn", "отозвана", "coordinator")


def test_a_mentee_is_given_a_mentor_at_once_for_a_price_that_is_told_before(life: Life) -> None:
    address = f"/api/v1/mentor-runs/{life.run()['id']}"
    [alone] = done(life.boss.get(f"{address}/rows?covered=false"))["items"]
    mentee, mentor = alone["mentee"]["id"], life.ids["наставник 0"]
    ways = done(life.boss.get(f"{address}/offers?mentee_id={mentee}&mentor_id={mentor}"))["items"]
    assert ways[0]["coverage"] == 0 and ways[0]["other_id"]
    form = {"mentee_id": mentee, "mentor_id": mentor, "other_id": ways[0]["other_id"]}
    changed = done(life.boss.post(f"{address}/give", json=form))
    assert changed["by_hand"]["changes"] == 1 and changed["by_hand"]["total"] == pytest.approx(ways[0]["total"])
    [left] = done(life.boss.get(f"{address}/rows?covered=false"))["items"]
    assert left["mentee"]["id"] == ways[0]["other_id"] and left["reason"]["code"] == "displaced"
    assert refused(life.boss.post(f"{address}/give", json=form), 409)


def test_strangers_find_nothing(life: Life) -> None:
    pair, run = life.pair(), life.run()
    for client in (life.service.client("stranger"), life.of("молодой 1")):
        assert refused(client.get(f"/api/v1/pairs/{pair['id']}"), 404)
        assert refused(client.get(f"/api/v1/pairs/{pair['id']}/programme"), 404)
    assert refused(life.service.client("stranger").get(f"/api/v1/mentor-runs/{run['id']}/rows"), 404)
    # Whoever has no right to runs at all learns nothing of which there are.
    known, unknown = (life.of("молодой 1").get(f"/api/v1/mentor-runs/{id_}/rows") for id_ in (run["id"], 999_999))
    assert refused(known, 403) == refused(unknown, 403)
    for client in (life.service.client("forgetful"), life.service.client("stranger")):
        assert refused(client.get(f"/api/v1/mentor-runs?territory={TERRITORY}"), 403)
        assert refused(client.post("/api/v1/mentor-runs", json={"territory": TERRITORY, "kind": "young"}), 403)


def test_the_two_make_and_change_their_programme(life: Life) -> None:
    address, mentee, mentor = life.active()
    path = f"{address}/programme"
    assert refused(mentee.get(path), 404)
    made = done(mentor.post(path, json={}), 201)
    assert made["months"] == 6 and made["starts"] == ORDER["order_date"] and made["changed_at"] is None
    assert [goal["competency"] for goal in made["goals"]] == [CODE]
    assert made["goals"][0]["mentor"] is not None and made["goals"][0]["target"] > made["goals"][0]["percent"]
    assert all(one["competency"] == CODE or one["activity"] for one in made["measures"])
    assert done(mentee.post(path, json={}), 201)["measures"][0]["text"] == made["measures"][0]["text"]
    own = {"month": 2, "kind": "masterclass", "text": "Своё занятие", "result": "Конспект", "competency": CODE}
    added = done(mentee.post(f"{path}/measures", json=own), 201)
    mine = next(one for one in added["measures"] if one["own"])
    assert (mine["text"], mine["month"], mine["result"]) == ("Своё занятие", 2, "Конспект")
    measure = f"{path}/measures/{mine['id']}"
    changed = done(mentor.patch(measure, json={"month": 3, "text": "Другое", "done_on": TODAY.isoformat()}))
    mine = next(one for one in changed["measures"] if one["id"] == mine["id"])
    assert (mine["month"], mine["text"], mine["done_on"], changed["done"]) == (3, "Другое", TODAY.isoformat(), 1)
    assert refused(mentor.delete(measure), 409)
    assert done(mentor.patch(measure, json={"done_on": None}))["done"] == 0
    left = done(mentor.delete(measure))["measures"]
    assert mine["id"] not in [one["id"] for one in left]
    assert "подтвердите" in refused(mentor.post(path, json={}), 409)[1]
    assert done(mentor.post(path, json={"again": True}), 201)["changed_at"] is None
    assert {f"pair.programme {act}" for act in ("make", "add", "change", "mark")} <= acts(life.app)


def test_a_mentor_is_counted_in_the_route_before_anything_is_chosen(life: Life, visit: Any) -> None:
    person = life.ids["молодой 0"]
    alone = done(life.boss.post(f"/api/v1/people/{person}/routes", json={}), 201)
    assert alone["route"]["mentoring"] == []
    address, mentee, _ = life.active()
    route = done(mentee.post(f"/api/v1/people/{person}/routes", json={}), 201)["route"]
    [given] = route["mentoring"]
    assert given["pair"] == address.rpartition("/")[2] and given["starts"] == ORDER["order_date"]
    assert [(one["competency"], one["share"]) for one in given["closes"]] == [(CODE, 0.45)]
    scores = [given["score"], *(step["score"] for step in route["steps"])]
    certificate = route["certificate"]
    assert sum(scores) == pytest.approx(certificate["value"]) and certificate["bound"] >= certificate["value"]
    assert route["closed"] >= alone["route"]["closed"]
    page = visit("coordinator").get(f"/people/{person}/route").text
    assert "Учтено до выбора мероприятий" in page
    docx = life.boss.get(f"/api/v1/routes/{done(mentee.get(f'/api/v1/people/{person}/routes'))['items'][0]['id']}.docx")
    assert any(one.text.startswith("Наставничество (") for one in Document(BytesIO(docx.data)).paragraphs)


def test_wrong_measures_are_refused_with_their_field(life: Life) -> None:
    address, mentee, _ = life.active()
    path = f"{address}/programme"
    assert refused(mentee.post(path, json={"months": 4}), 422)[0] == "months"
    made = done(mentee.post(path, json={}), 201)
    own = {"month": 1, "kind": "masterclass", "text": "Своё"}
    for wrong, field in (
        ({"month": 7}, "month"),
        ({"kind": "отдых"}, "kind"),
        ({"text": " "}, "text"),
        ({"competency": "НЕТ-1"}, "competency"),
    ):
        assert refused(mentee.post(f"{path}/measures", json={**own, **wrong}), 422)[0] == field
    measure = f"{path}/measures/{made['measures'][0]['id']}"
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert refused(mentee.patch(measure, json={"done_on": tomorrow}), 422)[0] == "done_on"
    assert refused(mentee.patch(f"{path}/measures/999999", json={"month": 1}), 404)
    assert refused(mentee.patch(measure, json={"month": 7}), 422)[0] == "month"


def test_a_programme_needs_the_agreement_of_both_and_a_length_of_the_rule(life: Life) -> None:
    pair = life.pair()
    path = f"/api/v1/pairs/{pair['id']}/programme"
    assert "согласились оба" in refused(life.boss.post(path, json={}), 409)[1]
    for side in ("mentee", "mentor"):
        done(life.boss.post(f"/api/v1/pairs/{pair['id']}/agree", json={"side": side}))
    assert refused(life.boss.post(path, json={"months": 2}), 422)[0] == "months"
    made = done(life.boss.post(path, json={"months": 3}), 201)
    assert made["months"] == 3
    measure = f"{path}/measures/{made['measures'][0]['id']}"
    assert "действующей" in refused(life.boss.patch(measure, json={"done_on": TODAY.isoformat()}), 409)[1]


def test_documents_are_saved_under_names_without_people(life: Life) -> None:
    address, mentee, _ = life.active()
    assert refused(mentee.get(f"{address}/programme.docx"), 404)
    done(mentee.post(f"{address}/programme", json={}), 201)
    run = done(life.boss.get(address))["run_id"]
    for answer in (mentee.get(f"{address}/programme.docx"), life.boss.get(f"/api/v1/mentor-runs/{run}/order.docx")):
        assert answer.status_code == 200 and str(answer.mimetype).endswith("wordprocessingml.document")
        assert "молод" not in answer.headers["Content-Disposition"]
        assert Document(BytesIO(answer.data)).tables
    nowhere = f"/api/v1/mentor-runs/{run}/order.docx?municipality=Нигде"
    assert "Нет ни одной пары" in refused(life.boss.get(nowhere), 409)[1]
    assert refused(mentee.get(f"/api/v1/mentor-runs/{run}/order.docx"), 403)
