"""Sending over SMTP, to a real server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prequal.adapters.smtp import SmtpMailer
from prequal.core.errors import TransportError, TransportUncertainError
from support.certificates import certificate
from support.mails import read, rendered_invitation
from support.mailserver import LOGIN, PASSWORD, Postbox, mail_server
from support.running import free_port


def plain(port: int) -> SmtpMailer:
    """Return a mailer for a server on this machine."""
    return SmtpMailer(host="127.0.0.1", port=port, encryption="none")


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
def test_an_invitation_goes_out_encrypted_and_logged_in(tmp_path: Path, *, implicit: bool) -> None:
    """The invitation arrives whole over TLS, from our sender, after a login."""
    server, client = certificate(tmp_path)
    postbox = Postbox()
    mail = rendered_invitation(name="Zoë Żółć", lang="fr")
    with mail_server(postbox, tls=server, implicit=implicit) as port:
        mailer = SmtpMailer(
            host="127.0.0.1",
            port=port,
            encryption="implicit" if implicit else "starttls",
            login=LOGIN,
            password=PASSWORD,
            context=client,
        )

        receipt = mailer.send(mail)

    (arrived,) = postbox.mails
    (envelope,) = postbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@studio.example", ["ada@example.com"])
    assert postbox.encrypted == [True]
    assert postbox.logins == [LOGIN]
    assert arrived["Subject"] == read(mail).subject
    assert arrived["Message-ID"] == receipt.message_id == mail.message_id
    assert arrived["Reply-To"] == "Studio North <hello@studio.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").strip() == read(mail).text.strip()
    assert html.get_content().replace("\r\n", "\n").strip() == read(mail).html.strip()
    assert receipt.accepted == ("ada@example.com",)
    assert receipt.response.startswith("250")


def test_the_same_mail_is_the_same_bytes() -> None:
    """A mail that is sent twice is the same bytes twice, so that careful servers drop the second."""
    postbox = Postbox()
    mail = rendered_invitation()
    with mail_server(postbox) as port:
        plain(port).send(mail)
        plain(port).send(mail)

    first, second = postbox.envelopes
    assert first.original_content == second.original_content


def test_a_server_without_tls_gets_nothing() -> None:
    """Nothing is sent to a server that can't encrypt."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="starttls")

        with pytest.raises(TransportError, match="STARTTLS") as refusal:
            mailer.send(rendered_invitation())

    assert not refusal.value.permanent
    assert postbox.envelopes == []


def test_an_untrusted_certificate_is_refused(tmp_path: Path) -> None:
    """Nothing is sent to a server that can't prove its identity."""
    server, _ = certificate(tmp_path)
    postbox = Postbox()
    with mail_server(postbox, tls=server) as port:
        mailer = SmtpMailer(host="127.0.0.1", port=port, encryption="starttls")

        with pytest.raises(TransportError, match="CERTIFICATE_VERIFY_FAILED"):
            mailer.send(rendered_invitation())

    assert postbox.envelopes == []


def test_a_wrong_password_is_not_permanent(tmp_path: Path) -> None:
    """A refused login is for the owner to put right, and the mail waits."""
    server, client = certificate(tmp_path)
    with mail_server(Postbox(), tls=server) as port:
        mailer = SmtpMailer(
            host="127.0.0.1", port=port, encryption="starttls", login=LOGIN, password="wrong", context=client
        )

        with pytest.raises(TransportError, match="535") as refusal:
            mailer.send(rendered_invitation())

    assert not refusal.value.permanent


def test_a_refused_connection_is_not_permanent() -> None:
    """The mail waits until a server listens."""
    with pytest.raises(TransportError, match="can't be used") as refusal:
        plain(free_port()).send(rendered_invitation())

    assert not refusal.value.permanent


def test_an_impossible_host_name_is_not_permanent() -> None:
    """A host name that can't be looked up is for the owner to put right."""
    with pytest.raises(TransportError, match="can't be used") as refusal:
        SmtpMailer(host="ex..ample", port=587, encryption="starttls").send(rendered_invitation())

    assert not refusal.value.permanent


def test_a_password_beyond_ascii_is_not_permanent(tmp_path: Path) -> None:
    """A login that SMTP can't carry is for the owner to put right."""
    server, client = certificate(tmp_path)
    with mail_server(Postbox(), tls=server) as port:
        mailer = SmtpMailer(
            host="127.0.0.1", port=port, encryption="starttls", login=LOGIN, password="päss", context=client
        )

        with pytest.raises(TransportError, match="can't be used") as refusal:
            mailer.send(rendered_invitation())

    assert not refusal.value.permanent


@pytest.mark.parametrize("change", [{"sender": "hello@студия.рф"}, {"to": "zoë@example.com"}], ids=["sender", "to"])
def test_an_address_that_smtp_cannot_carry_is_not_permanent(change: dict[str, Any]) -> None:
    """A mail that can't be transmitted waits, and the next one is sent."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        with pytest.raises(TransportError, match="can't be handed over") as refusal:
            plain(port).send(replace(rendered_invitation(), **change))
        plain(port).send(rendered_invitation())

    assert not refusal.value.permanent
    assert len(postbox.envelopes) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "permanent"), [("451 Try again later", False), ("550 No such user", True)])
def test_a_refusal_is_as_permanent_as_the_server_says(step: str, answer: str, *, permanent: bool) -> None:
    """A 4xx is temporary and a 5xx permanent, at every step; the owner reads the server's reply."""
    with mail_server(Postbox(says={step: answer})) as port, pytest.raises(TransportError, match=answer) as refusal:
        plain(port).send(rendered_invitation())

    assert refusal.value.permanent is permanent


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_hanging_up_before_the_mail_is_certain(step: str) -> None:
    """A server that hangs up before it has the mail certainly didn't accept it."""
    with mail_server(Postbox(hangs_up_after=step)) as port, pytest.raises(TransportError, match="hung up"):
        plain(port).send(rendered_invitation())


def test_hanging_up_after_the_mail_is_uncertain() -> None:
    """A server that hangs up once it has the mail may have accepted it."""
    with (
        mail_server(Postbox(hangs_up_after="DATA")) as port,
        pytest.raises(TransportUncertainError, match="did not confirm"),
    ):
        plain(port).send(rendered_invitation())
