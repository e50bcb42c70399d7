"""The command that learns points from past clients. It needs the extra `owner`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import (
    Unreadable,
    choose_form,
    draw,
    file_type,
    form_option,
    from_option,
    json_option,
    open_leads,
    owner_zone,
    plot_option,
    print_json,
)
from prequal.config import settings
from prequal.core.days import day_of
from prequal.core.form import Form, form_from, published
from prequal.files import write_atomically

if TYPE_CHECKING:  # these need the extra `owner`
    from prequal.calibration.clients import Clients
    from prequal.calibration.pipeline import Calibration
    from prequal.calibration.table_clients import ColumnRoles
    from prequal.core.lead import Lead
    from prequal.core.past_client import PastClient

_CENTURY = 36_500


@click.command(
    cls=Command,
    examples=[
        "prequal calibrate clients.csv --outcome result --good won",
        "prequal calibrate good.csv --good-only",
        "prequal calibrate --from-leads --write",
    ],
)
@click.argument("clients", metavar="[CLIENTS.csv]", required=False, type=file_type)
@form_option
@click.option("--outcome", metavar="COLUMN", help="The column with the outcome.")
@click.option("--good", metavar="VALUE", multiple=True, help="The outcome of a good client; may be repeated.")
@click.option(
    "--bad",
    metavar="VALUE",
    multiple=True,
    help="The outcome of other clients; may be repeated. Default: any other value.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook. Default: the one with the outcome's column.")
@click.option("--map", "mapped", metavar="COLUMN=QUESTION", multiple=True, help="Match a column; COLUMN= ignores it.")
@click.option("--from-leads", is_flag=True, help="Learn from stored leads with a known outcome instead of a table.")
@from_option
@click.option("--good-only", is_flag=True, help="Learn from good clients alone, beside the leads that came.")
@click.option(
    "--date", metavar="COLUMN", help="The column of dates: also test on the newest clients what the older ones teach."
)
@click.option(
    "--cycle", metavar="DAYS", type=click.IntRange(1, _CENTURY), help="Leave out clients more recent than this."
)
@click.option("--person", metavar="COLUMN", help="The column that identifies a person. Default: email.")
@click.option("--questions", type=click.IntRange(1), metavar="N", help="Keep only the N most predictive questions.")
@click.option(
    "--rate",
    metavar="PART",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The share of good clients among your prospects, such as 0.1, if the table's differs.",
)
@plot_option("Draw the result.")
@click.option("--write", is_flag=True, help="Show the changes to the form file, and write them if you agree.")
@click.option("--yes", is_flag=True, help="Answer yes to every question.")
@json_option
def calibrate(  # noqa: PLR0913, an option each
    *,
    clients: Path | None,
    form_id: str | None,
    outcome: str | None,
    good: Sequence[str],
    bad: Sequence[str],
    sheet: str | None,
    mapped: Sequence[str],
    from_leads: bool,
    folder: Path | None,
    good_only: bool,
    date: str | None,
    cycle: int | None,
    person: str | None,
    questions: int | None,
    rate: float | None,
    plot: Path | None,
    write: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Learn points from past clients, and how far to trust them.

    CLIENTS is a CSV or XLSX table with one column per question, named by the question's id or label, and one for the
    outcome.
    """
    from prequal.calibration import pipeline  # noqa: PLC0415, needs the extra `owner`
    from prequal.calibration.lead_clients import clients_from_leads  # noqa: PLC0415
    from prequal.calibration.table_clients import ColumnRoles  # noqa: PLC0415
    from prequal.forms.form_folder import read_forms  # noqa: PLC0415, needs the extra `owner`

    forms = {file.content["id"]: file for file in read_forms(settings.read_form(os.environ))}
    file = choose_form(forms, form_id)
    form, path = form_from(published(file.content)), file.path
    young, unreadable = timedelta(days=cycle or 0), Unreadable()
    by_outcome = bool(outcome and good) or (good_only and not (outcome or good))
    if clients and (from_leads or (folder and not good_only)):
        raise click.UsageError("Name a table or use --from-leads, not both.")
    if not by_outcome if clients else not (from_leads or folder):
        raise click.UsageError("Name a table with --outcome COLUMN and --good VALUE, or use --from-leads.")
    if clients and cycle and not date:
        raise click.UsageError("--cycle needs dates: name their column with --date.")
    stored: Sequence[Lead] = ()
    asked: Sequence[PastClient] = ()
    if good_only or not clients:
        with open_leads(folder) as leads:
            stored, asked = list(leads.iter_leads(skip=unreadable)), list(leads.iter_past_clients(unreadable))
    if clients:
        others = stored if good_only else None
        roles = ColumnRoles(
            outcome=outcome or "", good=good, bad=bad, date=date, person=person, cycle=young, unlabelled=others
        )
        known = _table(form, clients, sheet, roles, mapped, yes=yes)
    else:
        known = clients_from_leads(form, stored, young, utc_now(), asked=asked, good_only=good_only)
    result = pipeline.calibrate(form, known, max_questions=questions, true_rate=rate)
    _show(result, plot, as_json=as_json)
    if write and result.learning:
        _write(path, result, yes=yes)
    unreadable.exit()
    sys.exit(0 if result.learning else 1)


