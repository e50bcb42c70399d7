"""A mail as the bytes that travel (RFC 5322, MIME)."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from prequal.core.errors import TransportError
from prequal.core.mail import Mail


def as_message(mail: Mail) -> EmailMessage:
    """Return the mail with its text first and its HTML as the alternative that readers prefer."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Reply-To"] = mail.reply_to
    # What somebody typed must not be read as an encoded word (RFC 2047): it may hold line breaks and further headers.
    message["Subject"] = mail.subject.replace("=?", "= ?")
    for name, value in mail.headers.items():
        message[name] = value
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
    except (ValueError, IndexError) as error:  # what Python's own parser of headers raises, of line breaks and worse
        raise TransportError(f"The mail can't be written: {error}.", permanent=True) from error


def message_id(mail: Mail) -> str:
    """Return the Message-ID that the mail has had since it was written."""
    return mail.headers["Message-ID"]
