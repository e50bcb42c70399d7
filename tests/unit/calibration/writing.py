"""Tables of past clients as programs and people write them, and their plain twins."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import openpyxl

from prequal.calibration.clients import Clients
from prequal.calibration.columns import labels, match_columns
from prequal.calibration.table_clients import ColumnRoles, clients_from_table
from prequal.core.form import Form, form_from
from prequal.tables.cells import TableError
from prequal.tables.client_table import read_table
from support import builders

Row = Mapping[str, str]

OPTIONS = {
    "around": ["around", "About that, yes", "AROUND", "À peu près, oui", "about  that, yes "],
    "unsure": ["unsure", "Not sure", "Je ne sais pas"],
    "rushed": ["rushed", "Next week", "Później"],
    "soon": ["soon", "I’d say: this season", "Cet été"],
    "design": ["design", "Design, branding", "Design, identité"],
    "build": ["build", "Building", "Réalisation"],
    "seo": ["seo", "SEO; ads", "SEO / publicité"],
}
SPOILT = ["#N/A", "whenever", "5 Mio", "1-2", "ca. viele", "?", "12 13", "5k"]
CODES = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "mac_roman", "utf-32"]


def form() -> Form:
    """Return the builders' form, with labels in two languages that hold separators."""
    document = builders.document()
    for question in document["questions"]:
        for option in question.get("options", []):
            if option["id"] in OPTIONS:
                _, english, *others = OPTIONS[option["id"]]
                option["label"] = {"en": english, "fr": others[-1] if others[-1][0] != "a" else others[1]}
    document["questions"][3]["options"].append(
        {"id": "seo", "label": {"en": OPTIONS["seo"][1], "fr": OPTIONS["seo"][2]}, "points": 4}
    )
    document["questions"][2]["max"] = 100_000
    document["questions"][2]["bands"] = [{"up_to": top, "points": top % 7} for top in (3, 15, 40, 1200)] + [
        {"points": 2}
    ]
    return form_from(document)


FORM = form()
ROLES = ColumnRoles(outcome="result", good=["won"])


def plain_rows(chance: random.Random, count: int = 24) -> list[dict[str, str]]:
    """Return the truth: ids, and numbers in digits."""
    rows = [
        {
            "budget": chance.choice(["around", "unsure"]),
            "timeline": chance.choice(["rushed", "soon"]),
            "pages": chance.choice(["3", "15", "40", "1200", "3500", ""]),
            "services": ";".join(sorted(chance.sample(["design", "build", "seo"], chance.randint(0, 3)))),
            "result": chance.choice(["won", "lost"]),
        }
        for _ in range(count)
    ]
    rows[0]["result"], rows[1]["result"] = "won", "lost"
    return rows


def plain_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as the plainest CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def read_or_raise(path: Path, sheet: str | None = None) -> Clients:
    """Return the clients that a file has; TableError if it is refused."""
    table = read_table(path, ROLES.outcome, sheet=sheet, words=labels(FORM))
    columns, _ = match_columns(FORM, table, [], [ROLES.outcome])
    return clients_from_table(FORM, table, columns, ROLES, builders.NOW)


def read(path: Path, sheet: str | None = None) -> Clients | None:
    """Return the clients that a file has; None if it is refused."""
    with suppress(TableError):
        return read_or_raise(path, sheet)
    return None


def reading(clients: Clients) -> object:
    """Return everything that points are learned from."""
    blocks = [(block.question.id, block.cells.tolist()) for block in clients.blocks]
    return blocks, clients.good.tolist(), clients.ruled_out


def words(clients: Clients) -> list[object]:
    """Return everything that is said about cells, rows and columns that were not read as they are."""
    others = [outcome for outcome in clients.others if outcome != "lost"]
    return [*clients.notes, *clients.unmatched.items(), *clients.left_out.items(), *clients.absent, *others]


NUMBERS: Sequence[Callable[[str, str], str]] = [
    lambda number, _: number,
    lambda _, grouped: grouped,
    lambda _, grouped: grouped.replace(",", "."),
    lambda _, grouped: grouped.replace(",", "\u202f"),
    lambda _, grouped: grouped.replace(",", "’"),
    lambda _, grouped: grouped.replace(",", "\u00a0") + ",00",
    lambda _, grouped: grouped.replace(",", ".") + ",00",
    lambda _, grouped: f"{grouped}.00",
    lambda _, grouped: f"€{grouped}",
    lambda _, grouped: f"EUR {grouped}.00",
    lambda _, grouped: grouped.replace(",", " ") + ",00 zł",
    lambda number, _: f"{number} €",
    lambda number, _: f"{number},-",
    lambda number, _: f'="{number}"',
    lambda number, _: f"{number} pages",
    lambda number, _: f"{number} %",
]
"""Ways to write a number, given its digits, and the same grouped."""


