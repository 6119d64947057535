"""What is pinned is what is used: no package without an import, no pin that nothing brings along."""

import ast
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CODE = ("recommender", "models", "data", "training", "api", "migrations", "tests", "benchmarks")
RUNNING = CODE[:6]
NAMED_ONLY = {
    "defusedxml": "openpyxl reads with it where it is installed",
    "pandas": "for the rankers of training/, which are not written yet",
    "psycopg": "SQLAlchemy imports it for an address of PostgreSQL",
    "scikit-learn": "as pandas",
    "dask": "imported by the name of its extra, distributed",
    "import-linter": "a program of `make lint`",
    "mypy": "a program of `make lint`",
    "ruff": "a program of `make lint`",
    "pytest-xdist": "an option of pytest",
}
"""Packages that no import names, and why they are there all the same."""


def pins(file: str) -> tuple[dict[str, Requirement], dict[str, Requirement]]:
    """Return what a file of requirements asks for, and what it says that this brings along."""
    asked, brought = (ROOT / file).read_text(encoding="utf-8").split("# brought along")
    return _requirements(asked), _requirements(brought)


def _requirements(text: str) -> dict[str, Requirement]:
    found = [Requirement(line) for line in text.splitlines() if line and not line.startswith(("#", "-r"))]
    return {canonicalize_name(one.name): one for one in found}


def needed(asked: dict[str, Requirement]) -> set[str]:
    """Return everything that the requirements need to be installed, themselves among it."""
    found: set[tuple[str, str]] = set()
    waiting = [(name, extra) for name, one in asked.items() for extra in ("", *one.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for one in map(Requirement, requires(name) or ()):
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(one.name), more) for more in ("", *one.extras)]
    return {name for name, _ in found}


def imported(folders: tuple[str, ...]) -> set[str]:
    """Return the packages whose modules the code of these folders imports."""
    modules = set()
    for path in [ROOT / "wsgi.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    known = packages_distributions()
    return {canonicalize_name(package) for module in modules for package in known.get(module, ())}


@pytest.mark.parametrize(
    ("file", "folders"), [("requirements.txt", RUNNING), ("requirements-dev.txt", CODE)], ids=["run", "dev"]
)
def test_every_package_that_is_asked_for_is_used(file: str, folders: tuple[str, ...]) -> None:
    asked, _ = pins(file)
    stubs = {name for name in asked if name.startswith("types-") or name.endswith("-stubs")}
    assert set(asked) - imported(folders) - set(NAMED_ONLY) - stubs == set()


def test_what_is_named_only_is_asked_for_and_not_imported() -> None:
    asked = {*pins("requirements.txt")[0], *pins("requirements-dev.txt")[0]}
    assert set(NAMED_ONLY) <= asked - imported(RUNNING)


def test_what_is_brought_along_is_needed_and_pinned() -> None:
    (asked, brought), (more_asked, more_brought) = pins("requirements.txt"), pins("requirements-dev.txt")
    assert needed(asked) == {*asked, *brought}
    assert needed({**asked, **more_asked}) == {*asked, *brought, *more_asked, *more_brought}


def test_every_version_is_exact() -> None:
    every = [
        one for file in ("requirements.txt", "requirements-dev.txt") for part in pins(file) for one in part.values()
    ]
    assert all(str(one.specifier).startswith("==") for one in every)
