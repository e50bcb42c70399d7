"""Who may call the functions, who does, how they start, and how much of them there is."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from infra.terraform import Deployed
from prequal.core.mail import LEASE
from prequal.dev.emulator import MAIL_CREATED, MAILS
from prequal.forms import hosting
from prequal.pages.headers import page_headers
from prequal.services.mail_round import ROUND

_PUBLIC = {("google_cloud_run_v2_service_iam_member", f'invoker["{name}"]') for name in ("submit", "desk")}


def anybody_may_call_submit_and_desk_and_nothing_else(deployed: Deployed) -> bool:
    """The public has two permissions: to call `submit`, and `desk`, which asks who comes."""
    public = [
        (resource["type"], resource["address"].split(".", 1)[1])
        for resource in deployed.resources
        if resource["values"].get("member") in ("allUsers", "allAuthenticatedUsers")
    ]
    return len(public) == len(_PUBLIC) and set(public) == _PUBLIC


def the_site_leads_to_submit_and_desk(deployed: Deployed) -> bool:
    """firebase.json names the deployed functions and their region."""
    services = [
        {"serviceId": deployed.functions[name]["name"], "region": deployed.functions[name]["location"]}
        for name in ("submit", "desk")
    ]
    rewrites = json.loads(hosting.firebase("site", [], {"/": page_headers()}, "europe-west1"))["hosting"]["rewrites"]
    return all(it["run"] in services for it in rewrites) and all(
        any(it["run"] == service for it in rewrites) for service in services
    )


def only_submit_and_desk_are_reached_from_outside(deployed: Deployed) -> bool:
    """`deliver` and `sweep` accept no request from outside the cloud, whatever its permissions."""
    ingress = {name: service["ingress_settings"] for name, service in deployed.services.items()}
    inside, outside = ("ALLOW_INTERNAL_ONLY", "ALLOW_ALL")
    return ingress == {"submit": outside, "desk": outside, "deliver": inside, "sweep": inside}


def the_desk_finds_what_it_kept(deployed: Deployed) -> bool:
    """Every request to the desk reaches the one instance whose memory has the results, at most eight at once."""
    desk = deployed.services["desk"]
    return (desk["max_instance_count"], desk["max_instance_request_concurrency"]) == (1, 8)


def functions_scale_to_zero_and_are_capped(deployed: Deployed) -> bool:
    """No instance runs without requests, and a flood starts at most ten."""
    services = deployed.services.values()
    return all(
        service["min_instance_count"] == 0
        and isinstance(service["max_instance_count"], int)
        and 1 <= service["max_instance_count"] <= 10
        for service in services
    )


def concurrency_equals_threads(deployed: Deployed) -> bool:
    """An instance accepts only as many concurrent requests as it has threads."""
    return all(
        service["environment_variables"]["THREADS"] == str(service["max_instance_request_concurrency"])
        for service in deployed.services.values()
    )


def bytecode_stays_valid(deployed: Deployed) -> bool:
    """Every function is built with the variable by which Python checks bytecode by hash, not by the source's time."""
    return all(
        function["build_config"][0]["environment_variables"] == {"SOURCE_DATE_EPOCH": "315532801"}
        for function in deployed.functions.values()
    )


def hops_are_the_deployment_s(deployed: Deployed) -> bool:
    """Each function counts as many proxies as the deployment says."""
    return all(service["environment_variables"]["PREQUAL_HOPS"] == "2" for service in deployed.services.values())


def events_of_mails_are_retried(deployed: Deployed) -> bool:
    """`deliver` receives an event of each created mail, as in development, and again until it succeeds."""
    [trigger] = deployed.functions["deliver"]["event_trigger"]
    filters = {it["attribute"]: (it["value"], it["operator"] or "") for it in trigger["event_filters"]}
    database = deployed.one("google_firestore_database")["name"]
    return (
        (trigger["event_type"], trigger["retry_policy"]) == (MAIL_CREATED, "RETRY_POLICY_RETRY")
        and filters == {"database": (database, ""), "document": (MAILS, "match-path-pattern")}
        and deployed.accounts[_invoker(deployed, "deliver")] == "prequal-event"
        and not any(deployed.functions[name]["event_trigger"] for name in ("submit", "sweep", "desk"))
    )


def the_clock_calls_sweep(deployed: Deployed) -> bool:
    """The scheduler calls `sweep` every few minutes, with a token that `sweep` can check."""
    job = deployed.all("google_cloud_scheduler_job")["sweep"]
    [target] = job["http_target"]
    address = deployed.services["sweep"]["uri"]
    clock = deployed.all("google_service_account")['this["clock"]']
    return (
        re.fullmatch(r"\*/([1-9]|1[0-5]) \* \* \* \*", job["schedule"]) is not None
        and (target["http_method"], target["uri"], target["oauth_token"]) == ("POST", address, [])
        and target["oidc_token"] == [{"audience": address, "service_account_email": clock["email"]}]
        and _invoker(deployed, "sweep") == clock["member"]
    )


def functions_have_the_time_they_need(deployed: Deployed) -> bool:
    """`deliver` ends before its mail's lease, `sweep` and its scheduler have time for a round, and `desk` a minute."""
    deliver, sweep = (timedelta(seconds=deployed.services[name]["timeout_seconds"]) for name in ("deliver", "sweep"))
    job = deployed.all("google_cloud_scheduler_job")["sweep"]
    return (
        deliver < LEASE
        and ROUND + LEASE <= sweep <= timedelta(seconds=int(job["attempt_deadline"].rstrip("s")))
        and deployed.services["desk"]["timeout_seconds"] == 60
    )


def _invoker(deployed: Deployed, function: str) -> str:
    invoker = deployed.all("google_cloud_run_v2_service_iam_member")[f'invoker["{function}"]']
    member: str = invoker["member"]
    return member
