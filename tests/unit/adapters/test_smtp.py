"""Sending over SMTP, to a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prequal.adapters.smtp import Encryption, SmtpMailer
from prequal.core.errors import PrequalError, TransportError, TransportUncertainError
from prequal.core.mail import LEASE
from support.certificates import certificate
from support.dripping import DrippingServer, Outcome
from support.mails import read, rendered_invitation
from support.mailserver import LOGIN, PASSWORD, Postbox, mail_server
from support.running import PATIENCE, free_port


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
def test_a_temporary_refusal_is_not_permanent(step: str) -> None:
    """A 4xx is temporary at every step; the owner reads the server's reply."""
    answer = "452 4.5.3 Too many mails"
    with mail_server(Postbox(says={step: answer})) as port, pytest.raises(TransportError, match=answer) as refusal:
        plain(port).send(rendered_invitation())

    assert not refusal.value.permanent


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "550 No such user"),
        ("RCPT", "550 5.1.1 The email account that you tried to reach does not exist"),
        ("RCPT", "550-5.1.1 The account does not exist.\r\n550 5.1.1 Learn more"),
        ("RCPT", "554 5.1.1 User unknown"),
        ("RCPT", "551 User not local"),
        ("RCPT", "550 5.4.1 Recipient address rejected: Access denied"),
        ("RCPT", "550 5.5.0 Requested action not taken: mailbox unavailable"),
        ("DATA", "552 Message size limit exceeded"),
        ("RCPT", "552 5.2.2 Mailbox full"),
        ("RCPT", "553 Mailbox name not allowed"),
        ("RCPT", "553 sorry, no mailbox here by that name. (#5.1.1)"),
        ("RCPT", "556 5.1.10 Recipient address has null MX"),
        ("DATA", "552 Message too big"),
        ("DATA", "550 5.6.0 Malformed message"),
        ("DATA", "554 Transaction failed"),
        ("MAIL", "552 5.3.4 Message too big"),
        ("DATA", "550 5.7.7 Message integrity failure"),
    ],
)
def test_a_refusal_of_this_mail_is_permanent(step: str, answer: str) -> None:
    """A 5xx about the recipient or the message is final."""
    with mail_server(Postbox(says={step: answer})) as port, pytest.raises(TransportError) as refusal:
        plain(port).send(rendered_invitation())

    assert refusal.value.permanent


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("MAIL", "530 5.5.1 Authentication required"),
        ("MAIL", "550 Sender rejected"),
        ("MAIL", "550 5.1.1 No such user"),
        ("MAIL", "552 5.2.2 Over quota"),
        ("MAIL", "553 5.7.1 Not owned by this login"),
        ("MAIL", "554 5.7.1 Access denied"),
        ("MAIL", "501 5.1.7 Bad sender address"),
        ("RCPT", "503 5.7.0 Log in first"),
        ("RCPT", "530 Authentication required"),
        ("RCPT", "550 5.7.1 Client host rejected"),
        ("RCPT", "554 Service unavailable; Client host [192.0.2.1] blocked using zen.example"),
        ("RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked"),
        ("RCPT", "554 Denied"),
        ("RCPT", "550 5.1.0 <hello@studio.example>: Sender address rejected: User unknown"),
        ("RCPT", "550 Sender verify failed"),
        ("RCPT", "550 5.1.8 Domain of the sender does not exist"),
        ("RCPT", "550 Relaying denied"),
        ("RCPT", "550 Your IP is on a blocklist"),
        ("RCPT", "550 No reverse DNS for your address"),
        ("DATA", "550 SPF check failed"),
        ("DATA", "550 Rejected by the DMARC policy of studio.example"),
        ("RCPT", "550 5.4.5 Daily sending quota exceeded"),
        ("RCPT", "550 Daily message limit exceeded"),
        ("DATA", "550 5.4.5 Daily user sending limit exceeded"),
        ("DATA", "554 5.7.26 This mail is unauthenticated"),
        ("DATA", "550 5.3.2 System not accepting messages"),
    ],
)
def test_a_refusal_of_us_is_not_permanent(step: str, answer: str) -> None:
    """A 5xx about sender, host, login, policy or amount is for the owner to put right, and the mail waits."""
    with mail_server(Postbox(says={step: answer})) as port, pytest.raises(TransportError) as refusal:
        plain(port).send(rendered_invitation())

    assert not refusal.value.permanent


