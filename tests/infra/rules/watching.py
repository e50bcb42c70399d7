"""Alerts to the owner, and what the cloud's own log keeps."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from infra.terraform import Deployed
from prequal import log
from prequal.core.lead import Admission
from support import builders
from support.running import CHECKOUT

_SCHEDULE_FAILS = {
    "resource.type": "cloud_scheduler_job",
    "resource.labels.job_id": "prequal-sweep",
    "severity": "ERROR",
}
_SERVICE = "resource.labels.service_name"
_REQUESTS, _OURS = "run.googleapis.com/requests", "run.googleapis.com/stderr"


def alerts_reach_the_owner(deployed: Deployed) -> bool:
    """Every alert, and the budget's, goes to the owner's address."""
    channel = deployed.one("google_monitoring_notification_channel")
    policies = deployed.all("google_monitoring_alert_policy").values()
    [rule] = deployed.one("google_billing_budget")["all_updates_rule"]
    return (
        channel["labels"] == {"email_address": "owner@studio.example"}
        and all(policy["notification_channels"] == [channel["id"]] for policy in policies)
        and rule["monitoring_notification_channels"] == [channel["id"]]
    )


def each_alert_is_explained(deployed: Deployed) -> bool:
    """The reference of alerts has a section for each alert, and none for others."""
    guide = (CHECKOUT / "docs/reference/alerts.md").read_text(encoding="utf-8")
    policies = deployed.all("google_monitoring_alert_policy").values()
    return {policy["display_name"] for policy in policies} == set(re.findall(r"^## (prequal: .+)", guide, re.MULTILINE))


def a_flood_is_an_alert(deployed: Deployed) -> bool:
    """More than 60 submissions an hour, summed over all instances, raise an alert."""
    metric = deployed.one("google_logging_metric")
    [condition] = deployed.all("google_monitoring_alert_policy")["flood"]["conditions"]
    [threshold] = condition["condition_threshold"]
    [sum_of] = threshold["aggregations"]
    return (
        f"logging.googleapis.com/user/{metric['name']}" in threshold["filter"]
        and (threshold["comparison"], threshold["threshold_value"]) == ("COMPARISON_GT", 60)
        and (sum_of["alignment_period"], sum_of["cross_series_reducer"]) == ("3600s", "REDUCE_SUM")
    )


def alerts_match_the_log(deployed: Deployed) -> bool:
    """Each alert's filter matches its kinds of log entries, of each function, and no others."""
    policies = deployed.all("google_monitoring_alert_policy")
    filters = {name: _matching(policies[f'log["{name}"]'])["filter"] for name in ("broken", "mail")}
    filters["submissions"] = deployed.one("google_logging_metric")["filter"]
    kinds = ("broken", "mail", "mail", "submissions", "")
    entries = [
        (kind, {**entry, _SERVICE: function["name"]})
        for function in deployed.functions.values()
        for kind, entry in zip(kinds, _entries(), strict=True)
    ]
    entries.append(("broken", _SCHEDULE_FAILS))
    return all(
        _finds(filtered, entry) == (name == kind) for name, filtered in filters.items() for kind, entry in entries
    )


def alerts_tell_their_kinds_apart(deployed: Deployed) -> bool:
    """An alert for several kinds extracts what tells them apart, so that each is raised alone, and its mail says it."""
    policies = deployed.all("google_monitoring_alert_policy")
    wanted = {"broken": {"message", "job"}, "mail": {"state"}}
    return all(
        _matching(policy := policies[f'log["{name}"]'])["label_extractors"].keys() == labels
        and all(f"${{log.extracted_label.{label}}}" in policy["documentation"][0]["content"] for label in labels)
        for name, labels in wanted.items()
    )


def the_project_s_own_log_is_filtered(deployed: Deployed) -> bool:
    """Entries are left out of the log that every project has, and of no other."""
    sink = deployed.one("google_logging_project_sink")
    [excluded] = sink["exclusions"]
    return sink["name"] == "_Default" and not sink["disabled"] and not excluded["disabled"]


