"""What every verb is called with: who acts, and the action of the table in whose name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, overload

from api import policy
from api.errors import Forbidden
from api.identity import Grant, Identity, Role
from api.policy import HIDDEN, TABLE, About, Action, FieldGroup, Verdict
from models.scope import Scope
from models.session import Session

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=str | list[Any] | tuple[Any, ...] | dict[Any, Any])

EMPTIED: Final = (str, list, tuple, dict)
"""Kinds of values of which an empty one stands where a field is hidden; for every other kind None does."""


class WrongAccess(RuntimeError):
    """A verb was called in the name of an action that is not its own. This is an error of the service."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The groups of fields that somebody is shown of a person or a pair."""

    groups: frozenset[FieldGroup]

    @overload
    def one(self, group: FieldGroup, value: E) -> E: ...
    @overload
    def one(self, group: FieldGroup, value: T) -> T | None: ...
    def one(self, group: FieldGroup, value: object) -> object:
        """Return a value of a group as it is, or emptied where the group is hidden."""
        if group in self.groups:
            return value
        return type(value)() if isinstance(value, EMPTIED) else None

    def need(self, group: FieldGroup) -> None:
        """Refuse an answer that would consist of a hidden group."""
        if group not in self.groups:
            raise Forbidden(HIDDEN[group])


EVERYTHING: Final = Sight(policy.EVERYTHING)
"""What people see of the numbers that they sent themselves."""


@dataclass(frozen=True, slots=True)
class Access:
    """An actor in the name of an action. Whoever holds one may call the verbs of that action and no others."""

    actor: Identity
    action: Action

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Whom this action reaches: every select of personal rows is narrowed with it."""
        return policy.scopes(self.actor, self.action)

    def within(self, territory: str | None) -> tuple[Scope, ...]:
        """Return the scopes that lie in a territory (None: all of them)."""
        return tuple(scope for scope in self.scopes if territory in (None, scope.territory))

    @property
    def territories(self) -> tuple[str, ...]:
        """The territories that the action reaches a part of, in the order of the grants."""
        return tuple(dict.fromkeys(scope.territory for scope in self.scopes))

    @property
    def whole(self) -> tuple[str, ...]:
        """The territories that the action reaches as a whole."""
        return tuple(code for code in self.territories if self.may(Scope(code)).allowed)

    def may(self, *places: Scope) -> Verdict:
        """Tell whether the actor may do this to one of the places, or without places to anything at all."""
        return policy.may(self.actor, self.action, *places)

    def require(self, *places: Scope) -> None:
        """Refuse with the sentence of the verdict."""
        verdict = self.may(*places)
        if not verdict.allowed:
            raise Forbidden(verdict.sentence)

    def sight(self, *places: Scope) -> Sight:
        """Return which groups of fields the actor is shown of a person, or of a pair by its two."""
        return Sight(policy.shown(self.actor, self.action, *places))

    @property
    def sees_everything(self) -> bool:
        """Whether nothing is hidden in a long list: every role in which the actor does this is shown all."""
        return policy.shows_everything(self.actor, self.action)

    def for_(self, action: Action, *places: Scope) -> "Access":
        """Return the access to another action that this one needs; the table must say that it does.

        Without places it is the actor's own. With them the service acts: it knows of these places what the actor does
        not see, and only in actions that the table keeps for it.
        """
        if action not in TABLE[self.action].also:
            raise WrongAccess(f"{self.action} does not need {action}")
        grants = tuple(Grant(Role.SERVICE, place) for place in places)
        other = Access(replace(self.actor, grants=grants) if places else self.actor, action)
        other.require()
        return other


def verb(
    *actions: Action,
) -> Callable[[Callable[Concatenate[Session, Access, P], T]], Callable[Concatenate[Session, Access, P], T]]:
    """Declare in the name of which actions a verb may be called, and check it at every call.

    An access to another action is an error of the program; an actor without a grant for the action is refused.
    """

    def declare(
        function: Callable[Concatenate[Session, Access, P], T],
    ) -> Callable[Concatenate[Session, Access, P], T]:
        @wraps(function)
        def checked(session: Session, access: Access, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if access.action not in actions:
                raise WrongAccess(f"{function.__name__} is no verb of {access.action}")
            access.require()
            return function(session, access, *args, **kwargs)

        checked.actions = actions  # type: ignore[attr-defined]
        return checked

    return declare


def about(subject: About) -> tuple[Action, ...]:
    """Return the actions that are done to persons, or to pairs: those in whose name one is looked for."""
    return tuple(action for action, permission in TABLE.items() if permission.about is subject)
