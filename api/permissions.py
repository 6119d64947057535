"""Who may do what: one table from an action to the rules that allow it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import flask_login
from flask import abort

from api.identity import Identity, Scope

P = ParamSpec("P")
T = TypeVar("T")

visitor: Final[Any] = flask_login.current_user
"""Whoever sends the request, signed in or not."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A role together with the subjects that it reaches."""

    role: str
    reaches: Callable[[Identity, Scope, Any], bool]


def _own(actor: Identity, _scope: Scope, subject: Any) -> bool:
    return actor.person_id is not None and actor.person_id == subject.id


def _of_pair(actor: Identity, _scope: Scope, subject: Any) -> bool:
    return actor.person_id is not None and actor.person_id in (subject.mentee_id, subject.mentor_id)


def _within(_actor: Identity, scope: Scope, subject: Any) -> bool:
    """Tell whether the subject lies in the scope; a subject without a municipality belongs to the whole territory."""
    return (
        subject.territory == scope.territory
        and scope.municipality in ("", getattr(subject, "municipality", ""))
        and scope.organisation_key in ("", getattr(subject, "organisation_key", ""))
    )


TEACHER_OWN: Final = Rule("teacher", _own)
TEACHER: Final = Rule("teacher", _within)
PAIR_OWN: Final = Rule("teacher", _of_pair)
TUTOR: Final = Rule("tutor", _within)
COORDINATOR: Final = Rule("coordinator", _within)

PERMISSIONS: Final[Mapping[str, tuple[Rule, ...]]] = {
    "people.list": (TUTOR, COORDINATOR),
    "people.own": (TUTOR,),
    "people.all": (COORDINATOR,),
    "people.export": (TUTOR, COORDINATOR),
    "person.read": (TEACHER_OWN, TUTOR, COORDINATOR),
    "route.own": (TEACHER_OWN,),
    "route.read": (TEACHER_OWN, TUTOR, COORDINATOR),
    "route.draft": (TEACHER_OWN, TUTOR, COORDINATOR),
    "route.decline": (TEACHER_OWN, TUTOR),
    "route.edit": (TEACHER_OWN, TUTOR),
    "routes.draft_all": (COORDINATOR,),
    "catalogue.read": (TEACHER, TUTOR, COORDINATOR),
    "imports.read": (COORDINATOR,),
    "imports.plan": (COORDINATOR,),
    "imports.apply": (COORDINATOR,),
    "imports.undo": (COORDINATOR,),
    "jobs.read": (COORDINATOR,),
    "mentors.read": (COORDINATOR,),
    "mentors.run": (COORDINATOR,),
    "mentors.publish": (COORDINATOR,),
    "pairs.own": (TEACHER_OWN,),
    "pair.read": (PAIR_OWN, COORDINATOR),
    "pair.agree": (PAIR_OWN, COORDINATOR),
    "pair.order": (COORDINATOR,),
    "pair.meeting": (PAIR_OWN, COORDINATOR),
    "pair.programme": (PAIR_OWN, COORDINATOR),
    "pair.feedback": (PAIR_OWN,),
}
"""Subjects of `person.*` and `route.*` are persons, of `pair.*` pairs; of the others anything with a territory."""


def allowed(actor: Identity, action: str, subject: Any = None) -> bool:
    """Tell whether the actor may do this to the subject (None: to anything at all). The command line may do all."""
    rules = PERMISSIONS[action]
    if actor.account_id is None:
        return True
    return any(
        grant.role == rule.role and (subject is None or rule.reaches(actor, grant.scope, subject))
        for rule in rules
        for grant in actor.grants
    )


def scopes(actor: Identity, action: str) -> tuple[Scope, ...]:
    """Return whom the actor may do this to, to narrow selects with; a rule of own data reaches one person."""
    rules = {rule.role: rule for rule in PERMISSIONS[action]}
    return tuple(
        Scope(grant.scope.territory, person_id=actor.person_id or 0)
        if rules[grant.role].reaches is not _within
        else grant.scope
        for grant in actor.grants
        if grant.role in rules
    )


def asking() -> Identity:
    """Return who asks; an unknown visitor is sent to the sign-in."""
    if not visitor.is_authenticated:
        abort(401)
    identity: Identity = visitor.identity
    return identity


def require(action: str, subject: Any = None) -> Identity:
    """Return who asks if they may do this to the subject, or end the request with 403."""
    actor = asking()
    if not allowed(actor, action, subject):
        abort(403)
    return actor


def needs(action: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a view be reached only by those who may do this to something."""
    PERMISSIONS[action]

    def guard(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            require(action)
            return view(*args, **kwargs)

        return guarded

    return guard