def write_number(number: str, way: Callable[[str, str], str]) -> str:
    """Return a number as a country or a program writes it."""
    return way(number, f"{int(number):,}") if number else ""


def dressed(rows: Sequence[Row], chance: random.Random) -> list[list[str]]:
    """Return headings and rows whose cells are written in other ways, with other rows and columns around them."""
    ways = chance.sample(NUMBERS, 1 if chance.random() < 0.6 else 2)
    language, joint = chance.randrange(3), chance.choice([";", ", ", "; ", "\n", " | ", ",", " / "])
    names = chance.sample(list(rows[0]), len(rows[0])) if chance.random() < 0.5 else list(rows[0])
    table = [names]
    for row in rows:
        cells: dict[str, str] = {
            "budget": chance.choice(OPTIONS[row["budget"]]) if row["budget"] in OPTIONS else row["budget"],
            "timeline": OPTIONS[row["timeline"]][language],
            "pages": write_number(row["pages"], chance.choice(ways)),
            "services": joint.join(OPTIONS[part][language] for part in row["services"].split(";") if part),
            "result": row["result"].upper() if chance.random() < 0.1 else row["result"],
        }
        table.append([cells[name] for name in names])
    if chance.random() < 0.3:  # columns that nobody uses
        heading, place = chance.choice(["Notes", "", "Name", "Result of it"]), chance.randrange(len(names) + 1)
        for _ in range(chance.randint(1, 2)):
            for number, cells_of in enumerate(table):
                note = chance.choice(["", "a, b; c", "x" * 30, 'said "yes"', "two\nlines", "3,500"])
                cells_of.insert(place, note if number else heading)
    if chance.random() < 0.2:
        table.insert(chance.randrange(2, len(table)), list(table[0]))
    if chance.random() < 0.2:
        table.append(["Total", *[""] * (len(table[0]) - 1)])
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        width = len(table[-1]) if chance.random() < 0.5 else 1
        table.insert(0, [chance.choice(["Clients 2025", "Exported on 2026-01-01, by Ada"]), *[""] * (width - 1)])
    if chance.random() < 0.2:
        table.insert(chance.randrange(len(table)), [""] * len(table[0]))
    if chance.random() < 0.05:
        spoilt = chance.choice(table[1:])
        spoilt[chance.randrange(len(spoilt))] = chance.choice(SPOILT)
    return table


def as_csv(table: Sequence[Sequence[str]], chance: random.Random) -> bytes:
    """Return a table as a text file, most often with the quotation marks that it needs."""
    mark, end = chance.choice(",;\t|"), chance.choice(["\n", "\r\n", "\r"])
    tail = mark if chance.random() < 0.1 else ""
    if chance.random() < 0.15:
        text = "".join(mark.join(row) + tail + end for row in table)
    else:
        out = io.StringIO()
        csv.writer(
            out,
            delimiter=mark,
            lineterminator=tail + end,
            quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        ).writerows(table)
        text = out.getvalue()
    if chance.random() < 0.1:
        text = f"sep={mark}{end}" + text
    return text.encode(chance.choice(CODES), errors="replace")


def as_xlsx(table: Sequence[Sequence[str]], chance: random.Random) -> bytes:
    """Return a table as a workbook, with numbers, percentages, merged cells and other sheets."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Clients"
    typed, shown = chance.random() < 0.7, chance.choice(["General", "0%", "0.0 %", '0"%"', "#,##0.00 €", "0.00E+00"])
    for top, row in enumerate(table, start=1 + chance.choice([0, 0, 2])):
        for left, cell in enumerate(row, start=1 + (chance.random() < 0)):
            place = sheet.cell(top, left)
            if typed and cell.isdigit():
                place.value = int(cell) / 100 if "%" in shown.replace('"%"', "") else int(cell)
                place.number_format = shown
            elif cell:
                place.value = cell
                place.data_type = "s"
    if chance.random() < 0.2:
        left = chance.randint(1, sheet.max_column)
        for top in range(2, sheet.max_row):
            above, below = sheet.cell(top, left), sheet.cell(top + 1, left)
            if above.value is not None and above.value == below.value:
                sheet.merge_cells(start_row=top, end_row=top + 1, start_column=left, end_column=left)
                break
    if chance.random() < 0.2:
        other = book.create_sheet("Other", chance.randrange(2))
        other.append(["budget", chance.choice(["result", "x"])])
        other.sheet_state = chance.choice(["visible", "hidden"])
    if chance.random() < 0.05:
        sheet.cell(sheet.max_row, chance.randint(1, sheet.max_column)).value = "=1+1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
