"""Composition of what every entry point needs: the store, and the clock.

Stores are imported where they are chosen: a cold start waits for every import, and no start needs all of them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from prequal.config.settings import FirestoreStore, SqliteStore
from prequal.services.ports import Store


def utc_now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def open_store(
    setting: SqliteStore | FirestoreStore, *, over_rest: bool = False, read_only: bool = False, announces: bool = False
) -> Store:
    """Open the store; `read_only` accepts a file that can't be written.

    Firestore is called by Google's client, or over REST, which a cold start imports much faster. If it `announces`,
    each change of a lead queues an event for the owner's webhooks.
    """
    if announces:
        from prequal.services.announcements import announcing  # noqa: PLC0415, see above

        return announcing(open_store(setting, over_rest=over_rest, read_only=read_only), utc_now)
    if isinstance(setting, SqliteStore):
        from prequal.adapters.sqlite.store import SqliteLeadStore  # noqa: PLC0415, see above

        return SqliteLeadStore(setting.path, read_only=read_only)
    from prequal.adapters.firestore.store import FirestoreLeadStore  # noqa: PLC0415

    if over_rest:
        from prequal.adapters.firestore.rest_transport import RestTransport  # noqa: PLC0415

        return FirestoreLeadStore(RestTransport(setting.project, setting.database))
    from prequal.adapters.firestore.grpc_transport import GrpcTransport  # noqa: PLC0415

    return FirestoreLeadStore(GrpcTransport(setting.project, setting.database))
