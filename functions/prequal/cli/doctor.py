"""The command that examines a deployment. It needs the extra `owner`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.command_group import Command
from prequal.cli.common import json_option, print_json
from prequal.config import local, regions, settings
from prequal.config.settings import Settings
from prequal.core.errors import PrequalError
from prequal.core.form import Form, form_from, published
from prequal.core.network import is_this_machine
from prequal.core.web_address import AddressError, parse_web_address

if TYPE_CHECKING:
    from prequal.doctor.results import CheckResult

_MARKS = {"fine": ("✓", "green"), "wrong": ("✗", "red"), "left out": ("–", None)}


@click.command(
    cls=Command, examples=["prequal doctor https://studio.example", "prequal doctor https://studio.example --dkim mail"]
)
@click.argument("url")
@click.option("--dkim", metavar="SELECTOR", help="The name of your DKIM key, which your mail provider shows.")
@json_option
def doctor(url: str, dkim: str | None, *, as_json: bool) -> None:
    """Check the deployment at URL from outside.

    Nothing is stored there, and nobody gets a mail.

    The mail domain, the booking pages, the desk and the region to check are those of PREQUAL_SENDER, of
    PREQUAL_BOOKING_URL and the form file, of PREQUAL_DESK_URL, and of PREQUAL_REGION.
    """
    from dns.resolver import Resolver  # noqa: PLC0415, needs the extra `owner`

    from prequal.doctor.examination import Examination  # noqa: PLC0415, needs the extra `owner`

    url = url.rstrip("/")
    try:
        host = parse_web_address(url).hostname or ""
    except AddressError as error:
        raise click.UsageError(f"{url} is no address: write one like https://studio.example.") from error
    environ = local.load_local_settings(os.environ) if is_this_machine(host) else os.environ
    examination = Examination(
        url=url,
        sender=environ.get("PREQUAL_SENDER", ""),
        desk_origin=environ.get("PREQUAL_DESK_URL", "").strip().rstrip("/"),
        booking_url=environ.get("PREQUAL_BOOKING_URL", ""),
        forms=_read_forms(environ),
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


def _read_forms(environ: Mapping[str, str]) -> Sequence[Form]:
    """Return the forms of this folder, and none where there are none, or one has faults."""
    from prequal.forms.form_folder import read_forms  # noqa: PLC0415, needs the extra `owner`

    with suppress(PrequalError):
        return [form_from(published(file.content)) for file in read_forms(settings.read_form(environ))]
    return ()


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
