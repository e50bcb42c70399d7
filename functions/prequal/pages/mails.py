"""Rendering of queued mails: content, language and template become a MIME message."""

from __future__ import annotations

from prequal.core.errors import MailContentError
from prequal.core.mail import Mail, MailKind
from prequal.pages.briefs import brief_subject, brief_values
from prequal.pages.digests import digest_subject, digest_values
from prequal.pages.invitations import invitation_subject, invitation_values
from prequal.pages.mime import mime_message
from prequal.pages.templating import render


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
            subject, values = invitation_subject(mail.kind, language), invitation_values(content, language)
    text, html = (render(f"mail/{mail.kind}.{ending}", lang=language, **values) for ending in ("txt", "html"))
    return subject, text, html
