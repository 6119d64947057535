"""The whole way of one person: results → profile → deficits → candidates → route with its explanation."""

from collections.abc import Sequence

from recommender.deficits import find_deficits
from recommender.eligibility.candidates import find_candidates
from recommender.eligibility.exclusions import list_excluded
from recommender.eligibility.offers import find_offers
from recommender.explanation.alternatives import find_alternatives
from recommender.explanation.open_deficits import find_open
from recommender.explanation.steps import Setting, build_steps, place_steps
from recommender.explanation.values import Recommendation
from recommender.framework import Framework
from recommender.knowledge import Knowledge, versions_of
from recommender.mentor_gains import given_shares, given_steps
from recommender.profile import CompetencyProfile, build_profile
from recommender.ranking import RULES, Ranker
from recommender.route import Certificate, Deficit, Given, Reason, Request, Route, Step
from recommender.search.problem import relative_gap
from recommender.search.relaxation import Draft, draft_route
from recommender.tagging import is_wished, match_wishes

GAP = 0.01
"""How far a route may stay below the best possible one: one per cent."""


def recommend(
    request: Request, knowledge: Knowledge, ranker: Ranker = RULES, *, gap: float = GAP, excluded: bool = True
) -> Recommendation:
    """Return the explained route of one person, proven to be within the relative `gap` of the best possible one.

    With `excluded` every activity that touches a deficit and may not be taken is listed with its reason. The same
    request gives the same answer to the last bit; the order of results and of activities is of no consequence.
    Raises `Refused` for names and limits without meaning.
    """
    territory, framework, catalogue = knowledge.territory, knowledge.framework, knowledge.catalogue
    group_means = knowledge.group_means.get(request.person.kind, {})
    profile = build_profile(request.results, territory.policy, group_means, request.on)
    deficits = find_deficits(profile, request.person, request.wishes, territory, framework)
    pool = find_candidates(request, deficits, catalogue, territory)
    chances = ranker.chances(request, pool.positions, catalogue)
    cost = territory.route.hour_cost
    given = given_steps(request.mentoring, deficits)
    offers = find_offers(pool, deficits, chances, request, catalogue, cost, given_shares(given, deficits))
    wished, unmatched = match_wishes(request.wishes, framework)
    setting = Setting(offers, deficits, chances, framework, request, wished, cost)
    draft = draft_route(offers, territory, gap) if deficits or request.kept else Draft((), 0.0, (0, 0), ())
    placed = place_steps(draft.seats, offers)
    steps = build_steps(placed, find_alternatives(placed, offers, draft.minimum), setting)
    notes = (*_notes(profile, deficits, wished, unmatched, framework), *draft.notes)
    return Recommendation(
        request=request,
        profile=profile,
        deficits=deficits,
        route=Route(steps, certify((*given, *steps), draft.bound + sum(one.score for one in given)), notes, given),
        open=find_open(deficits, placed, offers, draft.minimum),
        excluded=list_excluded(offers.pool, request, catalogue, territory) if excluded else None,
        versions=versions_of(knowledge, ranker),
    )


def certify(steps: Sequence[Given | Step], bound: float) -> Certificate:
    """Return the certificate of what a route has: the sum of scores, the bound (never below it) and the gap."""
    value = sum((step.score for step in steps), 0.0)
    bound = max(bound, value)
    return Certificate(value, bound, relative_gap(value, bound))


def _notes(
    profile: CompetencyProfile,
    deficits: Sequence[Deficit],
    wished: frozenset[str],
    unmatched: Sequence[str],
    framework: Framework,
) -> list[Reason]:
    found = {deficit.competency for deficit in deficits}
    notes = [Reason("wish_unmatched", (("text", wish),)) for wish in unmatched]
    for code in sorted(wished):
        parts = {competency.code for competency in framework.competencies if is_wished(competency, {code})}
        if parts & found:
            continue
        note = "wish_not_measured" if parts.isdisjoint(profile.by_competency) else "wish_no_deficit"
        notes.append(Reason(note, (("competency", code), ("title", framework.by_code[code].title))))
    if not profile.masteries:
        return [Reason("no_results"), *notes]
    return notes if deficits else [Reason("no_deficits"), *notes]
