"""Every verb checks its own action, and every select of personal rows gets the scopes of an action.

The verbs are found by looking: whatever the modules of `api` offer that takes a session.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_type_hints

import pytest

import api
import data
import training
from api import policy
from api.access import Access, WrongAccess
from api.errors import Forbidden
from api.identity import Grant, Identity, Scope
from api.policy import TABLE, Action, Permission, Rule
from models.session import Session

DOORS = {"app", "cli", "contract", "door", "endpoints", "errors", "forms", "openapi", "pages", "rendering"}
"""Parts of the names of modules that are asked through a door of Flask or of the command line."""

EXEMPT = {
    "api.account.operations.sign_in": "nobody is known yet",
    "api.account.operations.check_password": "nobody is known yet",
    "api.account.operations.resume": "finds out who asks",
    "api.audit.record": "takes the access whose action it writes down",
    "api.catalogue.operations.sync_reference": "reference data of the code itself, with the schema",
    "api.imports.planning.choose_sheets": "looks at a file and the competencies, not at people",
    "api.imports.planning.framework_in_use": "competencies only",
    "api.imports.known.known_activities": "the catalogue only",
    "api.imports.known.known_competencies": "competencies only",
    "api.imports.known.known_headcounts": "numbers of a territory, of nobody",
    "api.imports.known.known_tasks": "tasks and competencies only",
    "api.mentors.runs.board.shortages_of": "counts of a run that the caller has found",
    "api.mentors.runs.operations.failed": "the job of a run that the caller has found",
    "api.mentors.labels.titles_of": "competencies only",
    "api.routes.knowledge.knowledge_of": "rules, catalogue and means over at least twenty people",
    "api.routes.operations.recommend_stateless": "open to all: nothing about a person is read or kept",
}
"""Functions with a session that are no verbs and take no scopes, each with the reason."""


def modules(*packages: ModuleType) -> Iterator[ModuleType]:
    """Yield all modules of some packages."""
    for package in packages:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.ispkg:
                yield importlib.import_module(found.name)


def is_door(module: ModuleType) -> bool:
    """Tell whether a module belongs to the doors, judged by each part of its name: `pair_pages`, `cli.demo`."""
    return any(part in DOORS for name in module.__name__.split(".")[1:] for part in (name, name.rpartition("_")[2]))


def offered() -> dict[str, Callable[..., Any]]:
    """Return every public function of `api` outside the doors that takes a session, by its full name."""
    return {
        f"{module.__name__}.{name}": function
        for module in modules(api)
        if not is_door(module)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
        if Session in {hint for name, hint in get_type_hints(inspect.unwrap(function)).items() if name != "return"}
    }


OFFERED = offered()
VERBS = {name: function for name, function in OFFERED.items() if hasattr(function, "actions")}


def names_of(function: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments of a function as it is written."""
    return list(inspect.signature(inspect.unwrap(function)).parameters)


def test_the_verbs_are_found() -> None:
    assert len(VERBS) > 50
    assert {name.split(".")[1] for name in VERBS} == {"account", "imports", "mentors", "people", "routes"}


@pytest.mark.parametrize("name", OFFERED)
def test_what_takes_a_session_is_a_verb_or_takes_scopes_or_says_why_not(name: str) -> None:
    first, second = (*names_of(OFFERED[name]), "")[:2]
    assert first == "session"
    if name in EXEMPT:
        assert name not in VERBS and second != "scopes", f"{name} is no exception any more"
    else:
        assert second == ("access" if name in VERBS else "scopes"), f"{name} reads without an access"


def test_every_exception_still_exists() -> None:
    assert set(EXEMPT) <= set(OFFERED)


def test_every_action_of_the_table_is_asked_somewhere() -> None:
    """An action that no verb, page or select knows would be a line that promises what nothing keeps."""
    used = {action for verb in VERBS.values() for action in verb.actions}
    text = "".join(inspect.getsource(module) for module in modules(api) if module is not policy)
    assert not [action for action in Action if action not in used and f"Action.{action.name}" not in text]


def observer(*allowed: Action) -> tuple[Identity, dict[Action, Permission]]:
    """Return an account with a role that is made here, and the table in which it may do these actions."""
    table = {
        action: Permission(line.title, line.about, (*line.rules, Rule("observer")), line.also)
        if action in allowed
        else line
        for action, line in TABLE.items()
    }
    return Identity(1, "наблюдатель", None, (Grant("observer", Scope("kamchatka")),)), table


