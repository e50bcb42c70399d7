"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

import os
from pathlib import Path

import click

from prequal import log
from prequal.cli.command_group import CommandGroup

# The first sentence of each command's help, so that listing them imports none.
_SUMMARIES = {
    "ask-clients": "Print a private link to the form for past clients, or their answers.",
    "build": "Build the static site in build/site.",
    "calibrate": "Learn points from past clients, and measure how far to trust them.",
    "check": "Check a form file: every fault with its line, and what to do about it.",
    "deliver": "Do everything that is due, once: send, remind, expire, delete.",
    "deploy": "Deploy the page and the functions to Google Cloud.",
    "desk": "Open the desk on this machine: read leads, and decide about them, in the browser.",
    "dev": "Serve the page, the function, an inbox and the desk on this machine, until Ctrl-C.",
    "digest": "Show the last seven days, today included, and the leads that wait for you.",
    "doctor": "Check the deployment at URL from outside.",
    "embed": "Print the form as HTML to paste into another site: one block, with its style.",
    "export": "Write every lead, one row each, oldest first.",
    "inspect": "Show what a managed Firestore export holds: collections, documents, the types of each field's values.",
    "leads": "List, show and decide about leads.",
    "link": "Make a link to the form that carries a source, and its QR code.",
    "new": "Make a project of your own in FOLDER: form, question bank, site and settings.",
    "package": "Build what is deployed: build/site for a static host, build/function.zip for Cloud Functions.",
    "report": "Write a report on the leads: one self-contained HTML file to view, print or send.",
    "rescore": (
        "Score the stored leads by another form: which change grade, which would be invited or no longer, and why."
    ),
    "serve": "Serve the page and the function for visitors, send mails and sweep, on one machine.",
}


@click.group(cls=CommandGroup, summaries=_SUMMARIES, context_settings={"help_option_names": ["-h", "--help"]})
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

    Start with `prequal dev`: it serves the page, the function, an inbox and the desk on this machine.
    Settings are read from the environment; the README lists them.
    """
    log.start()
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False
    if settings:
        from prequal.config.settings_file import read_settings  # noqa: PLC0415, the help comes without it

        os.environ |= read_settings(settings)
