"""The command that builds what is deployed. It needs the extra `owner`."""

import os
import shutil

import click

from prequal.cli.build import BUILD, write_site
from prequal.cli.command_group import Command
from prequal.cli.common import load_compiled
from prequal.config.settings import Settings, read_form
from prequal.files import replace_folder


@click.command(cls=Command, examples=["prequal package", "prequal --settings settings.env package"])
def package() -> None:
    """Build what is deployed: the site and the functions.

    build/site is for a static host, build/function.zip for Cloud Functions. build/function holds the archive's files,
    for a server of your own. Each folder is built beside the one in use, and
    then takes its place.
    """
    build_package()


def build_package() -> None:
    """Build both, unless the form has faults."""
    from prequal.forms.compilation import package_function  # noqa: PLC0415, needs the extra `owner`
    from prequal.forms.form_check import refuse_errors  # noqa: PLC0415

    refuse_errors(read_form(os.environ), os.environ.get(Settings.booking_url.name, ""))
    compiled = load_compiled()
    write_site(compiled)
    archive = BUILD / "function.zip"
    package_function(compiled, archive)
    with replace_folder(archive.with_suffix("")) as unpacked:
        shutil.unpack_archive(archive, unpacked)
    click.echo(f"Built {archive}: {archive.stat().st_size // 1024} KiB.")