class Untouchable:
    """A session that nobody may ask anything: a verb that refuses does so before it reads."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the session was asked for {name}")


def call(verb: Callable[..., Any], access: Access) -> None:
    """Call a verb with anything at all: the check comes before all else."""
    parameters = list(inspect.signature(inspect.unwrap(verb)).parameters.values())[2:]
    needed = [one for one in parameters if one.default is inspect.Parameter.empty]
    rest = [None for one in needed if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    named = {one.name: None for one in needed if one.kind is inspect.Parameter.KEYWORD_ONLY}
    verb(Untouchable(), access, *rest, **named)


@pytest.mark.parametrize("name", VERBS)
def test_a_grant_for_another_action_in_the_territory_is_refused_at_the_verb(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """First with one action like an observer's, then with every action of the table but the verb's own."""
    own = VERBS[name].actions
    others = [action for action in Action if action not in own]
    for allowed in ([others[0]], others):
        actor, table = observer(*allowed)
        monkeypatch.setattr(policy, "TABLE", table)
        assert all(policy.may(actor, action, Scope("kamchatka")).allowed for action in allowed)
        for action in own:
            if policy.ANYBODY in TABLE[action].rules:
                continue
            with pytest.raises(Forbidden, match=TABLE[action].title):
                call(VERBS[name], Access(actor, action))


@pytest.mark.parametrize("name", VERBS)
def test_an_access_to_another_action_is_an_error_of_the_program(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    actor, table = observer(*Action)
    monkeypatch.setattr(policy, "TABLE", table)
    for action in set(Action) - set(VERBS[name].actions):
        with pytest.raises(WrongAccess):
            call(VERBS[name], Access(actor, action))


def scoped(function: object) -> bool:
    """Tell whether something that is called takes scopes after the session."""
    made = vars(function).get("__init__") if inspect.isclass(function) else function
    if not inspect.isfunction(made):
        return False
    return [name for name in names_of(made) if name != "self"][:2] == ["session", "scopes"]


def meant(module: ModuleType, node: ast.expr) -> object:
    """Return what a name or a chain of names stands for in a module, None for anything else."""
    if isinstance(node, ast.Name):
        return vars(module).get(node.id)
    within = meant(module, node.value) if isinstance(node, ast.Attribute) else None
    return vars(within).get(node.attr) if isinstance(within, ModuleType) and isinstance(node, ast.Attribute) else None


def is_of_an_access(node: ast.expr, local: dict[str, list[ast.expr]], parameters: set[str]) -> bool:
    """Tell whether an expression is the scopes of an access, those that came in as `scopes`, or narrower ones."""
    if isinstance(node, ast.Attribute):
        return node.attr == "scopes"
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return node.func.attr == "within"
        return (
            isinstance(node.func, ast.Name)
            and node.func.id == "reached"
            and is_of_an_access(node.args[0], local, parameters)
        )
    if isinstance(node, ast.Name):
        given = local.get(node.id, [])
        return (node.id == "scopes" and node.id in parameters and not given) or (
            bool(given) and all(is_of_an_access(one, local, parameters) for one in given)
        )
    return False


def assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what is assigned to each name within a function, tuples taken apart."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for one, value in pairs:
                    if isinstance(one, ast.Name):
                        found.setdefault(one.id, []).append(value)
    return found


def wrong_reads(module: ModuleType) -> Iterator[str]:
    """Yield the calls of a module that reach a scoped select with anything else than the scopes of an access."""
    tree = ast.parse(inspect.getsource(module))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        local, parameters = assigned(function), {argument.arg for argument in function.args.args}
        called = {id(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and (scoped(meant(module, node.func)) or dispatched(node)):
                if len(node.args) < 2 or not is_of_an_access(node.args[1], local, parameters):
                    yield f"{module.__name__}:{node.lineno} {ast.unparse(node)[:90]}"
            elif isinstance(node, ast.Name) and id(node) not in called and scoped(meant(module, node)):
                yield f"{module.__name__}:{node.lineno} {node.id} is not called, so that nobody sees with which scopes"


def dispatched(node: ast.Call) -> bool:
    """Tell whether a call takes its function from a table and gives it a session."""
    first = node.args[0] if node.args else None
    return isinstance(node.func, ast.Subscript) and isinstance(first, ast.Name) and first.id == "session"


@pytest.mark.parametrize("module", [*modules(api, data, training)], ids=lambda module: module.__name__)
def test_every_select_of_personal_rows_gets_the_scopes_of_an_access(module: ModuleType) -> None:
    assert list(wrong_reads(module)) == []


CARELESS = """
from models.people import find_person, people_of
from models.scope import Scope, reached


def literal(session, territory):
    return people_of(session, [Scope(territory)])


def renamed(session, territory):
    everybody = [Scope(territory)]
    return people_of(session, everybody)


def overwritten(session, scopes, territory):
    scopes = [Scope(territory)]
    return people_of(session, scopes)


def widened(session, access, territory):
    return people_of(session, [*access.scopes, Scope(territory)])


def hidden(session, territory, one):
    find = find_person if one else people_of
    return find(session, [Scope(territory)])


def careful(session, access, scopes):
    own = access.scopes
    return people_of(session, own), people_of(session, scopes), people_of(session, reached(access.scopes, ()))
"""


def test_the_search_finds_careless_reads(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "careless.py").write_text(CARELESS)
    monkeypatch.syspath_prepend(tmp_path)
    found = list(wrong_reads(importlib.import_module("careless")))
    assert len(found) == 6
    assert not any("own" in one or "reached" in one for one in found)
