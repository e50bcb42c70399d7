"""Rendering of queued mails: content, language and template become a MIME message (RFC 5322, RFC 2045)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from prequal.core.errors import MailContentError
from prequal.core.mail import Mail, MailKind
from prequal.core.text import N_
from prequal.pages.briefs import brief_subject, brief_values
from prequal.pages.digests import digest_subject, digest_values
from prequal.pages.templating import render
from prequal.pages.wording import catalogue, date, filled, mail_placeholders

# Seven bits survive every server, and every store.
_POLICY = SMTP.clone(cte_type="7bit")

_INVITATION_SUBJECTS = {
    MailKind.INVITATION: N_("Choose a time for our call"),
    MailKind.REMINDER: N_("Our invitation still stands"),
}


def render_mail(mail: Mail) -> str:
    """Return the MIME message of a mail, in ASCII; equal for equal mails.

    Raises:
        MailContentError: the content cannot be rendered, now or later.
    """
    try:
        return mime_message(mail, *_write(mail))
    except MailContentError:
        raise
    except Exception as error:  # any fault is one of this mail, and must not stop the others
        raise MailContentError(f"The mail can't be rendered: {type(error).__name__}: {error}.") from error


def _write(mail: Mail) -> tuple[str, str, str]:
    """Return subject, text and HTML."""
    content, language = mail.content, mail.language
    if "html" in content:  # queued by version 0.1, which rendered mails at once
        return content["subject"], content["text"], content["html"]
    match mail.kind:
        case MailKind.BRIEF:
            subject, values = brief_subject(content, language), brief_values(content, language)
        case MailKind.DIGEST:
            subject, values = digest_subject(content, language), digest_values(content, language)
        case _:
            subject = catalogue(language).gettext(_INVITATION_SUBJECTS[mail.kind])
            values = _invitation_values(content, language)
    text, html = (render(f"mail/{mail.kind}.{ending}", lang=language, **values) for ending in ("txt", "html"))
    return subject, text, html


def _invitation_values(content: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    return {
        "name": _greetable(content["name"]),
        "business": content["business"],
        "link": content["link"],
        # The last whole day: on the day of the expiry the link works for some hours only.
        "expires_on": date(content["expires_at"] - timedelta(days=1), language),
        "prepare": filled(content["prepare"], mail_placeholders(content, language)),
    }


def _greetable(name: str) -> str:
    """Return the name, or an empty text if it could carry an advertisement in our mail to a stranger."""
    return "" if re.search(r"://|www\.|\w\.\w{2,}|[@\d]", name) or len(name) > 60 else name  # noqa: PLR2004, longer names exist, and are greeted without


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
