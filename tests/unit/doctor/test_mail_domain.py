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
    "mail.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
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


def found(
    texts: Mapping[str, list[str]], selector: str | None = None, domain: str = "studio.example"
) -> dict[str, tuple[str, str]]:
    """Return the verdict and text of each check."""
    with name_server(texts) as resolver:
        results = list(check_domain(domain, resolver, selector))
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


@pytest.mark.parametrize(
    ("included", "says"),
    [
        ([], "includes mail.example, which has none itself, so that receivers ignore all of it: remove it"),
        (["v=spf1 redirect=gone.example"], "includes gone.example, which has none itself"),
        (["v=spf1 a mx a:one.example/24 +a ?a ~mx -a a a a -all"], "causes more than 10 look-ups, where receivers"),
        (["v=spf1 include:studio.example -all"], "causes more than 10 look-ups"),
    ],
)
def test_an_spf_record_that_receivers_give_up_on(included: list[str], says: str) -> None:
    """An included domain without a record, and more look-ups than receivers make, are faults."""
    verdict, words = found({**SOUND, "mail.example": included})["spf"]

    assert (verdict, says in words) == ("wrong", True), words


def test_an_spf_record_at_the_limit() -> None:
    """Ten look-ups are not too many; addresses cause none, and a domain that depends on the mail isn't asked for."""
    included = ["v=spf1 ip4:192.0.2.1 a a a mx mx a:one.example/24 ptr exists:%{i}.b include:%{d}.c ?all"]

    assert found({**SOUND, "mail.example": included})["spf"][0] == "fine"


SUBDOMAIN = {
    "news.studio.example": ["v=spf1 include:mail.example ~all"],
    "mail.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "google._domainkey.studio.example": ["p=MIIB"],
    "_dmarc.studio.example": ["v=DMARC1; p=reject; aspf=s"],
}


def test_a_sender_of_a_subdomain() -> None:
    """The organisation's DMARC record and DKIM key count for a subdomain as well."""
    results = found(SUBDOMAIN, domain="news.studio.example")

    assert {verdict for verdict, _ in results.values()} == {"fine"}
    assert results["dkim"][1] == "studio.example has a DKIM key, google, which counts for news.studio.example too."
    assert results["dmarc"][1].startswith("studio.example says what to do with mail that is not its own. Whether")


def test_a_key_that_does_not_count_for_the_sender() -> None:
    """With strict alignment, a signature of the organisation proves nothing about its subdomain."""
    strict = {**SUBDOMAIN, "_dmarc.studio.example": ["v=DMARC1; p=reject; adkim=s"]}
    own_key = {**strict, "google._domainkey.news.studio.example": ["p=MIIB"]}

    verdict, words = found(strict, domain="news.studio.example")["dkim"]
    assert verdict == "wrong"
    assert words.endswith(": have your provider sign as news.studio.example, or remove adkim=s.")
    assert found(own_key, domain="news.studio.example")["dkim"][0] == "fine"


def test_two_dmarc_records() -> None:
    """Several DMARC records count as none."""
    results = found({**SOUND, "_dmarc.studio.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})

    assert results["dmarc"] == ("wrong", "studio.example has 2 DMARC records, which counts as none: leave one of them.")


def test_a_sender_at_a_large_provider() -> None:
    """The records of a provider with many customers say nothing about mail that leaves elsewhere."""
    results = found({}, domain="gmail.com")

    assert results.keys() == {"mail"}
    assert results["mail"][1].endswith("name that one in PREQUAL_MAIL, or send from a domain of your own.")


def test_a_key_of_another_name() -> None:
    """A missing DKIM key is a fault only under a selector that was given, as keys can have any name."""
    texts = {name: records for name, records in SOUND.items() if "domainkey" not in name}

    assert found(texts)["dkim"][0] == "left out"
    assert found(texts, "north")["dkim"] == (
        "wrong",
        "studio.example has no DKIM key north: add the one that your mail provider names.",
    )
    assert found({**texts, "north._domainkey.studio.example": ["p=MIIB"]}, "north")["dkim"][0] == "fine"
    assert (
        found({**texts, "north._domainkey.studio.example": ["v=DKIM1; p="]}, "north")["dkim"][0] == "wrong"
    )  # revoked


def test_no_name_server() -> None:
    """Without an answer from the name server, the mail checks are left out."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = ["127.0.0.1"], 0.2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver.port = silent.getsockname()[1]
        (result,) = check_domain("studio.example", resolver)

    assert result.text == "studio.example can't be looked up: LifetimeTimeout."
