"""The command that scores the stored leads by other rules. It needs the extra `owner`."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import (
    Unreadable,
    choose_form,
    draw,
    from_option,
    json_option,
    open_leads,
    open_store,
    plot_option,
    print_json,
    show_progress,
)
from prequal.config import settings
from prequal.core.form import form_from, published
from prequal.core.lead import Lead
from prequal.owner.rescoring.comparison import Comparison, RescoringSummary, make_rescorer
from prequal.owner.rescoring.flow_chart import render_svg
from prequal.owner.rescoring.output import comparison_as_json, in_words, summary_as_json


@click.command(cls=Command, examples=["prequal rescore --form new.yaml", "prequal rescore --apply"])
@click.option("--form", metavar="FILE|ID", help="The form to score by. Default: the current one, if there is only one.")
@click.option("--apply", is_flag=True, help="Store the new scores. No mail is sent, and no invitation is withdrawn.")
@plot_option("Draw which leads move between the grades.")
@from_option
@json_option
def rescore(form: str | None, plot: Path | None, folder: Path | None, *, apply: bool, as_json: bool) -> None:
    """Score the stored leads by another form.

    It shows which leads change grade, which would be invited or no longer, and why. Nothing is changed without --apply.
    --json prints one object a line: first the leads that need your attention, last the totals.
    """
    if apply and folder:
        raise click.UsageError("An export can't be changed: leave out --apply, or --from.")
    document = _read_document(form)
    new = form_from(document)
    rescored = make_rescorer(new, utc_now())
    summary, unreadable = RescoringSummary(new), Unreadable()
    if apply:
        with open_store() as store:
            store.save_form(document)
            _compare(store.change_each_lead(rescored, unreadable), summary, as_json=as_json)
    else:
        with open_leads(folder) as leads:
            _compare(((lead, rescored(lead)) for lead in leads.iter_leads(skip=unreadable)), summary, as_json=as_json)
    if as_json:
        print_json({"summary": summary_as_json(summary, applied=apply)})
    else:
        for line in in_words(summary, applied=apply):
            click.echo(line)
    if plot:
        draw(plot, render_svg(summary))
    unreadable.exit()


def _read_document(name: str | None) -> Mapping[str, Any]:
    """Return the document of a form file, or of a current form by its id."""
    from prequal.forms.form_file import read_form  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.form_folder import read_forms  # noqa: PLC0415

    if name and Path(name).is_file():
        return read_form(Path(name))
    forms = {file.content["id"]: published(file.content) for file in read_forms(settings.read_form(os.environ))}
    return choose_form(forms, name)


def _compare(pairs: Iterable[tuple[Lead, Lead]], summary: RescoringSummary, *, as_json: bool) -> None:
    """Count the leads before and after; as JSON, also print at once those that need attention."""
    if not as_json:
        for before, after in show_progress(pairs, "scored"):
            summary.add(Comparison(before=before, after=after))
        return
    out = sys.stdout.buffer
    for before, after in pairs:
        compared = Comparison(before=before, after=after)
        if summary.add(compared):
            out.write(json.dumps(comparison_as_json(compared), ensure_ascii=False).encode() + b"\n")
    out.flush()
