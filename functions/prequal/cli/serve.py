"""The command that serves everything on one machine, for visitors. It needs the extra `owner`."""

import os

import click


@click.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="The address to listen on; 0.0.0.0 in a container.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8080,
    envvar="PORT",
    show_envvar=True,
    help="The port to listen on.",
)
def serve(host: str, port: int) -> None:
    """Serve the page and the function for visitors, send mails and sweep, on one machine."""
    from prequal.serving import gunicorn_server  # noqa: PLC0415, needs the extra `owner`

    gunicorn_server.serve(os.environ, host, port, click.echo)
