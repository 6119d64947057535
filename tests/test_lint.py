"""What `make lint` looks at: all Python there is."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
GENERATED = {"migrations"}


def test_types_are_checked_wherever_there_is_python() -> None:
    told = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["files"])
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    folders = {name for name in folders if not name.startswith((".", "_"))} - GENERATED
    assert told == folders | {path.name for path in ROOT.glob("*.py")}
    assert "\t@$(BIN)/mypy\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
