"""The command that serves everything on one machine, for visitors. It needs the extra `owner`."""

import os

import click

from prequal.cli.command_group import Command


@click.command(
    cls=Command,
    context_settings={"show_default": True},
    examples=["prequal serve", "prequal --settings settings.env serve --host 0.0.0.0"],
)
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", help="The address to listen on; 0.0.0.0 in a container."
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1, 65535),
    default=8080,
    envvar="PORT",
    show_envvar=True,
    help="The port to listen on.",
)
def serve(host: str, port: int) -> None:
    """Serve the page for visitors, and send mails.

    Page, function and sweeps are one process on one machine, behind a proxy of yours or in a container.
    """
    from prequal.serving import gunicorn_server  # noqa: PLC0415, needs the extra `owner`

    gunicorn_server.serve(os.environ, host, port, click.echo)
