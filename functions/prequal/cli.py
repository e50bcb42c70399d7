"""The command `prequal`. Exit status: 0 done, 1 the answer is no, 2 used wrongly."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from prequal import bootstrap, log, settings
from prequal.core.errors import MissingExtraError, PrequalError, StoreUnavailableError
from prequal.owner import desk, export
from prequal.owner.rows import exported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prequal.compiled import Compiled
    from prequal.ports import LeadStore

BUILD = Path("build")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")


class _Command(click.Command):
    """A command whose errors are sentences."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401, click's signature
        try:
            return super().invoke(ctx)
        except PrequalError as error:
            click.echo(str(error), err=True)
            ctx.exit(1 if isinstance(error, StoreUnavailableError) else 2)
        except ModuleNotFoundError as error:
            # The archive of the function leaves out the rooms that need the extra.
            if not (error.name or "").startswith("prequal."):
                raise
            click.echo(str(MissingExtraError("author", error.name or "")), err=True)
            ctx.exit(2)


class _Group(click.Group):
    command_class = _Command
    group_class = type


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Qualify prospects before they cost you an hour.

    Start with `prequal dev`: it serves the page, the function and an inbox on this machine.
    Settings are read from the environment; the README lists them.
    """
    log.start()


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where to listen.")
def dev(port: int) -> None:
    """Serve page, function and inbox on this machine, until Ctrl-C."""
    from prequal.dev.server import serve  # noqa: PLC0415, needs the extra `author`

    with suppress(KeyboardInterrupt):
        serve(port, os.environ, click.echo)
    click.echo("\nStopped.")


@main.command()
@click.argument("form", type=click.Path(path_type=Path), required=False)
@_json_option
def check(form: Path | None, *, as_json: bool) -> None:
    """Check a form file: every fault with its line, and what to do about it.

    FORM is a file; without it, the one that PREQUAL_FORM names, or schema/form.yaml.
    """
    from prequal.authoring.checking import check_form  # noqa: PLC0415, needs the extra `author`

    path = form or settings.read_form(os.environ)
    report = check_form(path)
    click.echo(json.dumps(report.as_json()) if as_json else report.in_words(path))
    sys.exit(1 if report.errors else 0)


@main.command()
def build() -> None:
    """Build the static site into build/site."""
    _build(bootstrap.compiled(os.environ))


@main.command()
def package() -> None:
    """Build what is deployed: build/site for a static host, build/function.zip for Cloud Functions."""
    from prequal.authoring.checking import refuse_errors  # noqa: PLC0415, needs the extra `author`
    from prequal.authoring.packaging import package_function  # noqa: PLC0415

    refuse_errors(settings.read_form(os.environ))
    compiled = bootstrap.compiled(os.environ)
    _build(compiled)
    archive = BUILD / "function.zip"
    package_function(compiled, archive)
    click.echo(f"Built {archive}: {archive.stat().st_size // 1024} KiB.")


@main.command()
@_json_option
def deliver(*, as_json: bool) -> None:
    """Send every mail that is due, once. Run it every few minutes where no server does."""
    store, mail = settings.read_store_and_mail(os.environ)
    with closing(bootstrap.store(store)) as leads:
        counts = bootstrap.delivery(mail, leads).sweep()
    words = "{sent} sent, {put_off} put off, {given_up} given up, {removed} deleted past their time.".format(**counts)
    click.echo(json.dumps(counts) if as_json else words)
    sys.exit(1 if counts["given_up"] else 0)


@main.command("export")
@click.option("--format", "kind", type=click.Choice(list(export.FORMATS)), default="csv", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output.")
def export_leads(kind: str, output: Path | None) -> None:
    """Write every lead, one row each, the oldest first."""
    with _store() as leads:
        if output:
            with export.whole_file(output) as out:
                count = export.FORMATS[kind](leads.leads, out)
            click.echo(f"Wrote {count} leads to {output}.", err=True)
        else:
            export.FORMATS[kind](leads.leads, _standard_output())


@main.group(cls=_Group)
def leads() -> None:
    """Read the leads."""


@leads.command("list")
@_json_option
def list_leads(*, as_json: bool) -> None:
    """List every lead, the oldest first."""
    with _store() as store:
        if as_json:
            export.write_jsonl(store.leads, _standard_output())
        else:
            for line in desk.table(store.leads()):
                click.echo(line)


@leads.command("show")
@click.argument("lead_id", metavar="ID")
@_json_option
def show_lead(lead_id: str, *, as_json: bool) -> None:
    """Show one lead: what they said, and where each point comes from.

    ID is the lead's id, or as much of its beginning as no other has.
    """
    with _store() as store:
        lead = desk.find(store, lead_id)
        attempts = store.attempts(lead.id)
    click.echo(json.dumps(exported(lead), ensure_ascii=False) if as_json else desk.described(lead, attempts))


@contextmanager
def _store() -> Iterator[LeadStore]:
    with closing(bootstrap.store(settings.read_store(os.environ))) as store:
        yield store


def _standard_output() -> TextIO:
    """Return standard output for files: UTF-8 everywhere, and line ends as they are written."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    return sys.stdout


def _build(compiled: Compiled) -> None:
    from prequal.authoring.site_builder import build_site  # noqa: PLC0415, needs the extra `author`

    build_site(bootstrap.site(compiled, settings.read_public_url(os.environ)), BUILD / "site")
    click.echo(f"Built {BUILD / 'site'}: form version {compiled.form.version}.")
