"""«Почему не …?»: why one activity is not in a person's route, and what forcing it in would change."""

from dataclasses import replace

from recommender.deficits import find_deficits
from recommender.eligibility.candidates import find_candidates
from recommender.eligibility.exclusions import exclusion
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.profile import build_profile
from recommender.ranking import RULES, Ranker
from recommender.recommendation import GAP, recommend
from recommender.refusals import Refused
from recommender.route import Reason, Request

LEAST_CHANGE = 1e-9


def why_not(
    request: Request, knowledge: Knowledge, activity_code: str, ranker: Ranker = RULES, *, gap: float = GAP
) -> Reason:
    """Return why an activity is not in the route of a request; codes of EXCLUSIONS and WHY_NOT.

    in_route: it is there · a rule of EXCLUSIONS · no_deficit_touched: it develops nothing that is lacking · infeasible:
    no route holds it together with what is fixed · worse: the best route with it has another value (`value_change`,
    as a per cent of the present value `percent_change`) · equal: the value would not fall. Forcing it in composes the
    whole route anew, so the change is that of the best route around it, within `gap`; a route that would have to give
    up more of the least numbers of practice and formal steps counts as none.

    Raises `Refused` for an activity outside the catalogue.
    """
    if activity_code not in knowledge.catalogue.position:
        raise Refused("unknown_activity", activity=activity_code)
    barred = _rule(request, knowledge, activity_code)
    if barred is not None:
        return barred
    present = recommend(request, knowledge, ranker, gap=gap, excluded=False)
    for step in present.route.steps:
        if step.activity == activity_code:
            return Reason("in_route", (("term", float(step.term)), ("starts", step.starts)))
    forced = replace(request, fixed=(*request.fixed, activity_code))
    return _compared(present, recommend(forced, knowledge, ranker, gap=gap, excluded=False), activity_code)


def _rule(request: Request, knowledge: Knowledge, code: str) -> Reason | None:
    """Return the rule that bars the activity, or that it touches no deficit."""
    territory, catalogue = knowledge.territory, knowledge.catalogue
    group_means = knowledge.group_means.get(request.person.kind, {})
    profile = build_profile(request.results, territory.policy, group_means, request.on)
    deficits = find_deficits(profile, request.person, request.wishes, territory, knowledge.framework)
    asked = request if code in request.forbidden else replace(request, fixed=(*request.fixed, code))
    pool = find_candidates(asked, deficits, catalogue, territory)
    index = int(pool.positions.searchsorted(catalogue.position[code]))
    listed = index < len(pool.positions) and pool.positions[index] == catalogue.position[code]
    if listed and pool.rule[index]:
        return exclusion(index, pool, request, catalogue, territory)
    if listed and not (pool.relevance[index] > 0).any():
        return None if code in request.kept else Reason("no_deficit_touched")
    return None if listed else Reason("forbidden")


def _compared(present: Recommendation, forced: Recommendation, code: str) -> Reason:
    given_up = {note for note in forced.route.notes if note.code.endswith("_dropped")}
    if all(step.activity != code for step in forced.route.steps) or not given_up.issubset(present.route.notes):
        return Reason("infeasible")
    before, after = present.route.certificate.value, forced.route.certificate.value
    hours = sum(step.hours for step in forced.route.steps) - sum(step.hours for step in present.route.steps)
    if after >= before - LEAST_CHANGE:
        return Reason("equal", (("hours_change", hours),))
    percent = (after - before) / before * 100 if before > 0 else 0.0
    changes = (("value_change", after - before), ("percent_change", percent), ("hours_change", hours))
    return Reason("worse", changes)
