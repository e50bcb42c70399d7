"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

import os
from pathlib import Path

import click

from prequal import log
from prequal.cli.command_group import CommandGroup

# By task, the first sentence of each command's help, so that listing them imports none.
_SECTIONS = {
    "Begin": {
        "new": "Make a project of your own in FOLDER.",
        "dev": "Try all of it on this machine: page, mails and desk.",
        "check": "Check a form file: every fault, and what to do about it.",
    },
    "Bring it to visitors": {
        "build": "Build the static site in build/site.",
        "package": "Build what is deployed: the site and the functions.",
        "deploy": "Deploy the page and the functions to Google Cloud.",
        "doctor": "Check the deployment at URL from outside.",
        "serve": "Serve the page for visitors, and send mails.",
        "deliver": "Do what is due, once: send, remind, expire, delete.",
        "embed": "Print the form as HTML to paste into another site.",
        "link": "Make a link that carries a source, and its QR code.",
    },
    "Work with leads": {
        "desk": "Open the desk: read leads, and decide about them.",
        "leads": "List, show and decide about leads.",
        "digest": "Show the last seven days, and the leads that wait for you.",
        "report": "Write a report on the leads: one HTML file.",
        "export": "Write every lead, one row each, oldest first.",
        "inspect": "Show what a managed Firestore export holds.",
    },
    "Improve the points": {
        "calibrate": "Learn points from past clients, and how far to trust them.",
        "ask-clients": "Print a private link to the form for past clients.",
        "rescore": "Score the stored leads by another form.",
    },
}


@click.group(cls=CommandGroup, sections=_SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prequal", message="prequal %(version)s")
@click.option(
    "--settings",
    metavar="FILE",
    envvar="PREQUAL_SETTINGS",
    type=click.Path(path_type=Path),
    help="Take settings from this file before those of the environment. PREQUAL_SETTINGS can name it, too.",
)
@click.pass_context
def main(context: click.Context, settings: Path | None) -> None:
    """Qualify prospects before they cost you an hour.

    Begin with `prequal dev`. Each command has its own help, with examples: `prequal check --help`.
    Settings are read from the environment; the documentation lists them.
    """
    log.start()
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False
    if settings:
        from prequal.config.settings_file import read_settings  # noqa: PLC0415, the help comes without it

        os.environ |= read_settings(settings)
