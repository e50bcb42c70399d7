"""Invitation and reminder: subject and template values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from prequal.core.mail import MailKind
from prequal.core.text import N_
from prequal.pages.catalogues import catalogue
from prequal.pages.wording import date, filled, mail_placeholders

_SUBJECTS = {
    MailKind.INVITATION: N_("Choose a time for our call"),
    MailKind.REMINDER: N_("Our invitation still stands"),
}


def invitation_subject(kind: MailKind, language: str) -> str:
    """Return the subject of an invitation or a reminder."""
    return catalogue(language).gettext(_SUBJECTS[kind])


def invitation_values(content: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return the template values of an invitation or a reminder."""
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
