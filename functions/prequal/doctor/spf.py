"""SPF (RFC 7208): the record that names the servers which may send for a domain, as receivers evaluate it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prequal.doctor.results import CheckResult, failed, passed

#: The number of DNS look-ups after which receivers give up on a record (RFC 7208, 4.6.4).
_MOST_LOOKUPS = 10
_CAUSING_A_LOOKUP = {"include", "redirect", "a", "mx", "ptr", "exists"}


def check_spf(domain: str, look_up: Callable[[str], Sequence[str]]) -> CheckResult:
    """Check a domain's record, and those that it includes; `look_up` returns the TXT records of a name."""
    records = _records(look_up(domain))
    if len(records) != 1:
        number = "no SPF record" if not records else f"{len(records)} SPF records, which counts as none"
        return failed("spf", f"{domain} has {number}: add the one that your mail provider names.")
    if records[0].split()[-1] in ("+all", "all"):
        return failed("spf", f"{domain} lets everybody send for it: end its SPF record with ~all.")
    number_of_lookups, void = _evaluate(records[0], look_up)
    if void:
        problem = f"{domain}'s SPF record includes {void}, which has none itself, so that receivers ignore all of it"
        return failed("spf", f"{problem}: remove it from the record, or correct it.")
    if number_of_lookups > _MOST_LOOKUPS:
        problem = f"{domain}'s SPF record causes more than {_MOST_LOOKUPS} look-ups, where receivers give up on it"
        return failed("spf", f"{problem}: remove the services that send no mail for you.")
    return passed("spf", f"{domain} names the servers that send its mail.")


def _records(texts: Sequence[str]) -> Sequence[str]:
    return [text.lower() for text in texts if text.lower().split(" ")[0] == "v=spf1"]


def _evaluate(record: str, look_up: Callable[[str], Sequence[str]]) -> tuple[int, str]:
    """Return the number of look-ups, no further than too many, and the first domain that is included in vain."""
    number, waiting = 0, [record]
    while waiting and number <= _MOST_LOOKUPS:
        for term in waiting.pop().split()[1:]:
            mechanism, _, domain = term.lstrip("+-~?").replace("=", ":", 1).partition(":")
            number += mechanism.partition("/")[0] in _CAUSING_A_LOOKUP
            if mechanism in ("include", "redirect") and "%" not in domain:  # a macro depends on the mail
                included = _records(look_up(domain))
                if len(included) != 1:
                    return number, domain
                waiting += included
    return number, ""
