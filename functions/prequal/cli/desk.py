"""The command that opens the desk on this machine. It needs the extra `owner`."""

import os
import webbrowser
from contextlib import ExitStack, suppress
from pathlib import Path

import click

from prequal.cli.command_group import Command
from prequal.cli.common import folder_type, load_compiled, open_leads, open_store, owner_zone
from prequal.config import local, settings
from prequal.services.owner_decisions import OwnerInvitation


@click.command(
    cls=Command, context_settings={"show_default": True}, examples=["prequal desk", "prequal desk --from export"]
)
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), default=8090, help="The port to listen on.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--from",
    "folder",
    type=folder_type,
    metavar="FOLDER",
    help="Read a managed Firestore export instead of the store; nothing can be changed.",
)
def desk(port: int, folder: Path | None, *, no_browser: bool) -> None:
    """Open the desk: read leads, and decide about them.

    It opens in the browser, serves until Ctrl-C, and answers only to whoever has the address that it prints.
    """
    from prequal import bootstrap_desk  # noqa: PLC0415, needs the extra `owner`
    from prequal.serving.desk_forms import DeskForms  # noqa: PLC0415
    from prequal.serving.desk_server import serve_desk  # noqa: PLC0415, needs the extra `owner`

    zone = owner_zone()
    with ExitStack() as stack:
        compiled = load_compiled()
        if folder:
            leads, decisions, form_files = stack.enter_context(open_leads(folder)), None, None
        else:
            leads = store = stack.enter_context(open_store())

            def load_invitation() -> OwnerInvitation:
                chosen = settings.Settings(local.load_local_settings(os.environ))
                return bootstrap_desk.build_invitation(chosen, compiled, store)

            decisions = bootstrap_desk.build_decisions(store, load_invitation)
            form_files = DeskForms(settings.read_form(os.environ))

        def announce(address: str) -> None:
            click.echo(f"The desk is at {address}\nCtrl-C closes it.")
            if not no_browser:
                webbrowser.open(address)

        stack.enter_context(suppress(KeyboardInterrupt))
        serve_desk(
            lambda token: bootstrap_desk.build_local_desk(compiled, leads, decisions, token, zone, form_files),
            port,
            announce,
        )
    click.echo("\nClosed.")
