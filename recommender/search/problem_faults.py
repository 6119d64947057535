"""Which rules of its problem a solution breaks; written apart from every solver, so that it can judge them all."""

from collections.abc import Iterator

import numpy as np

from recommender.search.problem import RouteProblem, RouteSolution
from recommender.tolerance import HOURS_TOLERANCE

VALUE_TOLERANCE = 1e-9


def problem_faults(problem: RouteProblem, solution: RouteSolution) -> tuple[str, ...]:
    """Return a code for every broken rule, none for a sound solution.

    Codes are «rule» or «rule:what»: `index:i`, `order`, `terms`, `fixed:i`, `forbidden:i`, `max_steps`,
    `total_hours`, `starts:i`, `term_hours:t`, `exclusive:group`, `requires:a,b`, `requires_order:a,b`,
    `kind_minimum:kind`, `value`, `bound`. Faults of form (the first three) are given alone, since the others make
    no sense then.
    """
    form = tuple(_faults_of_form(problem, solution))
    if form:
        return form
    return (
        *_faults_of_choice(problem, solution),
        *_faults_of_terms(problem, solution),
        *_faults_of_relations(problem, solution),
        *_faults_of_value(problem, solution),
    )


def _faults_of_form(problem: RouteProblem, solution: RouteSolution) -> Iterator[str]:
    count = problem.gains.shape[0]
    yield from (f"index:{index}" for index in solution.chosen if not 0 <= index < count)
    if any(first >= second for first, second in zip(solution.chosen, solution.chosen[1:], strict=False)):
        yield "order"
    terms = len(problem.term_hours)
    if len(solution.terms) != len(solution.chosen) or any(not 0 <= term < terms for term in solution.terms):
        yield "terms"


def _faults_of_choice(problem: RouteProblem, solution: RouteSolution) -> Iterator[str]:
    chosen = set(solution.chosen)
    yield from (f"fixed:{index}" for index in sorted(problem.fixed - chosen))
    yield from (f"forbidden:{index}" for index in sorted(problem.forbidden & chosen))
    if len(chosen) > problem.max_steps:
        yield "max_steps"
    if sum(float(problem.hours[index]) for index in chosen) > problem.total_hours + HOURS_TOLERANCE:
        yield "total_hours"


def _faults_of_terms(problem: RouteProblem, solution: RouteSolution) -> Iterator[str]:
    for index, term in zip(solution.chosen, solution.terms, strict=True):
        if not problem.starts[index, term]:
            yield f"starts:{index}"
    for term, limit in enumerate(problem.term_hours):
        placed = (index for index, at in zip(solution.chosen, solution.terms, strict=True) if at == term)
        if sum(float(problem.hours[index]) for index in placed) > limit + HOURS_TOLERANCE:
            yield f"term_hours:{term}"


def _faults_of_relations(problem: RouteProblem, solution: RouteSolution) -> Iterator[str]:
    term_of = dict(zip(solution.chosen, solution.terms, strict=True))
    for number, group in enumerate(problem.exclusive):
        if sum(index in term_of for index in set(group)) > 1:
            yield f"exclusive:{number}"
    for needing, needed in problem.requires:
        if needing in term_of and needed not in term_of:
            yield f"requires:{needing},{needed}"
        elif needing in term_of and len(problem.term_hours) > 1 and term_of[needed] >= term_of[needing]:
            yield f"requires_order:{needing},{needed}"
    for kind, least in sorted(problem.kind_minimum.items()):
        if sum(int(problem.kinds[index]) == kind for index in term_of) < least:
            yield f"kind_minimum:{kind}"


def _faults_of_value(problem: RouteProblem, solution: RouteSolution) -> Iterator[str]:
    rows = problem.gains.toarray()[list(solution.chosen)]
    closed = np.minimum(rows.sum(axis=0), 1.0)
    hours = sum(float(problem.hours[index]) for index in solution.chosen)
    value = float(problem.weights @ closed) - problem.hour_cost * hours
    if not abs(value - solution.value) <= VALUE_TOLERANCE * max(1.0, abs(value)):
        yield "value"
    if not solution.bound >= solution.value:
        yield "bound"
