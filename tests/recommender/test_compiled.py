"""Compiled code that is kept on disk is that of the sources as they are."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recommender import compiled

KERNEL = "from recommender.compiled import kernel\n\n\n@kernel\ndef number() -> int:\n    return {}\n"
ENTRY = """from recommender.compiled import entry
from recommender.{} import number


@entry
def shown() -> int:
    return number()
"""


@pytest.mark.parametrize("home", ["small_kernel", "search.small_kernel", "search.deeper.small_kernel"])
def test_a_kernel_changed_in_another_file_is_compiled_anew(tmp_path: Path, home: str) -> None:
    package = tmp_path / "recommender"
    kernel = package / (home.replace(".", "/") + ".py")
    kernel.parent.mkdir(parents=True)
    shutil.copy(str(compiled.__file__), package / "compiled.py")
    (package / "small_entry.py").write_text(ENTRY.format(home), encoding="utf-8")
    assert [_shown(package, kernel, number) for number in (1, 2)] == ["1", "2"]


def _shown(package: Path, kernel: Path, number: int) -> str:
    kernel.write_text(KERNEL.format(number), encoding="utf-8")
    command = [sys.executable, "-c", "from recommender.small_entry import shown; print(shown())"]
    return subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True).stdout.strip()
