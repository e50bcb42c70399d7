"""Addresses of this machine."""

from __future__ import annotations

import pytest

from prequal.core.network import is_this_machine


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("studio.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("", False),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("192.168.0.1", False),
        ("::ffff:192.168.0.1", False),
        ("0.0.0.0", False),  # noqa: S104, nothing is bound to it
        ("2001:db8::1", False),
    ],
)
def test_loopback_is_this_machine(host: str, here: bool) -> None:  # noqa: FBT001, a column of the table
    """Loopback addresses of either family and names under localhost are this machine, and nothing else is."""
    assert is_this_machine(host) is here
