"""Checks of a mail domain, against a real name server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from prequal.doctor.mail_domain import check_domain

SOUND = {
    "studio.example": ["v=spf1 include:mail.example ~all", "some-site-verification=1"],
    "google._domainkey.studio.example": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.studio.example": ["v=DMARC1; p=quarantine"],
}


@contextmanager
def name_server(texts: Mapping[str, list[str]]) -> Iterator[dns.resolver.Resolver]:
    """Serve these TXT records and no others; yield a resolver that asks this server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
        thread = threading.Thread(target=_answer, args=(server, texts))
        thread.start()
        try:
            yield resolver
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", server.getsockname())
            thread.join()


def _answer(server: socket.socket, texts: Mapping[str, list[str]]) -> None:
    while True:
        request, client = server.recvfrom(2048)
        if not request:
            return
        query = dns.message.from_wire(request)
        response = dns.message.make_response(query)
        name = query.question[0].name
        found = texts.get(name.to_text(omit_final_dot=True))
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif found:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *(f'"{text}"' for text in found)))
        server.sendto(response.to_wire(), client)


def found(texts: Mapping[str, list[str]], selector: str | None = None) -> dict[str, tuple[str, str]]:
    """Return the verdict and text of each check."""
    with name_server(texts) as resolver:
        results = list(check_domain("studio.example", resolver, selector))
    return {result.check: (result.status.value, result.text) for result in results}


def test_a_sound_domain() -> None:
    """A domain with SPF, a DKIM key under a usual name, and DMARC passes every check."""
    assert {check: verdict for check, (verdict, _) in found(SOUND).items()} == {
        "spf": "fine",
        "dkim": "fine",
        "dmarc": "fine",
    }


@pytest.mark.parametrize(
    ("name", "texts", "check", "says"),
    [
        ("studio.example", ["nothing"], "spf", "studio.example has no SPF record: add"),
        ("studio.example", ["v=spf1 -all", "v=spf1 ~all"], "spf", "2 SPF records, which counts as none"),
        ("studio.example", ["v=spf1 +all"], "spf", "lets everybody send for it"),
        ("_dmarc.studio.example", [], "dmarc", 'add the TXT record _dmarc.studio.example with "v=DMARC1; p=none".'),
    ],
)
def test_missing_records(name: str, texts: list[str], check: str, says: str) -> None:
    """Each missing or useless record is a fault that names the record to add."""
    verdict, words = found({**SOUND, name: texts})[check]

    assert verdict == "wrong"
    assert says in words


def test_a_key_of_another_name() -> None:
    """A missing DKIM key is a fault only under a selector that was given, as keys can have any name."""
    texts = {name: records for name, records in SOUND.items() if "domainkey" not in name}

    assert found(texts)["dkim"][0] == "left out"
    assert found(texts, "north")["dkim"] == (
        "wrong",
        "studio.example has no DKIM key north: add the one that your mail provider names.",
    )
    assert found({**texts, "north._domainkey.studio.example": ["p=MIIB"]}, "north")["dkim"][0] == "fine"


def test_no_name_server() -> None:
    """Without an answer from the name server, the mail checks are left out."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = ["127.0.0.1"], 0.2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver.port = silent.getsockname()[1]
        (result,) = check_domain("studio.example", resolver)

    assert result.text == "studio.example can't be looked up: LifetimeTimeout."
