"""Files of settings, in the one form that a shell, systemd and Docker Compose read alike."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from prequal.core.errors import PrequalError

# systemd continues a comment that ends in a backslash on the next line.
_COMMENT = re.compile(r"[ \t]*(#.*(?<!\\))?")
# A value in quotes, where nothing is expanded or escaped, or bare, without any sign that one of the readers interprets.
_SETTING = re.compile(r"""[ \t]*([A-Za-z_][A-Za-z0-9_]*)=((?:'[^']*'|"[^"\\$`]*")+|[^\s'"\\$`&;|<>()~#]*)[ \t]*""")


def read_settings(path: Path) -> Mapping[str, str]:
    """Read a file of settings; what is left empty isn't set.

    Raises:
        PrequalError: the file is not text, or has a line that the readers may not understand alike.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise PrequalError(f"{path} is not text: save it as UTF-8.") from error
    values = {}
    for number, line in enumerate(lines, 1):
        if _COMMENT.fullmatch(line):
            continue
        setting = _SETTING.fullmatch(line)
        if not setting:
            raise PrequalError(
                f"{path}, line {number}: write NAME='value', with nothing behind it, and a ' in a mail password as %27."
            )
        values[setting[1]] = "".join(shlex.split(setting[2]))
    return {name: value for name, value in values.items() if value}
