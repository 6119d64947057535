"""What the house promises of its own code and no linter measures: types where data go by, and short functions."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("recommender", "models", "data", "training", "api")

MOST_UNTYPED = 20
ANYTHING = re.compile(r"\b(?:dict|Dict|Mapping|MutableMapping)\[(?:str|Any), Any\]")
"""A mapping that says nothing of its values; one of `object` is found by that word."""


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules of packages by their paths."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def aliases(known: Iterable[ast.Module]) -> set[str]:
    """Return the names that modules give to `Any`, to `object`, or to a type with a mapping of anything in it."""
    return {
        target.id
        for module in known
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Subscript | ast.BinOp)
        for target in node.targets
        if isinstance(target, ast.Name) and _says_nothing(ast.unparse(node.value))
    }


def _says_nothing(kind: str) -> bool:
    return kind == "Any" or bool(ANYTHING.search(kind) or re.search(r"\bobject\b", kind))


def untyped(module: ast.Module, names: set[str]) -> list[int]:
    """Return the lines where data go by without a type: as a mapping of anything, as `object`, or as one of `names`."""
    return [
        node.lineno
        for node in ast.walk(module)
        if (isinstance(node, ast.Subscript) and ANYTHING.fullmatch(ast.unparse(node)))
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in {"object", *names})
    ]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def told(row: dict[str, Any]) -> Mapping[str, object]: ...", [1, 1]),
        ("Row = Mapping[str, Any]\ndef one(row: Row) -> Row: ...", [1, 2, 2]),
        ("Rows = list[dict[str, Any]]\nvalue: Rows = []", [1, 2]),
        ("Value = Any\ndef one(value: Value) -> None: ...", [2]),
        ("def act(done: Callable[[], object], **more: object) -> None: ...", [1, 1]),
        ("def add(rows: Sequence[Columns]) -> dict[str, int]: ...", []),
    ],
)
def test_what_has_no_type_is_found_by_whatever_name_it_goes(source: str, lines: list[int]) -> None:
    module = ast.parse(source)
    assert sorted(untyped(module, aliases([module]))) == lines


def test_data_go_by_with_their_types() -> None:
    known = dict(modules(*PACKAGES))
    names = aliases(known.values())
    found = [f"{path}:{line}" for path, module in known.items() for line in untyped(module, names)]
    assert len(found) <= MOST_UNTYPED, found


@pytest.mark.parametrize(("package", "nine_of_ten"), [("api", 22), ("models", 22), ("recommender", 40)])
def test_functions_are_short(package: str, nine_of_ten: int) -> None:
    sizes = {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, module in modules(package)
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert median(sizes.values()) <= 8
    assert sum(size <= nine_of_ten for size in sizes.values()) >= 0.9 * len(sizes)
    assert not [name for name, size in sizes.items() if size > 50]
