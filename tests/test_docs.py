"""The pages of docs/: lines that fit, names that exist, links that lead somewhere, rules and rooms as they are."""

import importlib
import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from api.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FIRST_PAGE = DOCS / "README.md"

LONGEST = 100
NOT_WRAPPED_YET = {"benchmarks.md"}
"""Pages that are rewritten as a whole by the work that they describe."""
GENERATED = {"roles.md"}
"""Tables that a command prints; a cell holds a sentence of the service, however long that is."""

OURS = ("api", "benchmarks", "data", "models", "recommender", "tests", "training")
FOLDERS = (".", "recommender", "api", "data", "docs", "api/templates")
NOT_THERE = {"instance/", "uploads/", "recommender/__pycache__/compiled-…/", "data/territories/CODE.yaml"}
"""What running or a reader makes."""
REJECTED = {"data/spreadsheets/open.py"}
"""Names that a decision gives as the ones that were not taken."""
PATH = re.compile(r"(?!/)[\w.…-]*(?:/[\w.…-]+)*(?:/|\.(?:py|md|yaml|toml|txt|html|css|json))|[a-z_]+(?:/[a-z_]+)+")


def named(pages: list[Path] = PAGES) -> Iterator[tuple[Path, str]]:
    """Yield everything that stands between backticks outside code blocks, with its page."""
    for page in pages:
        prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for name in re.findall(r"`([^`\n]+)`", prose):
            yield page, name


def told(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=told)
def test_no_line_is_longer_than_a_hundred_characters(page: Path) -> None:
    if page.name in NOT_WRAPPED_YET:
        pytest.skip("rewritten elsewhere")
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)
    rows = page.name in GENERATED
    assert not [at for at, line in lines if len(line) > LONGEST and not (rows and line.startswith("|"))]


def test_every_path_that_a_page_names_exists() -> None:
    paths = [(page, name) for page, name in named() if PATH.fullmatch(name) and name not in NOT_THERE | REJECTED]
    assert len(paths) > 50
    assert not [f"{told(page)}: {name}" for page, name in paths if not _there(name)]


def _there(path: str) -> bool:
    """Tell whether a file stands in one of the folders that pages start from; a bare name may stand in any of ours."""
    if path.endswith(".py") and "/" not in path:
        return any(next((ROOT / folder).rglob(path), None) for folder in OURS)
    return any((ROOT / folder / (path + end)).exists() for folder in FOLDERS for end in ("", ".py"))


def test_every_dotted_name_of_ours_exists() -> None:
    dotted = [(page, name) for page, name in named() if re.fullmatch(rf"(?:{'|'.join(OURS)})(?:\.\w+)+", name)]
    assert len(dotted) > 50
    assert not [f"{told(page)}: {name}" for page, name in dotted if not _named_in_code(name)]


def _named_in_code(name: str) -> bool:
    """Tell whether a dotted name is a module, or something that a module holds."""
    if _there(name):
        return True
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        module = ".".join(parts[:cut])
        if find_spec(parts[0]) and _is_module(module):
            held: object = importlib.import_module(module)
            for part in parts[cut:]:
                held = getattr(held, part, None)
            return held is not None
    return False


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_every_link_leads_to_a_page_and_to_a_heading_of_it() -> None:
    broken = []
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
            path, _, heading = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (heading and heading not in _headings(target)):
                broken.append(f"{told(page)}: {link}")
    assert not broken


def _headings(page: Path) -> set[str]:
    """Return the anchors of a page, made as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_first_page_leads_to_every_other_one() -> None:
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#\s]+\.md)\)", FIRST_PAGE.read_text("utf-8"))}
    assert not [told(page) for page in PAGES if page.is_relative_to(DOCS) and page not in linked | {FIRST_PAGE}]


def test_the_rules_are_all_contracts_by_their_names_and_no_others() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rules = (DOCS / "architecture.md").read_text("utf-8").split("## The rules")[1].split("\n## ")[0]
    told_rules = [
        " ".join(rule.split()) for rule in re.findall(r"^\d+\. \*(.+?)\.?\*", rules, re.MULTILINE | re.DOTALL)
    ]
    assert sorted(told_rules) == sorted(contract["name"] for contract in contracts)


def test_the_tree_names_every_module_and_no_other() -> None:
    block = (DOCS / "architecture.md").read_text("utf-8").split("## The tree")[1].split("```")[1]
    folders: list[str] = []
    drawn: dict[str, set[str]] = {}
    for line in block.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        if "/" in line.partition("#")[0]:
            folders = [*folders[:depth], line.split("/")[0].strip()]
            drawn["/".join(folders)] = set()
        else:
            drawn["/".join(folders)] |= set(line.split())
    for folder, modules in drawn.items():
        assert modules == {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}, folder
    packages = {told(path.parent) for top in drawn for path in (ROOT / top.split("/")[0]).rglob("__init__.py")}
    assert set(drawn) == packages


def test_the_glossary_pairs_states_acts_and_kinds_as_the_vocabulary_does() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+) \|$", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)
    vocabulary = yaml.safe_load((ROOT / "data" / "vocabulary.yaml").read_text("utf-8"))
    groups = {group for group, _, _ in rows}
    assert groups == {"route_state", "route_act", "step_state", "step_act", "pair_kind"}
    assert rows == [
        (group, code, entry["word"])
        for group in vocabulary
        if group in groups
        for code, entry in vocabulary[group].items()
    ]


def test_the_page_of_operations_lists_every_setting() -> None:
    settings = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', (ROOT / "api" / "settings.py").read_text("utf-8")))
    assert len(settings) > 10
    assert not settings - {name for page, name in named([DOCS / "operations.md"])}


def test_the_page_of_operations_lists_every_command() -> None:
    rows = re.findall(r"^\| `([a-z ]+?)(?: [A-Z].*)?` \|", (DOCS / "operations.md").read_text("utf-8"), re.MULTILINE)
    groups = [one for one in COMMANDS if isinstance(one, click.Group)]
    single = {str(one.name) for one in COMMANDS if one not in groups}
    assert sorted(rows) == sorted(single | {f"{group.name} {part}" for group in groups for part in group.commands})
