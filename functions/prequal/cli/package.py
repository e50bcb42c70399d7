"""The command that builds what is deployed. It needs the extra `owner`."""

import os

import click

from prequal.cli.build import BUILD, write_site
from prequal.cli.common import load_compiled
from prequal.config.settings import read_form


@click.command()
def package() -> None:
    """Build what is deployed: build/site for a static host, build/function.zip for Cloud Functions."""
    build_package()


def build_package() -> None:
    """Build both, unless the form has faults."""
    from prequal.forms.compilation import package_function  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.form_check import refuse_errors  # noqa: PLC0415

    refuse_errors(read_form(os.environ))
    compiled = load_compiled()
    write_site(compiled)
    archive = BUILD / "function.zip"
    package_function(compiled, archive)
    click.echo(f"Built {archive}: {archive.stat().st_size // 1024} KiB.")
