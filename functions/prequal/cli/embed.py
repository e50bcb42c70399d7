"""The command that prints the form for pages of other sites. It needs the extra `owner`."""

import os

import click

from prequal.cli.build import configured_sites, warn_of_local_address
from prequal.cli.command_group import Command
from prequal.cli.common import choose_form, form_option, load_compiled
from prequal.config.settings import Settings
from prequal.core.errors import PrequalError


@click.command(cls=Command, examples=["prequal embed", "prequal embed --frame"])
@form_option
@click.option("--language", metavar="LANG", help="One of the form's languages. Default: the first.")
@click.option("--frame", is_flag=True, help="Print a frame that shows the form, for the sites in PREQUAL_FRAMES.")
def embed(form_id: str | None, language: str | None, *, frame: bool) -> None:
    """Print the form as HTML to paste into another site.

    The HTML is one block, with its style.
    """
    from prequal.forms import embedding  # noqa: PLC0415, needs the extra `owner`

    site = choose_form({site.form.id: site for site in configured_sites(load_compiled())}, form_id)
    language = language or site.form.default_language
    if language not in site.form.languages:
        raise PrequalError(f"The form is not in {language}: choose from {', '.join(site.form.languages)}.")
    html = (embedding.make_frame if frame else embedding.make_block)(site, language)
    click.echo(html.encode(), nl=False)
    if frame and not site.frames:
        advice = "set PREQUAL_FRAMES to the address of the site, then build and deploy"
        click.echo(f"No site may show the form in a frame yet: {advice}.", err=True)
    if not frame and not Settings(os.environ, Settings.origins).origins:
        advice = "name the site in PREQUAL_ORIGINS for errors and thanks without a change of page"
        click.echo(f"Scripts of other sites may not post yet, so the browser does: {advice}.", err=True)
    warn_of_local_address("The form is sent to this machine", site.public_url)
