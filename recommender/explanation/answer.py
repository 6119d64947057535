"""The one JSON-ready form of a recommendation: for endpoints, for stored routes and for pages."""

from collections.abc import Sequence
from typing import cast

from recommender.activity import Activity
from recommender.diagnostics import DiagnosticResult
from recommender.explanation.forms import (
    ActivityAnswer,
    ClosingAnswer,
    ContributionAnswer,
    DeficitAnswer,
    ExcludedAnswer,
    ExplainedAnswer,
    FactorsAnswer,
    GainFactors,
    GivenAnswer,
    LimitsAnswer,
    OpenAnswer,
    PersonAnswer,
    ReasonAnswer,
    ReasonValues,
    ResultAnswer,
    RouteAnswer,
    StepAnswer,
)
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.reasons import confidence_level
from recommender.route import Closing, Contribution, Deficit, Excluded, Given, Open, Reason, Request, Route, Step
from recommender.schedule import period_of, term_spans


def answer(recommendation: Recommendation, knowledge: Knowledge) -> ExplainedAnswer:
    """Return the answer: floats unrounded, codes without sentences, keys always in one order.

    Every number can be recomputed from the others: see `docs/core.md`. «excluded» is an empty list where the
    recommendation was made without it.
    """
    request = recommendation.request
    return {
        "territory": knowledge.territory.code,
        "on": request.on,
        "person": _person(request),
        "limits": _limits(request),
        "fixed": list(request.fixed),
        "forbidden": list(request.forbidden),
        "placed": [
            {"activity": placement.activity, "day": placement.day, "exact": placement.exact}
            for placement in request.placed
        ],
        "deficits": [deficit_answer(deficit, knowledge) for deficit in recommendation.deficits],
        "route": route_answer(recommendation.route, recommendation.deficits, request, knowledge),
        "open": [_open(item, knowledge) for item in recommendation.open],
        "excluded": [_excluded(item, knowledge) for item in recommendation.excluded or ()],
        "versions": {
            "catalogue": recommendation.versions.catalogue,
            "framework": recommendation.versions.framework,
            "rules": recommendation.versions.rules,
            "ranker": recommendation.versions.ranker,
            "scale": recommendation.versions.scale,
        },
    }


def reason_answer(reason: Reason) -> ReasonAnswer:
    """Return a reason as {"code", value names…}."""
    return {"code": reason.code, **_values(reason)}


def deficit_answer(deficit: Deficit, knowledge: Knowledge) -> DeficitAnswer:
    """Return a deficit with its factors and the results behind it."""
    competency = knowledge.framework.by_code[deficit.competency]
    return {
        "competency": deficit.competency,
        "title": competency.title,
        "area": competency.area,
        "percent": deficit.percent,
        "uncertainty": deficit.uncertainty,
        "target": deficit.target,
        "gap": deficit.gap,
        "level": deficit.level,
        "level_title": knowledge.territory.scale.titles[deficit.level],
        "weight": deficit.weight,
        "factors": cast(FactorsAnswer, dict(deficit.factors)),
        "confidence": deficit.confidence,
        "confidence_level": confidence_level(deficit.confidence),
        "self_only": deficit.self_only,
        "evidence": [
            {**result_answer(result), "weight": weight}
            for result, weight in zip(deficit.evidence, deficit.evidence_weights, strict=True)
        ],
        "norm": {"percent": deficit.group_mean, "weight": deficit.group_mean_weight},
        "self_assessments": [result_answer(result) for result in deficit.self_assessments],
    }


def result_answer(result: DiagnosticResult) -> ResultAnswer:
    """Return a diagnostic result as it is shown beside a deficit."""
    return {
        "percent": result.percent,
        "form": result.form,
        "stage": result.stage,
        "date": result.taken_on,
        "source": result.source,
    }


def route_answer(route: Route, deficits: Sequence[Deficit], request: Request, knowledge: Knowledge) -> RouteAnswer:
    """Return a route with its steps; «closed» is the share of Σ weight·gap that the steps close."""
    weights = {deficit.competency: deficit.weight * deficit.gap for deficit in deficits}
    titles = _term_titles(request, knowledge)
    closed = sum(weights[closing.competency] * closing.share for part in route.parts for closing in part.closes)
    total = sum(weights.values())
    return {
        "steps": [step_answer(step, titles, knowledge) for step in route.steps],
        "mentoring": [_given(one, knowledge) for one in route.given],
        "certificate": {
            "value": route.certificate.value,
            "bound": route.certificate.bound,
            "gap": route.certificate.gap,
        },
        "hours": sum((step.hours for step in route.steps), 0.0),
        "closed": min(closed / total, 1.0) if total > 0 else 0.0,
        "hour_cost": knowledge.territory.route.hour_cost,
        "notes": [reason_answer(note) for note in route.notes],
    }


