"""The command that shows the digest."""

import re
from datetime import timedelta
from typing import Any

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import Unreadable, json_option, load_compiled, open_store, owner_zone, print_json
from prequal.core.days import day_of
from prequal.core.digest import Digest, Weeks, count_visits, find_stops
from prequal.core.stages import Stage
from prequal.pages.ansi import heading
from prequal.pages.digests import digest_text
from prequal.services.weekly_digest import count_week


@click.command(cls=Command, examples=["prequal digest"])
@json_option
def digest(*, as_json: bool) -> None:
    """Show the last seven days, and the leads that wait for you.

    Today is the last of the seven days.
    """
    compiled, now, unreadable = load_compiled(), utc_now(), Unreadable()
    zone = owner_zone()
    weeks = Weeks.until_day(day_of(now, zone.tz) + timedelta(days=1), zone.tz)
    with open_store(read_only=True) as store:
        summary = count_week(store, compiled.by_id.values(), weeks, now, unreadable)
    if as_json:
        print_json(_as_json(summary))
    else:
        text = digest_text(compiled.main, summary, zone)
        # Headings are underlined: the first line, too, is one.
        click.echo(re.sub(r"\A.+|^.+(?=\n-+$)", lambda title: heading(title[0]), text, flags=re.MULTILINE))
    unreadable.exit()


def _as_json(summary: Digest) -> dict[str, Any]:
    return {
        "since": summary.weeks.since.isoformat(),
        "until": summary.weeks.until.isoformat(),
        "week": {stage.value: summary.week[stage] for stage in Stage},
        "before": {stage.value: summary.before[stage] for stage in Stage},
        "visits": count_visits(summary.visits),
        "visits_before": count_visits(summary.visits_before),
        "stops": {
            form.id: {loss.name: {"left": loss.left, "reached": loss.reached} for loss in losses}
            for form, losses in find_stops(summary)
        },
        "sources": {
            source: {"received": count, "qualified": summary.qualified[source]}
            for source, count in summary.sources.most_common()
        },
        "forms": {
            form: {"received": count, "qualified": summary.qualified_by_form[form]}
            for form, count in summary.forms.items()
        },
        "ruled_out": dict(summary.ruled_out.most_common()),
        **{reason.value: [lead.id for lead in leads] for reason, leads in summary.waiting.items()},
        "new_outcomes": dict(summary.outcomes),
    }