def test_an_address_in_a_reply_is_no_status() -> None:
    """Numbers that only look like a status, as those of an IP address, don't count."""
    with (
        mail_server(Postbox(says={"RCPT": "550 No such user at 5.7.1.5"})) as port,
        pytest.raises(TransportError) as refusal,
    ):
        plain(port).send(rendered_invitation())

    assert refusal.value.permanent


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


def send_to_dripping(server: DrippingServer, encryption: Encryption = "none", **changes: Any) -> Exception:
    """Return the error of a dialogue that ended at its deadline, and after the server began to drip.

    A busy machine may need several dialogues, each with twice the time.
    """
    seconds = 0.5
    while True:
        with server.serving() as port, pytest.raises(PrequalError) as refusal:
            SmtpMailer(
                host="127.0.0.1",
                port=port,
                encryption=encryption,
                step_seconds=PATIENCE,
                reply_seconds=PATIENCE,
                dialogue_seconds=seconds,
                **changes,
            ).send(rendered_invitation())
        if server.outcome is not Outcome.NOT_REACHED:
            assert server.outcome is Outcome.CLIENT_LEFT
            return refusal.value
        assert seconds < PATIENCE
        seconds *= 2


@pytest.mark.parametrize("piece", [b"2", b"250-Wait\r\n"], ids=["bytes", "lines"])
@pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_dripping_server_is_given_up(step: str, piece: bytes) -> None:
    """A server that sends something before each timeout, but never a whole reply, is given up at the deadline."""
    error = send_to_dripping(DrippingServer(step, piece))

    assert isinstance(error, TransportError)
    assert not error.permanent


@pytest.mark.parametrize("piece", [b"2", b"250-Wait\r\n"], ids=["bytes", "lines"])
def test_a_dripping_reply_to_the_message_is_uncertain(piece: bytes) -> None:
    """A server that drips once it has the message may have accepted it."""
    error = send_to_dripping(DrippingServer("message", piece))

    assert isinstance(error, TransportUncertainError)


@pytest.mark.parametrize("step", ["handshake", "MAIL"])
@pytest.mark.parametrize("encryption", ["implicit", "starttls"])
def test_a_dripping_server_is_given_up_within_tls(tmp_path: Path, encryption: Encryption, step: str) -> None:
    """The deadline holds for the handshake of TLS and for what comes after."""
    tls, client = certificate(tmp_path)
    server = DrippingServer(step, b"2", tls=tls, implicit=encryption == "implicit")

    assert isinstance(send_to_dripping(server, encryption, context=client), TransportError)


def test_a_dialogue_ends_before_the_lease() -> None:
    """Neither a whole dialogue nor the goodbye after it outlasts a mail's lease."""
    mailer = plain(25)

    assert timedelta(seconds=mailer.dialogue_seconds + mailer.step_seconds) < LEASE


def test_a_session_sends_several_mails_over_one_connection() -> None:
    """Mails of one session share a connection, a refused recipient among them."""
    postbox = Postbox()
    with mail_server(postbox) as port, plain(port).session() as session:
        session.send(rendered_invitation())
        postbox.says["RCPT"] = "550 5.1.1 No such user"
        with pytest.raises(TransportError) as refusal:
            session.send(rendered_invitation())
        del postbox.says["RCPT"]
        session.send(rendered_invitation())

    assert refusal.value.permanent
    assert len(postbox.envelopes) == 2
    assert len(postbox.peers) == 1


@pytest.mark.parametrize(
    "ending",
    [
        {"hangs_up_after": "MAIL"},
        {"hangs_up_after": "RCPT"},
        {"says": {"MAIL": "421 4.7.0 Too many mails in this session"}},
        {"says": {"MAIL": "550 Too many mails in this session"}},
        {"says": {"RCPT": "452 4.5.3 Too many recipients in this session"}},
    ],
)
def test_a_connection_that_has_had_enough_is_made_anew(ending: dict[str, Any]) -> None:
    """A server that ends its connections after a mail gets the next over a new one, and nothing is uncertain."""
    postbox = Postbox(mails_each=1, **ending)
    with mail_server(postbox) as port, plain(port).session() as session:
        for _ in range(3):
            session.send(rendered_invitation())

    assert len(postbox.envelopes) == 3
    assert len(postbox.peers) == 3


def test_a_connection_gone_stale_is_made_anew() -> None:
    """A server that was restarted between two mails gets the second over a new connection."""
    postbox, port = Postbox(), free_port()
    with plain(port).session() as session:
        for _ in range(2):
            with mail_server(postbox, port=port):
                session.send(rendered_invitation())

    assert len(postbox.envelopes) == 2
