"""MIME form of a mail (RFC 5322, RFC 2045): the bytes that travel."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from prequal.core.errors import TransportError
from prequal.core.mail import Mail


def as_message(mail: Mail) -> EmailMessage:
    """Return the mail with its text first, and its HTML as the alternative that readers prefer.

    Raises:
        ValueError: a header can't be written.
        IndexError: the same, from Python's own parser of headers.

    """
    message = EmailMessage(policy=SMTP)
    for name, address in (("From", mail.sender), ("To", mail.to), ("Reply-To", mail.reply_to)):
        # Python's versions differ in what they refuse. Only the name before <address> may hold an encoded word.
        if "=?" in address.rpartition("<")[2]:
            raise ValueError(f"there is an encoded word in the address of {name}")
        message[name] = address
    # Typed text must not be read as an encoded word (RFC 2047): that could hold line breaks and further headers.
    message["Subject"] = mail.subject.replace("=?", "= ?")
    for name, value in mail.headers.items():
        message[name] = value
    if any(set("\r\n") & set(value) for value in message.values()):
        raise ValueError("there is a line break in a header")
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # The default boundary is random; a mail that is sent twice must be the same bytes twice.
    message.set_boundary(f"=_{mail.id}")
    return message


def as_bytes(mail: Mail) -> bytes:
    """Return the same bytes for the same mail, every time.

    Raises:
        TransportError: a header can't be written, however often it is tried.

    """
    try:
        return as_message(mail).as_bytes()
    except (ValueError, IndexError) as error:
        raise TransportError(f"The mail can't be written: {error}.", permanent=True) from error


def message_id(mail: Mail) -> str:
    """Return the Message-ID, which the mail has had since it was written."""
    return mail.headers["Message-ID"]
