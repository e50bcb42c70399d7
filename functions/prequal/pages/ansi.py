"""Text at a terminal: grades look as in the workbook, and headings stand out. `click.echo` drops it all elsewhere."""

import click

from prequal.core.form import Grade
from prequal.pages.labels import GRADE_COLOURS


def coloured(grade: Grade, words: str) -> str:
    """Return words on the colour of a grade, which can be read on a light ground and on a dark one."""
    colour = GRADE_COLOURS[grade].in_terminal
    return click.style(words, fg="black", bg=colour) if colour else words


def heading(words: str) -> str:
    """Return words as the heading of a table or of a part."""
    return click.style(words, bold=True)
