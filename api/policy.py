"""Who may do what, and who is shown what: a table from an action to its rules, and one from a role to groups of fields.

Nothing here knows a request or a database: the questions are answered from the grants of an identity alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from api.identity import Identity, Role
from models.scope import Scope, reached


class Action(StrEnum):
    """What may be asked of the service; the journal uses the same names."""

    PEOPLE_LIST = "people.list"
    PEOPLE_OWN = "people.own"
    PEOPLE_ALL = "people.all"
    PEOPLE_EXPORT = "people.export"
    PERSON_READ = "person.read"
    ROUTE_OWN = "route.own"
    ROUTE_READ = "route.read"
    ROUTE_DRAFT = "route.draft"
    ROUTE_DECLINE = "route.decline"
    ROUTE_EDIT = "route.edit"
    ROUTES_DRAFT_ALL = "routes.draft_all"
    CATALOGUE_READ = "catalogue.read"
    IMPORTS_READ = "imports.read"
    IMPORTS_PLAN = "imports.plan"
    IMPORTS_APPLY = "imports.apply"
    IMPORTS_UNDO = "imports.undo"
    JOBS_READ = "jobs.read"
    MENTORS_READ = "mentors.read"
    MENTORS_RUN = "mentors.run"
    MENTORS_PUBLISH = "mentors.publish"
    MENTORS_FIND = "mentors.find"
    PAIRS_OWN = "pairs.own"
    PAIR_READ = "pair.read"
    PAIR_AGREE = "pair.agree"
    PAIR_ORDER = "pair.order"
    PAIR_MEETING = "pair.meeting"
    PAIR_PROGRAMME = "pair.programme"
    PAIR_FEEDBACK = "pair.feedback"
    PAIR_KNOW = "pair.know"
    SIGN_INS_END = "sign_ins.end"
    ACCOUNTS_MAKE = "accounts.make"
    DEMO_LOAD = "demo.load"


class About(StrEnum):
    """What an action is done to, as `docs/roles.md` says it."""

    PERSON = "a person"
    PAIR = "a pair"
    TERRITORY = "a territory"
    ACCOUNT = "one's account"


class Reach(StrEnum):
    """How far a rule lets a grant reach."""

    WITHIN = "within the grant"
    OWN = "oneself"


class Rule(NamedTuple):
    """A role that may do something, and to whom."""

    role: str
    reach: Reach = Reach.WITHIN


@dataclass(frozen=True, slots=True)
class Permission:
    """An action in the table: how people name it, what it is done to, who may, which actions its verbs need too."""

    title: str
    about: About
    rules: tuple[Rule, ...] = ()
    also: tuple[Action, ...] = ()


OWN: Final = Rule(Role.TEACHER, Reach.OWN)
TEACHER: Final = Rule(Role.TEACHER)
TUTOR: Final = Rule(Role.TUTOR)
COORDINATOR: Final = Rule(Role.COORDINATOR)
SERVICE: Final = Rule(Role.SERVICE)
ANYBODY: Final = Rule(Role.ANYBODY, Reach.OWN)
OPERATOR: Final = Rule(Role.OPERATOR)
"""Stands in no line of the table: whoever may start commands on the machine may do everything."""

_A, _P, _T = Action, About.PERSON, About.TERRITORY

TABLE: Final[Mapping[Action, Permission]] = {
    _A.PEOPLE_LIST: Permission("Список педагогов", _P, (TUTOR, COORDINATOR)),
    _A.PEOPLE_OWN: Permission("Раздел «Мои педагоги»", _P, (TUTOR,)),
    _A.PEOPLE_ALL: Permission("Раздел «Педагоги»", _P, (COORDINATOR,)),
    _A.PEOPLE_EXPORT: Permission("Выгрузка списка педагогов", _P, (TUTOR, COORDINATOR)),
    _A.PERSON_READ: Permission("Результаты и профиль педагога", _P, (OWN, TUTOR, COORDINATOR)),
    _A.ROUTE_OWN: Permission("Раздел «Мой маршрут»", _P, (OWN,)),
    _A.ROUTE_READ: Permission("Маршрут педагога", _P, (OWN, TUTOR, COORDINATOR), (_A.PERSON_READ,)),
    _A.ROUTE_DRAFT: Permission("Составление маршрута", _P, (OWN, TUTOR, COORDINATOR), (_A.PERSON_READ,)),
    _A.ROUTE_DECLINE: Permission("Отказ от мероприятия", _P, (OWN, TUTOR), (_A.ROUTE_DRAFT,)),
    _A.ROUTE_EDIT: Permission("Правка маршрута", _P, (OWN, TUTOR), (_A.PERSON_READ,)),
    _A.ROUTES_DRAFT_ALL: Permission("Составление маршрутов территории", _T, (COORDINATOR,), (_A.PERSON_READ,)),
    _A.CATALOGUE_READ: Permission("Каталог мероприятий", _T, (TEACHER, TUTOR, COORDINATOR)),
    _A.IMPORTS_READ: Permission("Загрузки", _T, (COORDINATOR,)),
    _A.IMPORTS_PLAN: Permission("Загрузка файла", _T, (COORDINATOR,)),
    _A.IMPORTS_APPLY: Permission("Применение загрузки", _T, (COORDINATOR,), (_A.ROUTES_DRAFT_ALL,)),
    _A.IMPORTS_UNDO: Permission("Отмена загрузки", _T, (COORDINATOR,), (_A.ROUTES_DRAFT_ALL,)),
    _A.JOBS_READ: Permission("Ход задания", _T, (COORDINATOR,)),
    _A.MENTORS_READ: Permission("Подборы наставников", _T, (COORDINATOR,)),
    _A.MENTORS_RUN: Permission("Подбор наставников", _T, (COORDINATOR,)),
    _A.MENTORS_PUBLISH: Permission("Публикация подбора", _T, (COORDINATOR,), (_A.PAIR_ORDER,)),
    _A.MENTORS_FIND: Permission("Поиск следующего наставника", _T, (SERVICE,)),
    _A.PAIRS_OWN: Permission("Раздел «Наставничество»", _P, (OWN,)),
    _A.PAIR_READ: Permission("Пара наставника и педагога", About.PAIR, (OWN, COORDINATOR), (_A.PAIR_KNOW,)),
    _A.PAIR_AGREE: Permission("Согласие на пару", About.PAIR, (OWN, COORDINATOR), (_A.MENTORS_FIND,)),
    _A.PAIR_ORDER: Permission("Приказ о паре", About.PAIR, (COORDINATOR,)),
    _A.PAIR_MEETING: Permission("Встречи пары", About.PAIR, (OWN, COORDINATOR)),
    _A.PAIR_PROGRAMME: Permission("Программа наставничества", About.PAIR, (OWN, COORDINATOR), (_A.PAIR_KNOW,)),
    _A.PAIR_FEEDBACK: Permission("Отзыв о паре", About.PAIR, (OWN,)),
    _A.PAIR_KNOW: Permission("Сведения о двоих из пары", About.PAIR, (SERVICE,)),
    _A.SIGN_INS_END: Permission("Завершение своего входа", About.ACCOUNT, (ANYBODY,)),
    _A.ACCOUNTS_MAKE: Permission("Заведение учётной записи", _T),
    _A.DEMO_LOAD: Permission("Загрузка демо-региона", _T, (), (_A.PERSON_READ, _A.ACCOUNTS_MAKE)),
}
"""The one table. A person is reached by the place they work at, a pair where one of its two is."""

ROLES: Final[Mapping[str, str]] = {
    Role.TEACHER: "педагог",
    Role.TUTOR: "тьютор",
    Role.COORDINATOR: "координатор ЦНППМ",
    Role.OPERATOR: "администратор сервера",
    Role.SERVICE: "сам сервис",
    Role.ANYBODY: "любой вошедший",
}
"""Roles as people say them."""

ASK: Final = "Если это нужно вам для работы, попросите координатора ЦНППМ дать доступ."


class Verdict(NamedTuple):
    """Whether somebody may, and the sentence that they read if not."""

    allowed: bool
    sentence: str = ""


def may(actor: Identity, action: Action, *places: Scope) -> Verdict:
    """Tell whether the actor may do this to one of the places, or without places to anything at all."""
    permission, held = TABLE[action], scopes(actor, action)
    if not held and ANYBODY not in permission.rules:
        roles = dict.fromkeys(ROLES[rule.role] for rule in permission.rules or (OPERATOR,))
        return Verdict(False, f"«{permission.title}» – на это у вас нет прав, они у ролей: {', '.join(roles)}. {ASK}")
    if places and not reached(held, places):
        return Verdict(False, f"«{permission.title}» – ваши права сюда не распространяются. {ASK}")
    return Verdict(True)


def scopes(actor: Identity, action: Action) -> tuple[Scope, ...]:
    """Return whom the actor may do this to, to narrow selects with."""
    return tuple(scope for _role, scope in _reaches(actor, action))


def rules_of(action: Action) -> tuple[Rule, ...]:
    """Return who may do this: the rules of the table, and whoever may start commands on the machine."""
    return (*TABLE[action].rules, OPERATOR)


def _reaches(actor: Identity, action: Action) -> list[tuple[str, Scope]]:
    """Return the roles in which the actor may do this, each with how far it reaches."""
    return [
        (grant.role, _narrowed(grant.scope, rule.reach, actor))
        for rule in rules_of(action)
        for grant in actor.grants
        if grant.role == rule.role
    ]


def _narrowed(scope: Scope, reach: Reach, actor: Identity) -> Scope:
    """Return what a rule leaves of a grant: a rule of own data one person, or nobody for an account without one."""
    return Scope(scope.territory, person_id=actor.person_id or 0) if reach is Reach.OWN else scope


class FieldGroup(StrEnum):
    """Fields of an answer that are shown or hidden together."""

    FACTS = "facts"
    """Who, where, and what happened: took part, state of the route, steps, pairs, dates."""

    RESULTS = "results"
    """Results of diagnostics and all that is computed from them: numbers, deficits, why a step, fit of a pair."""

    CONTACTS = "contacts"
    """Day of birth and the number under which a person stands in other systems."""

    COMMENTS = "comments"
    """What people wrote of each other: reasons of a refusal, outcomes of meetings, feedback."""


EVERYTHING: Final = frozenset(FieldGroup)

SHOWN: Final[Mapping[str, frozenset[FieldGroup]]] = {
    Role.TEACHER: EVERYTHING,
    Role.TUTOR: EVERYTHING,
    Role.COORDINATOR: EVERYTHING,
    Role.OPERATOR: EVERYTHING,
    Role.SERVICE: EVERYTHING,
    Role.ANYBODY: frozenset(),
}
"""What a role is shown of whom it reaches; a role without a line here is shown nothing."""

HIDDEN: Final[Mapping[FieldGroup, str]] = {
    FieldGroup.FACTS: "Сведения об этом педагоге вашей роли не показываются.",
    FieldGroup.RESULTS: "Результаты диагностики и то, что из них рассчитано, вашей роли не показываются.",
    FieldGroup.CONTACTS: "Дата рождения и номера педагога вашей роли не показываются.",
    FieldGroup.COMMENTS: "Отзывы и пояснения участников вашей роли не показываются.",
}
"""What a person reads where a whole answer would be of a hidden group."""


def shown(actor: Identity, action: Action, *places: Scope) -> frozenset[FieldGroup]:
    """Return the groups of fields that the actor is shown of a place: what any of the roles that reach it is shown."""
    groups = (SHOWN.get(role, frozenset()) for role, scope in _reaches(actor, action) if reached([scope], places))
    return frozenset().union(*groups)


def shows_everything(actor: Identity, action: Action) -> bool:
    """Tell whether every role in which the actor may do this is shown all groups of fields of whom it reaches."""
    return all(SHOWN.get(role) == EVERYTHING for role, _scope in _reaches(actor, action))
