"""The command that tries other rules on the stored leads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import click

from prequal import bootstrap
from prequal.cli.common import Command, draw, from_option, json_option, open_leads, open_store, standard_output
from prequal.cli.progress import counted
from prequal.config import settings
from prequal.core.form import form_from
from prequal.core.lead import Lead
from prequal.owner.rescoring.comparison import Comparison, rescorer
from prequal.owner.rescoring.picture import drawn
from prequal.owner.rescoring.tally import Tally
from prequal.owner.rescoring.words import comparison_as_json, in_words, tally_as_json


@click.command(cls=Command)
@click.option(
    "--form",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The form to score by; without it, the one in use.",
)
@click.option("--apply", is_flag=True, help="Write the new scores. Nobody is mailed, and no invitation is withdrawn.")
@click.option(
    "--plot", metavar="FILE.svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw who moves where."
)
@from_option
@json_option
def rescore(path: Path | None, plot: Path | None, folder: Path | None, *, apply: bool, as_json: bool) -> None:
    """Score the stored leads by another form: who moves between grades, who would be invited or not, and why.

    Nothing is changed without --apply. With --json, an object a line: first the leads that the owner would want to
    know of, and last the counts.
    """
    from prequal.forms.form_file import read_form  # noqa: PLC0415, needs the extra `owner`

    if apply and folder:
        raise click.UsageError("An export can't be changed: leave out --apply, or --from.")
    document = read_form(path or settings.read_form(os.environ))
    form = form_from(document)
    rescored = rescorer(form, bootstrap.now())
    tally = Tally(form)
    if apply:
        with open_store() as store:
            store.save_form(document)
            _count(store.change_each_lead(rescored), tally, as_json=as_json)
    else:
        with open_leads(folder) as leads:
            _count(((lead, rescored(lead)) for lead in leads.iter_leads()), tally, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"summary": tally_as_json(tally, applied=apply)}))
    else:
        for line in in_words(tally, applied=apply):
            click.echo(line)
    if plot:
        draw(plot, drawn(tally))


def _count(pairs: Iterable[tuple[Lead, Lead]], tally: Tally, *, as_json: bool) -> None:
    """Count the leads as they were and as they are; as JSON, print those to know of as they come."""
    if not as_json:
        for before, after in counted(pairs, "scored"):
            tally.add(Comparison(before=before, after=after))
        return
    out = standard_output()
    for before, after in pairs:
        compared = Comparison(before=before, after=after)
        if tally.add(compared):
            out.write(json.dumps(comparison_as_json(compared), ensure_ascii=False).encode() + b"\n")
    out.flush()
