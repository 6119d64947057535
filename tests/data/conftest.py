"""Small files with the quirks of real ones, made anew for every test."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from data.reference.loading import load_framework, load_territory
from data.spreadsheets.readers import read_file
from data.spreadsheets.sheets import Sheet
from recommender.framework import Framework
from recommender.territory import Territory


@pytest.fixture
def csv_sheet(tmp_path: Path) -> Callable[..., Sheet]:
    """Write a text as a CSV file and read it back."""

    def read(text: str | bytes, encoding: str = "utf-8", name: str = "file.csv") -> Sheet:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        (sheet,) = read_file(path, name)
        return sheet

    return read


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: sheets as lists of rows, or a function that fills it by hand."""

    def write(*sheets: tuple[str, Sequence[Sequence[Any]]], fill: Callable[[Any], None] | None = None) -> Path:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path), {"default_date_format": "dd.mm.yyyy"}) as book:
            for title, rows in sheets:
                page = book.add_worksheet(title)
                for line, cells in enumerate(rows):
                    page.write_row(line, 0, cells)
            if fill:
                fill(book)
        return path

    return write


@pytest.fixture
def xlsx_sheet(workbook: Callable[..., Path]) -> Callable[..., Sheet]:
    """Write rows as the only sheet of a workbook and read it back."""

    def read(rows: Sequence[Sequence[Any]]) -> Sheet:
        (sheet,) = read_file(workbook(("Лист", rows)), "book.xlsx")
        return sheet

    return read


@pytest.fixture(scope="session")
def kamchatka() -> Territory:
    return load_territory("kamchatka")


@pytest.fixture(scope="session")
def moscow() -> Territory:
    return load_territory("moscow")


@pytest.fixture(scope="session")
def framework(kamchatka: Territory) -> Framework:
    return load_framework(kamchatka.framework)
