"""The command that examines a deployment. It needs the extra `owner`."""

import json
import os
import sys

import click

from prequal.bootstrap_store import utc_now
from prequal.cli.common import json_option
from prequal.config import local
from prequal.config.parsers import SettingError, parse_web_address
from prequal.core.network import is_this_machine
from prequal.services.booking_link import PLACEHOLDER

_MARKS = {"fine": ("✓", "green"), "wrong": ("✗", "red"), "left out": ("–", "yellow")}


@click.command()
@click.argument("url")
@click.option("--dkim", metavar="SELECTOR", help="The name of your DKIM key, which your mail provider shows.")
@json_option
def doctor(url: str, dkim: str | None, *, as_json: bool) -> None:
    """Check the deployment at URL from outside. Nothing is stored there, and nobody gets a mail.

    The mail domain and the booking page to check are those of PREQUAL_SENDER and PREQUAL_BOOKING_URL.
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
    for result in examination.run(Resolver(), utc_now):
        results.append({"check": result.check, "verdict": result.status.value, "words": result.text})
        if not as_json:
            mark, colour = _MARKS[result.status.value]
            click.echo(f"{click.style(mark, fg=colour)} {result.check:<10}  {result.text}")
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
    sys.exit(1 if any(result["verdict"] == "wrong" for result in results) else 0)
