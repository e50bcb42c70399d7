"""The baseline of prequal on Firestore: a function that imports the client and writes one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import functions_framework
from google.cloud import firestore

if TYPE_CHECKING:
    from flask import Request

client = firestore.Client(project="bench-plain")


@functions_framework.http
def write(_request: Request) -> tuple[str, int]:
    """Write a document, whatever was sent."""
    client.collection("leads").document().create({"name": "Ada Lovelace"})
    return "Hello", 202
