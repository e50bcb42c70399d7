"""The words of the digest: few lines, and no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_interval

from prequal.core.digest import WEEK, Digest
from prequal.core.form import Form
from prequal.core.lead import SHORT_ID, Lead
from prequal.core.mail import Mail, MailKind
from prequal.core.source import DIRECT, HIDDEN
from prequal.core.stages import Stage
from prequal.core.text import N_
from prequal.pages.catalogues import catalogue
from prequal.pages.labels import GRADES, STAGES
from prequal.pages.mails import Envelope, Words, mail
from prequal.pages.templating import render

# Longer than its week, in which it would be written anew.
_KEPT = timedelta(days=30)
_MOST = 5

# What is no name that a link gave.
_SOURCES = {DIRECT: N_("direct visits"), HIDDEN: N_("a link with an address in it")}


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWriter:
    """Writes the owner's weekly digest, in the form's first language."""

    form: Form
    sender: str
    owner: str

    def __call__(self, digest: Digest, mail_id: str, now: datetime) -> Mail:
        """Write a digest as the mail of this id."""
        language = self.form.default_language
        subject = catalogue(language).gettext(N_("%(days)s: %(received)d received, %(qualified)d qualified")) % {
            "days": _days(digest, language),
            "received": digest.week[Stage.RECEIVED],
            "qualified": digest.week[Stage.QUALIFIED],
        }
        envelope = Envelope(sender=self.sender, to=self.owner, reply_to=self.sender, subject=subject)
        words = Words(kind=MailKind.DIGEST, language=language, values=_values(self.form, digest))
        return mail(mail_id, envelope, words, now, expire_at=now + _KEPT)


def digest_text(form: Form, digest: Digest) -> str:
    """Return a digest as its mail's text has it."""
    return render(f"mail/{MailKind.DIGEST}.txt", lang=form.default_language, **_values(form, digest))


def _values(form: Form, digest: Digest) -> Mapping[str, object]:
    language = form.default_language
    translate = catalogue(language).gettext
    return {
        "business": form.business,
        "days": _days(digest, language),
        "uneventful": not digest.week.total(),
        "tables": [table for table in _tables(digest, translate) if table["rows"]],
        "waiting": [
            {"words": translate(words), "leads": _named(leads, translate), "more": max(0, len(leads) - _MOST)}
            for words, leads in (
                (N_("The call is over: won or lost?"), digest.undecided),
                (N_("No mail reached them."), digest.undelivered),
                (N_("Their link ends within a week."), digest.ending),
            )
            if leads
        ],
    }


def _tables(digest: Digest, translate: Callable[[str], str]) -> Iterator[Mapping[str, Any]]:
    """Return rows of a name and its figures, the first of which counts most."""
    stages = [(translate(name), (digest.week[stage], digest.before[stage])) for stage, name in STAGES.items()]
    yield {
        "title": "",
        "head": [translate(N_("Week")), translate(N_("Before"))],
        "rows": stages if digest.week.total() else [],
    }
    yield {
        "title": translate(N_("Where they came from")),
        "head": [translate(N_("Leads")), translate(N_("Qualified"))],
        "rows": [
            (translate(_SOURCES[source]) if source in _SOURCES else source, (count, digest.qualified[source]))
            for source, count in _most(digest.sources)
        ],
    }
    yield {
        "title": translate(N_("What ruled them out")),
        "head": [],
        "rows": [(reason, (count,)) for reason, count in _most(digest.ruled_out)],
    }


def _days(digest: Digest, language: str) -> str:
    """Return the seven days, from the first to the last."""
    last = digest.until - timedelta(microseconds=1)
    return format_interval(last - WEEK + timedelta(days=1), last, "yMMMd", locale=language)


def _most(counts: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]


def _named(leads: Sequence[Lead], translate: Callable[[str], str]) -> Sequence[Mapping[str, str]]:
    """Return the first leads by id and grade: the mail stays where an erasure doesn't find it."""
    return [{"id": lead.id[:SHORT_ID], "grade": translate(GRADES[lead.score.grade])} for lead in leads[:_MOST]]
