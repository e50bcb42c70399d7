"""The command that serves everything on this machine. It needs the extra `owner`."""

import os
from contextlib import suppress

import click

from prequal.cli.command_group import Command


@click.command(
    cls=Command, context_settings={"show_default": True}, examples=["prequal dev", "prequal dev --port 9000"]
)
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), default=8080, help="The port to listen on.")
@click.option(
    "--sweep-every",
    metavar="SECONDS",
    type=click.FloatRange(0.1),
    default=60,
    help="Seconds from one sweep to the next.",
)
def dev(port: int, sweep_every: float) -> None:
    """Try all of it on this machine: page, mails and desk.

    It serves the page, the function, an inbox and the desk until Ctrl-C.
    """
    from prequal.dev.server import serve  # noqa: PLC0415, needs the extra `owner`

    with suppress(KeyboardInterrupt):
        serve(port, sweep_every, os.environ, click.echo)
    click.echo("\nStopped.")