def step_answer(step: Step, term_titles: Sequence[str], knowledge: Knowledge) -> StepAnswer:
    """Return a step with what the catalogue says of its activity."""
    catalogue = knowledge.catalogue
    activity = catalogue.activities[catalogue.position[step.activity]]
    return {
        **_activity(activity, step.delivery),
        "term": step.term,
        "term_title": term_titles[step.term - 1],
        "starts": step.starts,
        "ends": step.ends,
        "hours": step.hours,
        "closes": [_closing(closing, knowledge) for closing in step.closes],
        "contributions": [_contribution(contribution) for contribution in step.contributions],
        "score": step.score,
        "reasons": [reason_answer(reason) for reason in step.reasons],
        "confidence": {"value": step.confidence, "level": confidence_level(step.confidence)},
        "alternatives": [
            {
                "activity": other.activity,
                "delivery": other.delivery,
                "title": catalogue.activities[catalogue.position[other.activity]].title,
                "value_change": other.value_change,
                "hours_change": other.hours_change,
            }
            for other in step.alternatives
        ],
    }


def _given(one: Given, knowledge: Knowledge) -> GivenAnswer:
    """Return what a pair gives; it is named by its key alone."""
    return {
        "pair": one.pair,
        "kind": one.kind,
        "starts": one.starts,
        "ends": one.ends,
        "closes": [_closing(closing, knowledge) for closing in one.closes],
        "contributions": [_contribution(contribution) for contribution in one.contributions],
        "score": one.score,
    }


def _activity(activity: Activity, delivery: int) -> ActivityAnswer:
    return {
        "activity": activity.code,
        "delivery": delivery,
        "title": activity.title,
        "kind": activity.kind,
        "provider": activity.provider,
        "registers": list(activity.registers),
        "register_number": activity.register_number,
        "register_until": activity.register_until,
        "format": activity.format,
        "link": activity.link,
        "places": activity.deliveries[delivery].places,
        "municipality": activity.municipality,
        "dated": activity.deliveries[delivery].starts is not None,
    }


def _closing(closing: Closing, knowledge: Knowledge) -> ClosingAnswer:
    return {
        "competency": closing.competency,
        "title": knowledge.framework.by_code[closing.competency].title,
        "share": closing.share,
        "gain": closing.gain,
        "spread": closing.spread,
        **cast(GainFactors, dict(closing.factors)),
    }


def _contribution(contribution: Contribution) -> ContributionAnswer:
    return {"code": contribution.code, "competency": contribution.competency or None, "value": contribution.value}


def _person(request: Request) -> PersonAnswer:
    person = request.person
    return {
        "kind": person.kind,
        "subjects": list(person.subjects),
        "municipality": person.municipality,
        "young": person.young,
    }


def _limits(request: Request) -> LimitsAnswer:
    limits = request.limits
    return {
        "hours": limits.hours,
        "term_hours": limits.term_hours,
        "formats": sorted(limits.formats),
        "from": limits.start,
        "to": limits.end,
        "steps": limits.steps,
    }


def _open(item: Open, knowledge: Knowledge) -> OpenAnswer:
    return {
        "competency": item.competency,
        "title": knowledge.framework.by_code[item.competency].title,
        "share": item.share,
        "reason": item.reason.code,
        **_values(item.reason),
    }


def _excluded(item: Excluded, knowledge: Knowledge) -> ExcludedAnswer:
    catalogue = knowledge.catalogue
    return {
        "activity": item.activity,
        "title": catalogue.activities[catalogue.position[item.activity]].title,
        "reason": item.reason.code,
        **_values(item.reason),
    }


def _values(reason: Reason) -> ReasonValues:
    # A test holds that the codes of `reasons` bring no other values than those declared.
    return cast(ReasonValues, dict(reason.values))


def _term_titles(request: Request, knowledge: Knowledge) -> Sequence[str]:
    first, last = period_of(request.limits, request.on)
    spans = term_spans(knowledge.territory.terms, first, last) if first <= last else ()
    return [span.title for span in spans]
