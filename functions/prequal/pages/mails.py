"""Rendering of queued mails: content, language and template become a MIME message (RFC 5322, RFC 2045)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from prequal.core.errors import MailContentError
from prequal.core.form import Voice
from prequal.core.mail import Mail, MailKind
from prequal.core.text import N_
from prequal.pages.briefs import brief_subject, brief_values, debrief_subject, debrief_values
from prequal.pages.digests import digest_subject, digest_values
from prequal.pages.mail_colours import MAIL_COLOURS, MailColours
from prequal.pages.mail_headers import mailbox_field, text_field
from prequal.pages.templating import render
from prequal.pages.wording import catalogue, date, filled, invitation_subject, mail_placeholders
from prequal.pages.zone import UTC_ZONE, Zone

# Seven bits survive every server, and every store.
_POLICY = SMTP.clone(cte_type="7bit")

_NOTICE_SUBJECT = N_("More invitations than your mail budget allows")
_SIGN_IN_SUBJECT = N_("Your link to the desk")


def render_mail(mail: Mail, zone: Zone = UTC_ZONE, colours: MailColours = MAIL_COLOURS) -> str:
    """Return the MIME message of a mail, in ASCII; equal for equal mails. Mails to the owner have times of `zone`.

    Raises:
        MailContentError: the content cannot be rendered, now or later.
    """
    try:
        return mime_message(mail, *_write(mail, zone, colours or MAIL_COLOURS))
    except MailContentError:
        raise
    except Exception as error:  # any fault is one of this mail, and must not stop the others
        raise MailContentError(f"The mail can't be rendered: {type(error).__name__}: {error}.") from error


def _write(mail: Mail, zone: Zone, colours: MailColours) -> tuple[str, str, str]:
    """Return subject, text and HTML."""
    content, language = mail.content, mail.language
    if "html" in content:  # queued by version 0.1, which rendered mails at once
        return content["subject"], content["text"], content["html"]
    match mail.kind:
        case MailKind.BRIEF:
            subject, values = brief_subject(content, language, zone), brief_values(content, language, zone)
        case MailKind.DEBRIEF:
            subject, values = debrief_subject(content, language), debrief_values(content, language, zone)
        case MailKind.DIGEST:
            subject, values = digest_subject(content, language, zone), digest_values(content, language, zone)
        case MailKind.NOTICE:
            subject, values = catalogue(language).gettext(_NOTICE_SUBJECT), content
        case MailKind.SIGN_IN:
            subject, values = catalogue(language).gettext(_SIGN_IN_SUBJECT), content
        case _:
            values = _invitation_values(content, language)
            subject = invitation_subject(values["words"], content["business"]["name"], language)
    values = {**values, **colours, "wordmark": _wordmark(content)}
    text, html = (render(f"mail/{mail.kind}.{ending}", lang=language, **values) for ending in ("txt", "html"))
    return subject, text, html


def _wordmark(content: Mapping[str, Any]) -> str:
    business: Mapping[str, str] | str = content["business"]
    return business if isinstance(business, str) else business["name"]


def _invitation_values(content: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    placeholders = mail_placeholders(content, language)
    return {
        "voice": content.get("voice", Voice.WE),
        "words": filled(content.get("words", {}), placeholders),
        "name": content["name"],
        "business": content["business"],
        "link": content["link"],
        # The last whole day: on the day of the expiry the link works for some hours only.
        "expires_on": date(content["expires_at"] - timedelta(days=1), language),
        "prepare": filled(content["prepare"], placeholders),
    }


def mime_message(mail: Mail, subject: str, text: str, html: str) -> str:
    """Return a message with HTML as the preferred alternative to text: ASCII, and equal for equal arguments.

    Raises:
        MailContentError: a header can't hold its value.
    """
    content, answered = EmailMessage(policy=_POLICY), mail.content.get("in_reply_to")
    try:
        fields = (
            mailbox_field("From", mail.sender),
            mailbox_field("To", mail.to),
            mailbox_field("Reply-To", mail.reply_to),
            text_field("Subject", subject),
            f"Message-ID: {mail.message_id}",
            f"Date: {format_datetime(mail.created_at)}",
            "Auto-Submitted: auto-generated",
            # By these, a reminder stands below its invitation.
            *(f"{name}: {answered}" for name in ("In-Reply-To", "References") if answered),
        )
        content.set_content(text)
        content.add_alternative(html, subtype="html")
        # The default boundary is random, and every attempt must send the same bytes.
        content.set_boundary(f"=_{mail.id}")
        return "".join(f"{field}\r\n" for field in fields) + content.as_bytes().decode("ascii")
    except ValueError as error:  # half a character, which no mail can hold
        raise MailContentError(f"The mail can't be written: {error}.") from error
