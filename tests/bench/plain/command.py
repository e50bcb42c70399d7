"""A bare click program with as many commands as the first argument says."""

from __future__ import annotations

import sys

import click


@click.group()
@click.version_option(package_name="click")
def main() -> None:
    """Print help, and do nothing else."""


for number in range(int(sys.argv.pop(1))):
    main.add_command(click.Command(f"command-{number}", help=f"The command with the number {number}."))
main()
