"""The life of a route and of its steps: what state an act leads to, and who may do it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from recommender.refusals import Refused

DRAFT: Final = "draft"
PROPOSED: Final = "proposed"
ACCEPTED: Final = "accepted"

ROUTE_STATES: Final = (DRAFT, "agreeing", "approved", "running", "final", "finished", "stopped")
STEP_STATES: Final = (PROPOSED, "agreed", "declined", "waiting", "doing", "checking", "returned", ACCEPTED)
ROLES: Final = ("teacher", "tutor", "coordinator")

CENTRE: Final = ("tutor", "coordinator")
"""Who answers for a route beside the teacher whose it is."""


class Act(NamedTuple):
    """An act that leads from any of the states `before` to the state `after`; some ask for a comment."""

    code: str
    before: tuple[str, ...]
    after: str
    roles: tuple[str, ...]
    comment: bool = False


class Life(NamedTuple):
    """The states of one thing and the table (state, act, role) → state, written as acts."""

    thing: str
    states: tuple[str, ...]
    acts: tuple[Act, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The acts by name."""
        return tuple(act.code for act in self.acts)


ROUTE: Final = Life(
    "route",
    ROUTE_STATES,
    (
        Act("send", (DRAFT,), "agreeing", CENTRE),
        Act("revise", ("agreeing",), DRAFT, CENTRE),
        Act("approve", ("agreeing",), "approved", CENTRE),
        Act("start", ("approved",), "running", ("teacher", *CENTRE)),
        Act("measure", ("running",), "final", CENTRE),
        Act("continue", ("final",), "running", CENTRE),
        Act("finish", ("final",), "finished", CENTRE),
        Act("stop", (DRAFT, "agreeing", "approved", "running", "final"), "stopped", CENTRE, comment=True),
    ),
)
"""A route goes from a draft to a finished one; what is not at its end yet may be stopped, and is told why."""

STEP: Final = Life(
    "step",
    STEP_STATES,
    (
        Act("agree", (PROPOSED,), "agreed", ("teacher",)),
        Act("decline", (PROPOSED,), "declined", ("teacher",), comment=True),
        Act("reconsider", ("agreed", "declined"), PROPOSED, ("teacher",)),
        Act("ask", ("agreed", "declined", "waiting"), PROPOSED, CENTRE),
        Act("plan", ("agreed",), "waiting", CENTRE),
        Act("begin", ("waiting",), "doing", ("teacher", "tutor")),
        Act("submit", ("doing", "returned"), "checking", ("teacher",)),
        Act("return", ("checking",), "returned", CENTRE, comment=True),
        Act("accept", ("checking",), ACCEPTED, CENTRE),
    ),
)
"""A step is agreed on by the teacher before its work begins; one whose group or dates changed after that is asked for
again. Whoever did the work does not accept it."""


def after(life: Life, state: str, act: str, role: str, comment: str = "") -> str:
    """Return the state that an act leads to.

    Raises `Refused` with a code of `recommender.reasons.LIFECYCLE` where the state does not allow the act, where it is
    for others to do, and where it lacks its comment; `KeyError` for a state, an act or a role that there is not.

    >>> after(ROUTE, "agreeing", "approve", "tutor")
    'approved'
    """
    found = _known(life, state, act, role)
    if state not in found.before:
        raise Refused(f"{life.thing}_not_now", **{f"{life.thing}_state": state, f"{life.thing}_act": act})
    if role not in found.roles:
        raise Refused(f"{life.thing}_not_yours", **{f"{life.thing}_act": act, "roles": ",".join(found.roles)})
    if found.comment and not comment.strip():
        raise Refused("act_without_comment")
    return found.after


def possible(life: Life, state: str, role: str) -> tuple[str, ...]:
    """Return the acts that a role may do in a state, in the order of the table: the buttons of a page."""
    return tuple(act.code for act in life.acts if state in act.before and role in act.roles)


def may_be_recomposed(state: str) -> bool:
    """Tell whether a route in this state may still be composed anew or changed by hand."""
    return state == DRAFT


def _known(life: Life, state: str, act: str, role: str) -> Act:
    acts: Mapping[str, Act] = {one.code: one for one in life.acts}
    for name, names in ((state, life.states), (role, ROLES)):
        if name not in names:
            raise KeyError(name)
    return acts[act]
