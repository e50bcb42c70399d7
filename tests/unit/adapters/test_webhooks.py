"""The client of webhooks, against a real receiver, with the official library's verdict on its signatures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from prequal.adapters.webhooks import WebhookClient
from prequal.core.errors import TransportError, TransportUncertainError
from prequal.core.lead_events import EventType, queued_event, webhook_messages
from prequal.core.mail import Mail
from support import builders
from support.receiver import SECRET, Failure, Receiver, receiver
from support.running import PATIENCE, free_port

TEXT = "any text of 16 characters or more: ключ"


@pytest.fixture
def server() -> Iterator[Receiver]:
    """Serve."""
    with receiver() as serving:
        yield serving


@pytest.fixture
def client() -> WebhookClient:
    """Return a client with time for a busy machine."""
    return WebhookClient(secret=SECRET, clock=lambda: datetime.now(UTC), seconds=PATIENCE)


def message(address: str) -> Mail:
    """Return a message about a lead."""
    lead = builders.lead(name="Zoë Ångström")
    event = queued_event(lead, [EventType.RECEIVED], "1", builders.NOW)
    return webhook_messages(event, [address], {})[0]


@pytest.mark.parametrize(
    ("secret", "key"), [(SECRET, SECRET), (TEXT, TEXT.encode()), (TEXT, f"whsec_{b64encode(TEXT.encode()).decode()}")]
)
def test_the_official_library_verifies_a_message(
    server: Receiver, client: WebhookClient, secret: str, key: str | bytes
) -> None:
    """Id, time and body are signed with the secret's key, and the body is the event."""
    sent = message(f"{server.url}/hooks/one?token=a%20b")

    receipt = replace(client, secret=secret).send(sent)

    [received] = server.processed
    event = Webhook(key).verify(received.body, received.headers)
    assert (event["type"], event["data"]["name"]) == ("lead.received", "Zoë Ångström")
    assert event["id"] == received.headers["webhook-id"] == receipt.message_id
    assert received.headers["content-type"] == "application/json"
    assert (received.path, receipt.accepted) == ("/hooks/one?token=a%20b", (sent.to,))


def test_every_attempt_has_a_time_of_its_own(server: Receiver, client: WebhookClient) -> None:
    """Id and body stay, and time and signature change, as receivers refuse what is older than some minutes."""
    later = datetime(2030, 1, 1, tzinfo=UTC)
    sent = message(server.url)
    for attempt in (client, replace(client, clock=lambda: later)):
        attempt.send(sent)

    first, second = server.processed
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert second.headers["webhook-timestamp"] == str(int(later.timestamp()))
    assert second.is_signed()


@pytest.mark.parametrize(
    ("status", "permanent"), [(301, False), (400, False), (404, False), (410, True), (429, False), (500, False)]
)
def test_anything_but_a_success_is_tried_again(
    server: Receiver, client: WebhookClient, status: int, *, permanent: bool
) -> None:
    """Only an address that is gone ends a message. The beginning of the answer is kept, on one line."""
    server.answer = (status, {})

    with pytest.raises(TransportError) as refused:
        client.send(message(server.url))

    host = server.url.removeprefix("http://")
    assert refused.value.permanent == permanent
    assert str(refused.value).startswith(f"{host} answered {status}: <h1>Not now</h1>!!!")
    assert len(str(refused.value)) < 300


def test_no_redirect_is_followed(server: Receiver, client: WebhookClient) -> None:
    """A message goes nowhere but to the owner's address."""
    server.answer = (307, {"Location": f"{server.url}/elsewhere"})

    with pytest.raises(TransportError):
        client.send(message(f"{server.url}/here"))
    assert [each.path for each in server.processed] == ["/here"]


@pytest.mark.parametrize("failure", [Failure.HANGS, Failure.HANGS_UP, Failure.LOSES])
def test_without_an_answer_nobody_knows(server: Receiver, client: WebhookClient, failure: Failure) -> None:
    """A receiver that is silent, or whose answer is lost, may have processed the message."""
    server.failure = failure
    patient = client if failure is not Failure.HANGS else replace(client, seconds=0.2)

    with pytest.raises(TransportUncertainError, match="did not answer"):
        patient.send(message(server.url))


def test_a_receiver_that_is_down(client: WebhookClient) -> None:
    """A server that does not answer is named."""
    with pytest.raises(TransportUncertainError, match=r"^127\.0\.0\.1:\d+ did not answer: .*refused"):
        client.send(message(f"http://127.0.0.1:{free_port()}"))
