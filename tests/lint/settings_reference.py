"""Check that the README's table of settings is the one of their declarations; `--update` writes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from prequal.config.settings import Settings

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN = "<!-- settings: make reference writes this table from prequal/config/settings.py -->\n"
END = "<!-- end of settings -->\n"


def table() -> str:
    """Return the table in Markdown: a row per setting."""
    rows = ["| name | default | what |\n", "|---|---|---|\n"]
    for setting in Settings.declared():
        default = setting.default or setting.fallback
        rows.append(f"| `{setting.name}` | {f'`{default}` ' if default else ''}| {setting.help} |\n")
    return "".join(rows)


def main() -> int:
    """Return 1 when the table is out of date."""
    before = README.read_text(encoding="utf-8")
    pattern = f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})"
    after, tables = re.subn(pattern, lambda _: f"\n{table()}\n", before, count=1, flags=re.DOTALL)
    if not tables:
        print(f"README.md lacks the lines {BEGIN.strip()} and {END.strip()}.")
        return 1
    if "--update" in sys.argv:
        README.write_text(after, encoding="utf-8")
    elif after != before:
        print("README.md has an outdated table of settings: run make reference.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
