"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

from __future__ import annotations

import click

from prequal import log
from prequal.cli import (
    authoring,
    calibrating,
    deciding,
    deploying,
    digesting,
    examining,
    inspecting,
    reporting,
    rescoring,
    serving,
)
from prequal.cli.common import Group
from prequal.cli.leads import export_leads, leads


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Qualify prospects before they cost you an hour.

    Start with `prequal dev`: it serves the page, the function and an inbox on this machine.
    Settings are read from the environment; the README lists them.
    """
    log.start()


for _command in (
    serving.dev,
    serving.deliver,
    authoring.check,
    authoring.build,
    authoring.package,
    authoring.link,
    deploying.deploy,
    calibrating.calibrate,
    rescoring.rescore,
    leads,
    digesting.digest,
    export_leads,
    reporting.report,
    inspecting.inspect,
    examining.doctor,
):
    main.add_command(_command)
for _decision in (deciding.invite, deciding.decline, deciding.booked, deciding.outcome, deciding.erase):
    leads.add_command(_decision)
