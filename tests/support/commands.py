"""The commands by name, and leads in the store of a folder, for tests of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lifecycle import resubmitted
from support import builders
from support.builders import NOW


def store() -> SqliteLeadStore:
    """Return the folder's store."""
    return SqliteLeadStore(Path(".prequal/prequal.db"))


def admit(now: datetime = NOW, /, **changes: Any) -> str:
    """Put a lead into the folder's store, and return its id."""
    lead, attempt = builders.admitted(now, **changes)
    mails = [builders.composer().invitation(lead, now)] if lead.invitation else []
    with closing(store()) as leads:
        leads.admit(lead, attempt, mails, lambda existing: (resubmitted(existing, lead), ()))
    return lead.id


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a group, and all commands below it, with their full names."""
    yield " ".join(path), group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command
