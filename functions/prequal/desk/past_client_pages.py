"""The page of past clients: their answers, and the links by which more of them answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prequal import log
from prequal.core.days import day_of, end_of
from prequal.core.past_client import LINK_DAYS
from prequal.owner.past_clients import answers_in_words

if TYPE_CHECKING:
    from flask import Request, Response

    from prequal.desk.app import Desk
    from prequal.desk.sessions import Session


def list_past_clients(desk: Desk, _request: Request, session: Session) -> Response:
    """Show the past clients, newest first, and links that work from now on."""
    clients = list(desk.leads.iter_past_clients(log.document_unreadable))
    forms = desk.load_forms({client.form_version for client in clients})
    until = end_of(day_of(desk.clock(), desk.zone.tz) + timedelta(days=LINK_DAYS), desk.zone.tz)
    return desk.page(
        "clients.html",
        session,
        links=desk.past_client_links(until) if desk.past_client_links else {},
        until=desk.zone.day(until),
        clients=[
            {
                "name": client.name,
                "email": client.email,
                "form": client.form_id,
                "reason": client.reason,
                "sent": desk.zone.day(client.received_at),
                "kept_until": desk.zone.day(client.expire_at),
                "answers": list(answers_in_words(client, forms.get(client.form_version))),
            }
            for client in reversed(clients)
        ],
    )
