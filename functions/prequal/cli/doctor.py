"""The command that examines a deployment. It needs the extra `owner`."""

from __future__ import annotations

import json
import os
import re
import sys
from urllib.parse import urlsplit

import click

from prequal import bootstrap
from prequal.cli.common import json_option
from prequal.config import local
from prequal.core.network import is_this_machine
from prequal.services.booking_link import PLACEHOLDERS

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
    if not _is_address(url):
        raise click.UsageError(f"{url} is no address: write one like https://studio.example.")
    environ = local.load_local_settings(os.environ) if is_this_machine(urlsplit(url).hostname or "") else os.environ
    examination = Examination(
        url=url,
        sender=environ.get("PREQUAL_SENDER", ""),
        booking_url=re.sub(rf"\{{({'|'.join(PLACEHOLDERS)})\}}", "", environ.get("PREQUAL_BOOKING_URL", "")),
        dkim_selector=dkim,
    )
    results = []
    for result in examination.run(Resolver(), bootstrap.utc_now):
        results.append({"check": result.check, "verdict": result.status.value, "words": result.text})
        if not as_json:
            mark, colour = _MARKS[result.status.value]
            click.echo(f"{click.style(mark, fg=colour)} {result.check:<10}  {result.text}")
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
    sys.exit(1 if any(result["verdict"] == "wrong" for result in results) else 0)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:  # an impossible address, port or (as UnicodeError) host name
        return False
    return url.startswith(("http://", "https://")) and bool(host)
