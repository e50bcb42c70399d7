"""The command that examines a deployment. It needs the extra `owner`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.common import json_option, print_json
from prequal.config import local, regions
from prequal.config.parsers import SettingError, parse_web_address
from prequal.config.settings import Settings
from prequal.core.network import is_this_machine
from prequal.services.booking_link import PLACEHOLDER

if TYPE_CHECKING:
    from prequal.doctor.results import CheckResult

_MARKS = {"fine": ("✓", "green"), "wrong": ("✗", "red"), "left out": ("–", "yellow")}


@click.command()
@click.argument("url")
@click.option("--dkim", metavar="SELECTOR", help="The name of your DKIM key, which your mail provider shows.")
@json_option
def doctor(url: str, dkim: str | None, *, as_json: bool) -> None:
    """Check the deployment at URL from outside. Nothing is stored there, and nobody gets a mail.

    The mail domain, the booking page and the region to check are those of PREQUAL_SENDER, PREQUAL_BOOKING_URL and
    PREQUAL_REGION.
    """
    from dns.resolver import Resolver  # noqa: PLC0415, needs the extra `owner`

    from prequal.doctor.examination import Examination  # noqa: PLC0415, needs the extra `owner`

    url = url.rstrip("/")
    try:
        host = parse_web_address(url).hostname or ""
    except SettingError as error:
        raise click.UsageError(f"{url} is no address: write one like https://studio.example.") from error
    environ = local.load_local_settings(os.environ) if is_this_machine(host) else os.environ
    examination = Examination(
        url=url,
        sender=environ.get("PREQUAL_SENDER", ""),
        booking_url=PLACEHOLDER.sub("", environ.get("PREQUAL_BOOKING_URL", "")),
        dkim_selector=dkim,
    )
    results = []
    for result in chain(examination.run(Resolver(), utc_now), _check_region(environ)):
        results.append({"check": result.check, "verdict": result.status.value, "words": result.text})
        if not as_json:
            mark, colour = _MARKS[result.status.value]
            click.echo(f"{click.style(mark, fg=colour)} {result.check:<10}  {result.text}")
    if as_json:
        print_json(results)
    sys.exit(1 if any(result["verdict"] == "wrong" for result in results) else 0)


def _check_region(environ: Mapping[str, str]) -> Iterator[CheckResult]:
    """Check that Google offers in the region all that a deployment to its cloud needs."""
    from prequal.doctor.results import failed, passed, skipped  # noqa: PLC0415, needs the extra `owner`

    if not environ.get(Settings.store.name, "").startswith("firestore:"):
        return
    region = environ.get(Settings.region.name) or str(Settings.region.default)
    fault = regions.find_fault(region)
    if fault:
        yield failed("region", f"PREQUAL_REGION {fault}.")
    elif regions.is_listed(region):
        yield passed("region", f"Google offers in {region} all that prequal needs.")
    else:
        yield skipped("region", f"{region} is not in prequal's list: look up whether Google offers all services there.")
