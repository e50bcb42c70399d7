"""The settings, from their declarations."""

from __future__ import annotations

from collections.abc import Iterator

from prequal.config.settings import Settings


def write() -> str:
    """Return a section for each setting, in Markdown."""
    return "\n\n".join(_parts())


def _parts() -> Iterator[str]:
    required = [setting for setting in Settings.needed({}) if setting.default is None]
    for setting in Settings.declared():
        yield f"### `{setting.name}`"
        yield f"{setting.help[0].upper()}{setting.help[1:]}."
        if setting in required:
            yield "Required."
        elif setting.fallback:
            yield f"Default: the value of `{setting.fallback}`."
        elif setting.default:
            yield f"Default: `{setting.default}`."