def _show(result: Calibration, plot: Path | None, *, as_json: bool) -> None:
    from prequal.calibration import presentation  # noqa: PLC0415, needs the extra `owner`

    learning = result.learning
    if as_json:
        print_json(presentation.as_json(result))
        for sentence in [*(learning.suspicions if learning else ()), result.explanation]:
            click.echo(sentence, err=True)
    else:
        from prequal.owner.common_answers import as_text  # noqa: PLC0415

        click.echo("\n".join([*as_text(result.clients.common), "", presentation.as_text(result)]))
    if plot and learning:
        from prequal.calibration.plot import render_svg  # noqa: PLC0415

        draw(plot, render_svg(result.clients, learning.scorecard))
    elif plot:
        click.echo(f"There is nothing to draw, as nothing was learned: {plot} was not written.", err=True)


def _table(  # noqa: PLR0913, each is an option of the command
    form: Form, path: Path, sheet: str | None, roles: ColumnRoles, mapped: Sequence[str], *, yes: bool
) -> Clients:
    from prequal.calibration.columns import labels, match_columns  # noqa: PLC0415
    from prequal.calibration.table_clients import clients_from_table, read_outcomes  # noqa: PLC0415, needs the extra `owner`
    from prequal.tables.cells import TableError  # noqa: PLC0415, needs the extra `owner`
    from prequal.tables.client_table import read_table  # noqa: PLC0415

    table = read_table(path, roles.outcome, sheet=sheet, words=[roles.outcome, *roles.good, *labels(form)])
    read_outcomes(table, roles)  # reports faults of these before anything is asked
    used = [name for name in (roles.outcome, roles.date, roles.person) if name]
    columns, proposed = match_columns(form, table, mapped, used)
    if proposed and _agreed(proposed, yes=yes):
        columns |= proposed
    if not columns:
        raise TableError("No column is named like a question: match them with --map COLUMN=QUESTION.")
    return clients_from_table(form, table, columns, roles, utc_now())


def _agreed(proposed: Mapping[str, str], *, yes: bool) -> bool:
    """Ask whether columns belong to the questions that they look like."""
    from prequal.tables.cells import shown  # noqa: PLC0415, needs the extra `owner`

    for question, column in proposed.items():
        click.echo(f"The column {shown(column)} looks like the question {question}.", err=True)
    agreed = yes or _confirmed("Use them so?")
    if not agreed:
        mapping = " ".join(f"--map '{column}={question}'" for question, column in proposed.items())
        click.echo(f"Left out. To use them: {mapping}", err=True)
    return agreed


def _write(path: Path, result: Calibration, *, yes: bool) -> None:
    from prequal.analysis.adjustments import LEARNED  # noqa: PLC0415
    from prequal.calibration.form_values import form_values  # noqa: PLC0415, needs the extra `owner`
    from prequal.calibration.verdict import Verdict  # noqa: PLC0415
    from prequal.forms.form_edits import UnwritableError, edit_form, find_new_errors, unified_diff  # noqa: PLC0415

    learned = {LEARNED: day_of(utc_now(), owner_zone().tz).isoformat()}
    before, after = edit_form(path, {**form_values(result), **learned})
    if before == after:
        click.echo(f"{path} has these points already.", err=True)
        return
    click.echo(unified_diff(path, before, after), err=True)
    errors, surprises = find_new_errors(path, after)
    if errors:
        raise UnwritableError(f"{path} was left as it is, as prequal check would refuse it: {errors[0]}")
    for surprise in surprises:
        click.echo(f"An example has another result: change it too, or keep your points. {surprise}", err=True)
    suspicious = result.verdict is Verdict.SUSPICIOUS  # only a person may agree to that
    if _confirmed(f"Change {path} all the same?") if suspicious else yes or _confirmed(f"Change {path}?"):
        write_atomically(path, after)
        click.echo(f"Changed {path}: now run prequal check.", err=True)


def _confirmed(question: str) -> bool:
    """Ask a question. Without a terminal, the answer is no."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo("", err=True)
        return False
