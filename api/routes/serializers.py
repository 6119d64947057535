"""What is stored and computed about routes as the dictionaries that go out, with Russian sentences beside codes."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import cast

from api.access import Sight
from api.policy import FieldGroup
from api.rendering import open_text, reason_text
from api.routes.answers import Mastered, Profile, StoredRoute
from models.people import PersonRecord
from models.routes import RouteRecord
from recommender.diagnostics import DiagnosticResult
from recommender.explanation.answer import result_answer
from recommender.explanation.forms import EvidenceAnswer, ExcludedAnswer, ExplainedAnswer, ReasonAnswer, RouteAnswer
from recommender.knowledge import Knowledge
from recommender.profile import CompetencyProfile, Mastery
from recommender.route import Request


def with_texts(answer: ExplainedAnswer, sight: Sight) -> ExplainedAnswer:
    """Return the answer with `text` beside the code of every reason; the numbers stay as they are."""
    sight.need(FieldGroup.RESULTS)
    route = answer["route"]
    shown: RouteAnswer = {
        **route,
        "steps": [{**step, "reasons": [_told(reason) for reason in step["reasons"]]} for step in route["steps"]],
        "notes": [_told(note) for note in route["notes"]],
    }
    return {
        **answer,
        "route": shown,
        "open": [{**item, "text": open_text(item)} for item in answer["open"]],
        "excluded": _excluded(answer["excluded"]),
    }


def _excluded(items: Iterable[ExcludedAnswer]) -> list[ExcludedAnswer]:
    """Tell why activities are left out: there may be a thousand, and of most of them the same is said every time."""
    return [
        {**item, "text": _said(tuple(pair for pair in item.items() if pair[0] not in ("activity", "title")))}
        for item in items
    ]


@lru_cache(maxsize=20_000)
def _said(reason: tuple[tuple[str, Hashable], ...]) -> str:
    return open_text(cast(ExcludedAnswer, dict(reason)))


def _told(reason: ReasonAnswer) -> ReasonAnswer:
    return {**reason, "text": reason_text(reason)}


def stored_route(route: RouteRecord, sight: Sight) -> StoredRoute:
    """Return the row of a route."""
    return {
        "id": route.id,
        "person_id": route.person_id,
        "current": route.current,
        "state": route.state,
        "version": route.version,
        "lock_version": route.lock_version,
        "created_at": route.created_at,
        "value": sight.one(FieldGroup.RESULTS, route.value),
        "bound": sight.one(FieldGroup.RESULTS, route.bound),
        "planned_hours": route.hours,
        "closed": sight.one(FieldGroup.RESULTS, route.closed),
    }


def profile_answer(
    person: PersonRecord, profile: CompetencyProfile, question: Request, knowledge: Knowledge
) -> Profile:
    """Return the profile of a person with titles and targets."""
    items = [_mastered(mastery, question, knowledge) for mastery in profile.masteries]
    return {"person_id": person.id, "on": profile.on, "competencies": items}


def _mastered(mastery: Mastery, question: Request, knowledge: Knowledge) -> Mastered:
    competency = knowledge.framework.by_code[mastery.competency]
    return {
        "competency": competency.code,
        "title": competency.title,
        "area": competency.area,
        "percent": mastery.percent,
        "uncertainty": mastery.uncertainty,
        "confidence": mastery.confidence,
        "target": knowledge.territory.target_of(question.person.kind, competency.area),
        "norm": mastery.group_mean,
        "norm_weight": mastery.group_mean_weight,
        "self_only": mastery.self_only,
        "results": _measured(mastery.results, mastery.weights),
        "self_assessments": [result_answer(result) for result in mastery.self_assessments],
    }


def _measured(results: Sequence[DiagnosticResult], weights: Sequence[float]) -> list[EvidenceAnswer]:
    return [{**result_answer(result), "weight": weight} for result, weight in zip(results, weights, strict=True)]
