"""The baseline of prequal's figures for the whole job: a function written by hand for the default form alone.

It validates and scores a submission. One write stores the lead, the attempt and, for a qualified prospect, two mails.
It has no limits, no languages and no replay ids, and its mails are one line each. It follows the default form, and
otherwise stays as it is, so that figures of different dates can be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import functions_framework
from flask import redirect

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.wrappers import Response

RULED_OUT = -1000
FIT = ("work", "budget")
POINTS = {
    "work": {"website": 20, "shop": 15, "upkeep": 5, "app": RULED_OUT, "promotion": RULED_OUT, "other": 10},
    "provider": {"nobody": 20, "colleague": 15, "changing": 25, "in_house": 0, "content": RULED_OUT},
    "budget": {"around": 20, "more": 30, "below": RULED_OUT, "unsure": 5},
    "timeline": {"rushed": -10, "soon": 25, "later": 20, "distant": 10, "no_date": -10},
}
LONGEST = {"name": 200, "email": 254, "company": 200, "website": 500, "goals": 600}
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

kind, _, place = os.environ["STORE"].partition(":")
if kind == "firestore":
    from google.api_core.exceptions import AlreadyExists
    from google.cloud import firestore

    client = firestore.Client(project=place)
local = threading.local()


@functions_framework.http
def by_hand(request: Request) -> tuple[dict[str, Any], int] | Response:
    """Take a submission, sent as JSON or by a form."""
    sent = request.get_json(silent=True) if request.is_json else request.form
    if not isinstance(sent, Mapping):
        return {"status": "unreadable"}, 400
    fields = {name: str(sent.get(name, "")).strip() for name in (*LONGEST, *POINTS, "consent")}
    errors = find_errors(fields)
    if errors:
        return {"errors": errors}, 422
    points = {question: POINTS[question][fields[question]] for question in POINTS}
    total, fit = sum(points.values()), sum(points[question] for question in FIT)
    qualified, now = total >= 40 and fit >= 20, datetime.now(UTC)
    lead = hashlib.sha256(fields["email"].lower().encode()).hexdigest()[:32]
    kept = {**fields, "points": points, "total": total, "qualified": qualified, "source": sent.get("utm_source", "")}
    kept |= {"received_at": now, "expire_at": now + timedelta(days=730 if qualified else 180)}
    documents = {("leads", lead): {**kept, "status": "invited" if qualified else "received"}, ("attempts", lead): kept}
    if qualified:
        link = f"https://booking.example/?{urlencode({'name': fields['name'], 'email': fields['email'], 'lead': lead})}"
        brief = f"{fields['name']} <{fields['email']}>, {total} points: {json.dumps(points)}"
        documents["mail", f"{lead}-invitation"] = mail(fields["email"], "Let’s talk", f"Choose a time: {link}", now)
        documents["mail", f"{lead}-brief"] = mail("owner@studio.example", f"A lead: {fields['name']}", brief, now)
    new = create_in_firestore(documents) if kind == "firestore" else create_in_sqlite(documents)
    print(json.dumps({"message": "lead stored" if new else "lead known", "lead": lead, "qualified": qualified}))
    return ({"status": "received"}, 202) if request.is_json else redirect("https://studio.example/thanks", 303)


def find_errors(fields: Mapping[str, str]) -> dict[str, str]:
    """Return a message for each wrong field."""
    errors = {name: "Too long." for name, length in LONGEST.items() if len(fields[name]) > length}
    errors |= {question: "Choose an answer." for question in POINTS if fields[question] not in POINTS[question]}
    if not fields["name"]:
        errors["name"] = "Your name, please."
    if not EMAIL.fullmatch(fields["email"]):
        errors["email"] = "This isn’t an email address."
    if fields["consent"] != "yes":
        errors["consent"] = "Please agree to the privacy notice."
    return errors


def mail(to: str, subject: str, text: str, now: datetime) -> dict[str, Any]:
    """Return a mail for the sender to send."""
    return {"to": to, "message": {"subject": subject, "text": text}, "state": "pending", "created_at": now}


def create_in_firestore(documents: Mapping[tuple[str, str], dict[str, Any]]) -> bool:
    """Create all documents in one batch; return whether they are new."""
    batch = client.batch()
    for path, document in documents.items():
        batch.create(client.document(*path), document)
    try:
        batch.commit(timeout=8)
    except AlreadyExists:
        return False
    return True


def create_in_sqlite(documents: Mapping[tuple[str, str], dict[str, Any]]) -> bool:
    """Create all documents in one transaction; return whether they are new."""
    try:
        with connect() as transaction:
            for (table, key), document in documents.items():
                row = (key, json.dumps(document, default=str))
                transaction.execute(f"INSERT INTO {table} (id, document) VALUES (?, ?)", row)  # noqa: S608, a constant
    except sqlite3.IntegrityError:
        return False
    return True


def connect() -> sqlite3.Connection:
    """Return the connection of this thread."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(place, timeout=8)
        local.connection.execute("PRAGMA journal_mode = WAL")
        local.connection.execute("PRAGMA synchronous = FULL")
        for table in ("leads", "attempts", "mail"):
            local.connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (id TEXT PRIMARY KEY, document TEXT)")
    connection: sqlite3.Connection = local.connection
    return connection
