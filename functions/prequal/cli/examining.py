"""The command that looks at a deployment."""

from __future__ import annotations

import json
import os
import re
import sys
from urllib.parse import urlsplit

import click

from prequal import bootstrap
from prequal.cli.common import Command, json_option
from prequal.config import local
from prequal.doctor.findings import Finding
from prequal.services.booking_link import PLACEHOLDERS

_MARKS = {"fine": ("✓", "green"), "wrong": ("✗", "red"), "left out": ("–", "yellow")}


@click.command(cls=Command)
@click.argument("url")
@click.option("--dkim", metavar="SELECTOR", help="The name of your DKIM key, which your mail provider knows.")
@json_option
def doctor(url: str, dkim: str | None, *, as_json: bool) -> None:
    """Say what is wrong with the deployment at URL. Nothing is stored there, and nobody gets a mail.

    PREQUAL_SENDER and PREQUAL_BOOKING_URL say whose mail domain and which booking page to look at.
    """
    from dns.resolver import Resolver  # noqa: PLC0415, needs the extra `owner`

    from prequal.doctor.examination import Examination, is_this_machine  # noqa: PLC0415, needs the extra `owner`

    url = url.rstrip("/")
    if not _is_address(url):
        raise click.UsageError(f"{url} is no address: write one like https://studio.example.")
    environ = local.as_filled_in(os.environ) if is_this_machine(url) else os.environ
    examination = Examination(
        url=url,
        sender=environ.get("PREQUAL_SENDER", ""),
        booking_url=re.sub(rf"\{{({'|'.join(PLACEHOLDERS)})\}}", "", environ.get("PREQUAL_BOOKING_URL", "")),
        dkim_selector=dkim,
    )
    found = []
    for finding in examination.findings(Resolver(), bootstrap.now):
        found.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        shown = [
            {"check": finding.check, "verdict": finding.verdict.value, "words": finding.words} for finding in found
        ]
        click.echo(json.dumps(shown, ensure_ascii=False))
    sys.exit(1 if any(finding.verdict.value == "wrong" for finding in found) else 0)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError:  # of an impossible address or port; UnicodeError, of an impossible host name, is one too
        return False
    return url.startswith(("http://", "https://")) and bool(host)


def _line(finding: Finding) -> str:
    mark, colour = _MARKS[finding.verdict.value]
    return f"{click.style(mark, fg=colour)} {finding.check:<10}  {finding.words}"
