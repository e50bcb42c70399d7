"""The command that shows the digest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from prequal import bootstrap
from prequal.cli.common import Command, json_option, open_store
from prequal.core.digest import WEEK, Digest, last_start_of
from prequal.core.lead import Lead
from prequal.core.stages import Stage
from prequal.pages.digests import digest_text
from prequal.services.digests import digest as digest_of_form


@click.command(cls=Command)
@json_option
def digest(*, as_json: bool) -> None:
    """Show what the last seven days brought, today included, and what waits for you."""
    form, now = bootstrap.compiled(os.environ).form, bootstrap.now()
    tonight = last_start_of(now.weekday(), now) + timedelta(days=1)
    with open_store() as store:
        found = digest_of_form(store, form.id, tonight, now)
    click.echo(json.dumps(_as_json(found), ensure_ascii=False) if as_json else digest_text(form, found))


def _as_json(found: Digest) -> dict[str, Any]:
    return {
        "since": (found.until - WEEK).isoformat(),
        "until": found.until.isoformat(),
        "week": {stage.value: found.week[stage] for stage in Stage},
        "before": {stage.value: found.before[stage] for stage in Stage},
        "sources": {
            source: {"received": count, "qualified": found.qualified[source]}
            for source, count in found.sources.most_common()
        },
        "ruled_out": dict(found.ruled_out.most_common()),
        "undecided": _ids(found.undecided),
        "undelivered": _ids(found.undelivered),
        "ending": _ids(found.ending),
    }


def _ids(leads: Sequence[Lead]) -> Sequence[str]:
    return [lead.id for lead in leads]
