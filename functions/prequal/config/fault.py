"""What is wrong with a setting."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818, it never leaves the settings
    """What is wrong with one setting, as the end of a sentence that begins with its name."""
