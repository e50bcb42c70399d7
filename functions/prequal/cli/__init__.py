"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

from importlib import import_module

import click

from prequal import log
from prequal.cli.build import package
from prequal.cli.common import CommandGroup

# Each in a module of its name, except `package`.
_COMMANDS = (
    *("new", "dev", "check", "build", "deploy", "link", "leads", "export", "report", "digest", "rescore"),
    *("calibrate", "inspect", "doctor", "deliver"),
)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prequal", message="prequal %(version)s")
def main() -> None:
    """Qualify prospects before they cost you an hour.

    Start with `prequal dev`: it serves the page, the function and an inbox on this machine.
    Settings are read from the environment; the README lists them.
    """
    log.start()


for _name in _COMMANDS:
    main.add_command(getattr(import_module(f"prequal.cli.{_name}"), _name))
main.add_command(package)
