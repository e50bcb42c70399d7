"""MIME messages (RFC 5322, RFC 2045)."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from prequal.core.errors import MailContentError
from prequal.core.mail import Mail

# Seven bits survive every server, and every store.
_POLICY = SMTP.clone(cte_type="7bit")


def mime_message(mail: Mail, subject: str, text: str, html: str) -> str:
    """Return a message with HTML as the preferred alternative to text: ASCII, and equal for equal arguments.

    Raises:
        MailContentError: a header can't hold its value.

    """
    message = EmailMessage(policy=_POLICY)
    try:
        for name, address in (("From", mail.sender), ("To", mail.to), ("Reply-To", mail.reply_to)):
            # Versions of Python differ in what they refuse. Only the name before <address> may be an encoded word
            # (RFC 2047), which could hide line breaks and further headers in an address.
            if "=?" in address.rpartition("<")[2]:
                raise MailContentError(f"The mail can't be written: the address of {name} holds an encoded word.")
            message[name] = address
        message["Subject"] = subject.replace("=?", "= ?")
        message["Message-ID"] = mail.message_id
        message["Date"] = format_datetime(mail.created_at)
        message["Auto-Submitted"] = "auto-generated"
        if any(set("\r\n") & set(value) for value in message.values()):
            raise MailContentError("The mail can't be written: a header holds a line break.")
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        # The default boundary is random, and every attempt must send the same bytes.
        message.set_boundary(f"=_{mail.id}")
        return message.as_bytes().decode("ascii")
    except (ValueError, IndexError) as error:  # raised by Python's header parser, for line breaks and worse
        raise MailContentError(f"The mail can't be written: {error}.") from error