def booking_links_are_not_logged(deployed: Deployed) -> bool:
    """Cloud Run's own log keeps no request of a link that is a secret, but all others, and every line of ours."""
    [excluded] = deployed.one("google_logging_project_sink")["exclusions"]
    entries = [({"httpRequest.requestUrl": url, "LOG_ID": _REQUESTS}, secret) for url, secret in _requests()]
    entries += [({"httpRequest.requestUrl": url, "LOG_ID": _OURS}, False) for url, _ in _requests()]
    entries += [({**entry, "LOG_ID": _OURS}, False) for entry in _entries()]
    public = {"resource.type": "cloud_run_revision"}
    return all(
        _finds(excluded["filter"], {**entry, **public, _SERVICE: service}) == secret
        for service in ("prequal-submit", "prequal-desk")
        for entry, secret in entries
    )


def _requests() -> Iterator[tuple[str, bool]]:
    """Yield addresses of requests, and whether each is a secret."""
    secret = ("/b/a.token", "/b/a.token/not-me", "/b/clients/a.token/fr/thanks", "/b/?a", "/desk/in/a.token")
    others = ("/api/leads", "/api/health?next=/b/a", "/about/b/", "/desk/", "/desk/leads/1", "/desk/inn/")
    for host in ("prequal-submit-abc-ew.a.run.app", "studio.example"):
        yield from ((f"https://{host}{path}", path in secret) for path in (*secret, *others))


def _matching(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the condition of an alert on log entries."""
    [condition] = policy["conditions"]
    [matching] = condition["condition_matched_log"]
    return dict(matching)


def _entries() -> Iterator[Mapping[str, Any]]:
    """Return log entries of an error, a failed mail, a stuck mail, a submission, and a mail postponed once."""
    mail = builders.invitation().claimed("a claim", builders.NOW)
    assert mail
    put_off = mail.postponed("busy", builders.NOW, 1)
    stuck = replace(put_off, delivery=replace(put_off.delivery, attempts=4))
    lines = _Lines()
    logger = logging.getLogger("prequal")
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    try:
        log.request_failed(RuntimeError())
        log.mail_tried(mail.refused("no", builders.NOW), kept=True)
        log.mail_tried(stuck, kept=True)
        log.submission_admitted(builders.lead(), Admission.FIRST)
        log.mail_tried(put_off, kept=True)
    finally:
        logger.removeHandler(lines)
    for line in lines.written:
        # As Cloud Logging keeps it.
        yield {
            "resource.type": "cloud_run_revision",
            "severity": line["severity"],
            **{f"jsonPayload.{name}": value for name, value in line.items()},
        }


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(json.loads(record.getMessage()))


def _finds(filtered: str, entry: Mapping[str, Any]) -> bool:
    """Whether a filter finds an entry, in as much of Logging's language as ours are written in.

    It is a condition a line, or several such filters in parentheses.
    """
    parts = (part.strip().removeprefix("(").removesuffix(")") for part in filtered.split("\nOR\n"))
    return any(all(_holds(line.strip(), entry) for line in part.strip().splitlines()) for part in parts)


def _holds(condition: str, entry: Mapping[str, Any]) -> bool:
    condition = re.sub(r'LOG_ID\((".+")\)', r"LOG_ID=\1", condition)
    found = re.fullmatch(r"(NOT )?([\w.]+)(=~|>=|=)(.+)", condition)
    assert found, f"What does {condition} mean?"
    negated, name, comparison, quoted = found.groups()
    value, wanted = entry.get(name), quoted.strip('"')
    match comparison:
        case "=~":
            held = re.search(wanted, str(value)) is not None
        case ">=":
            held = value is not None and _rank(value) >= _rank(wanted)
        case _:
            held = value == wanted
    return held != bool(negated)


def _rank(value: str | int) -> int:
    """Return a number, or how severe a severity is."""
    level = logging.getLevelNamesMapping().get(str(value))
    return int(value) if level is None else level
