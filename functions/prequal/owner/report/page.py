"""The report: figures as one HTML file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prequal.owner.figures.figures import Figures
from prequal.owner.figures.findings import About, findings, headline, leads, reservation
from prequal.owner.report.sections import sections
from prequal.svg import STYLE_FOR_PAGE


def render_report(figures: Figures) -> str:
    """Return the report: it needs no script, asks for nothing, and is the same for the same figures."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found = findings(figures)
    return environment.get_template("report.html").render(
        figures=figures,
        headline=headline(figures),
        reservation=reservation(figures),
        outstanding=[finding.words for finding in found if finding.stands_out],
        sections=list(sections(figures)) if figures.all.received else [],
        words={about: [finding.words for finding in found if finding.about is about] for about in About},
        leads=leads,
        chart_style=Markup(STYLE_FOR_PAGE),  # noqa: S704, it is ours
    )
