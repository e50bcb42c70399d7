"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

from __future__ import annotations

import click

from prequal import log
from prequal.cli import (
    build,
    calibrate,
    check,
    deliver,
    deploy,
    dev,
    digest,
    doctor,
    export,
    inspect,
    leads,
    link,
    new,
    package,
    report,
    rescore,
)
from prequal.cli.common import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prequal", message="prequal %(version)s")
def main() -> None:
    """Qualify prospects before they cost you an hour.

    Start with `prequal dev`: it serves the page, the function and an inbox on this machine.
    Settings are read from the environment; the README lists them.
    """
    log.start()


for _command in (
    new.new,
    dev.dev,
    check.check,
    build.build,
    package.package,
    deploy.deploy,
    link.link,
    leads.leads,
    export.export,
    report.report,
    digest.digest,
    rescore.rescore,
    calibrate.calibrate,
    inspect.inspect,
    doctor.doctor,
    deliver.deliver,
):
    main.add_command(_command)
