"""Refusals of a mail server: whether they are final for the mail, or about us and thus for the owner to put right.

A mail that is given up is an invitation lost, so a refusal is final only if it is about the recipient or the message.
"""

from __future__ import annotations

import re
from enum import Enum


class Stage(Enum):
    """Part of the dialogue that the server refused."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    MESSAGE = "DATA"


# Enhanced status codes (RFC 3463 and the registry of RFC 5248) without their class, at any stage.
_FINAL_BY_STATUS = {
    "1.7": False,  # the sender's address
    "1.8": False,
    "2.3": True,  # the message is too long for the mailbox
    "3.1": False,  # the mail system is full, closed, or wrongly configured
    "3.2": False,
    "3.4": True,  # the message is too big
    "3.5": False,
    "4.2": False,  # the connection, the directory, congestion or a daily limit, a loop, the time of delivery
    "4.3": False,
    "4.5": False,
    "4.6": False,
    "4.7": False,
    "7.2": True,  # a mailing list
    "7.3": True,  # conversion and integrity of the message
    "7.7": True,
    "7.17": True,  # the mailbox has another owner
    "7.18": True,
    "7.19": True,
}
# Of what is left: content is the message's, policy is about us.
_FINAL_BY_SUBJECT = {"6": True, "7": False}
# A status in a reply: at its beginning, or like (#5.1.1). An IP address is none.
_STATUS = re.compile(rb"(?:^|[\s#(])5\.(\d{1,3}\.\d{1,3})(?!\.?\d)")
# Login and encryption (RFC 4954).
_ABOUT_LOGIN = frozenset({530, 534, 535, 538})
_TRANSACTION_FAILED = 554
# Some servers refuse sender, host or amount only after RCPT or DATA, and without a status.
_ABOUT_US = re.compile(
    rb"(?i)\b(?:sender|sending|client host|helo|relay|authenticat|reputation|(?:black|block)(?:ed using|[- ]?list)"
    rb"|spamhaus|dnsbl|rbl|reverse dns|ptr|spf|dkim|dmarc|(?:dai|hour)ly|per (?:day|hour)|rate limit|too many)"
)


def is_final(stage: Stage, code: int, text: bytes) -> bool:
    """Return whether a refusal would be the same for the same mail later: by its status, its words, its stage."""
    if not 500 <= code < 600:  # noqa: PLR2004, RFC 5321, 4.2.1: a 5xx is permanent
        return False
    found = _STATUS.search(text)
    status = found[1].decode() if found else "0.0"
    subject, _, detail = status.partition(".")
    if (final := _FINAL_BY_STATUS.get(status, _FINAL_BY_SUBJECT.get(subject))) is not None:
        return final
    if stage is Stage.SENDER:
        return False
    if subject in ("1", "2") and detail != "0":  # the recipient's address or mailbox
        return True
    if code in _ABOUT_LOGIN or (stage is Stage.RECIPIENT and code == _TRANSACTION_FAILED):
        return False
    return not _ABOUT_US.search(text)
