"""Random edits of a table: no traceback, and no reading that differs from its plain twin's without a word about it.

`make nightly` makes 10,000 edits of each kind, with a random seed.
"""

from __future__ import annotations

import csv
import io
import math
import random
import re
import zipfile
from collections.abc import Callable
from itertools import compress
from pathlib import Path

import pytest

from prequal.calibration.clients import Clients
from prequal.calibration.design import choice_name
from support.search import ROUNDS, SEARCHES
from unit.calibration import writing
from unit.tables.test_client_table import write_file

SEED = random.SystemRandom().randrange(10**9) if SEARCHES else 20260401
_PARTS = ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"]
_EDITS = ROUNDS if SEARCHES else ROUNDS // 10
_ALPHABET = ",;.'\"\t \n0159kaéZ€%|-_=\ufeff\u00a0’"


def chance_of(test: int) -> random.Random:
    """Return a source of chance; its seed is printed when a test fails."""
    print("seed", SEED + test)
    return random.Random(SEED + test)  # noqa: S311, no secret


def edited(text: str, chance: random.Random) -> str:
    """Return the text with up to three edits of characters, cells or lines."""
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at, line = chance.randrange(len(text)), chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                text = text[:at] + chance.choice(_ALPHABET) + text[at:]
            case 1:
                text = text[:at] + text[at + 1 :]
            case 2:
                text = text[:at] + chance.choice(_ALPHABET) + text[at + 1 :]
            case 3:
                text = "\n".join([*lines[:line], *lines[line + 1 :]]) or "x"
            case 4:
                text = "\n".join([*lines[:line], chance.choice(lines), *lines[line:]])
            case 5:
                text = text[: max(1, at)]
            case _:
                cells = lines[line].split(",")
                cells[chance.randrange(len(cells))] = chance.choice([*writing.SPOILT, "3.500", "3,500", "2,5", "€15"])
                text = "\n".join([*lines[:line], ",".join(cells), *lines[line + 1 :]])
    return text


def numbers_of(cell: str) -> set[int]:
    """Return the meanings of a number, by each decimal mark that it can have."""
    digits, sign, found = re.sub(r"[^\d.,]", "", cell), -1 if re.match(r"\D*[-−]", cell) else 1, set()
    for mark, other in ((".", ","), (",", ".")):
        text = digits.replace(other, "").rstrip(mark).replace(mark, ".")
        if re.fullmatch(r"\d+(\.\d+)?", text):
            found.add(math.ceil(sign * float(text)))
    return found


def bands_of(cell: str) -> set[str]:
    """Return the names of the bands that a number can be in."""
    question = writing.FORM.question("pages")
    assert question
    bands = [next(band for band in question.bands if number <= (band.up_to or math.inf)) for number in numbers_of(cell)]
    return {choice_name(question, band) for band in bands} or {choice_name(question, None)}


def chosen_of(clients: Clients, question: str, row: int) -> set[str]:
    """Return the names of the answers that a client was read to have given."""
    [block] = [block for block in clients.blocks if block.question.id == question]
    return {choice_name(block.question, choice) for choice in compress(block.choices, block.cells[row])}


def test_edited_text(tmp_path: Path) -> None:
    """An edited table is read as its words say, or there is a word about it."""
    chance, path, silent = chance_of(1), tmp_path / "clients.csv", 0
    for _ in range(_EDITS):
        text = edited(writing.plain_csv(writing.plain_rows(chance)).decode(), chance)
        path.write_bytes(text.encode())
        clients = writing.read(path)
        if clients is None or writing.words(clients):
            continue
        silent += 1
        lines = csv.reader(io.StringIO(text.replace("\ufeff", ""), newline=""), strict=True)
        headings, *rows = [[cell.strip().casefold() for cell in line] for line in lines if any(map(str.strip, line))]
        for number, row in enumerate(rows):
            cells = {name: cell.strip("-") and cell for name, cell in zip(headings, row, strict=True)}
            services = {part.strip() for part in re.split("[;|]", cells["services"])}
            for question, answers in (
                ("budget", {cells["budget"]}),
                ("timeline", {cells["timeline"]}),
                ("services", services),
            ):
                assert answers - {""} == chosen_of(clients, question, number), text
            assert chosen_of(clients, "pages", number) <= bands_of(cells["pages"]), text
            assert (cells["result"] == "won") == clients.good[number], text
    assert silent > _EDITS / 20


@pytest.mark.parametrize(("test", "write"), [(2, writing.as_csv), (3, writing.as_xlsx)])
def test_other_ways_to_write(tmp_path: Path, test: int, write: Callable[..., bytes]) -> None:
    """A table written in another way is read as its plain twin, or there is a word about it."""
    chance, path, twin = chance_of(test), tmp_path / "clients.csv", tmp_path / "twin.csv"
    same = 0
    for _ in range(_EDITS):
        rows = writing.plain_rows(chance)
        twin.write_bytes(writing.plain_csv(rows))
        truth = writing.read(twin)
        assert truth
        table = writing.dressed(rows, chance)
        path.write_bytes(write(table, chance))
        clients = writing.read(path)
        if clients is not None and not writing.words(clients):
            assert writing.reading(clients) == writing.reading(truth), table
            same += 1
    assert same > _EDITS / 20


def test_damaged_workbooks(tmp_path: Path) -> None:
    """A workbook with changed bytes is read as before or refused; with a change inside, it raises nothing else."""
    chance, path = chance_of(4), tmp_path / "clients.xlsx"
    rows = writing.plain_rows(chance, 6)
    content = writing.as_xlsx([[*rows[0]], *([*row.values()] for row in rows)], chance)
    whole = writing.read(write_file(path, content))
    assert whole
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    read = 0
    for number in range(_EDITS):
        if number % 2:
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 3)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            clients = writing.read(write_file(path, bytes(damaged)))
            assert clients is None or writing.reading(clients) == writing.reading(whole), damaged
        else:
            name = chance.choice([*_PARTS, "xl/worksheets/sheet1.xml"])
            text = parts[name].decode()
            for _ in range(chance.randint(1, 3)):
                at = chance.randrange(len(text))
                text = text[:at] + chance.choice(["", *_ALPHABET, *"<>/&1234ABsnbe"]) + text[at + chance.randrange(2) :]
            with zipfile.ZipFile(path, "w") as archive:
                for part, old in parts.items():
                    archive.writestr(part, text if part == name else old)
            clients = writing.read(path)
        read += clients is not None
    assert 0 < read < _EDITS
