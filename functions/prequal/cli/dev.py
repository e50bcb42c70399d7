"""The command that serves everything on this machine. It needs the extra `owner`."""

import os
from contextlib import suppress

import click


@click.command(context_settings={"show_default": True})
@click.option("--port", type=click.IntRange(1, 65535), default=8080, help="The port to listen on.")
@click.option("--sweep-every", type=click.FloatRange(0.1), default=60, help="Seconds from one sweep to the next.")
def dev(port: int, sweep_every: float) -> None:
    """Serve the page, the function, an inbox and the desk on this machine, until Ctrl-C."""
    from prequal.dev.server import serve  # noqa: PLC0415, needs the extra `owner`

    with suppress(KeyboardInterrupt):
        serve(port, sweep_every, os.environ, click.echo)
    click.echo("\nStopped.")
