"""Advice on failures of Terraform, by the words of Google's APIs."""

from __future__ import annotations

import pytest

from prequal.deployment.failures import explain_failure

OTHER = "Correct what it names"


def error(message: str, resource: str) -> str:
    """Return an error as Terraform writes it in a terminal."""
    return (
        f"\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[1mError: {message}\x1b[0m\n\x1b[31m│\x1b[0m\n"
        f"│   with {resource},\n│   on some.tf line 1\n╵\n"
    )


TERMS = error(
    "Error creating Project: googleapi: Error 403: The caller does not\n│ have permission",
    "google_firebase_project.this",
)
DOMAINS = error(
    "Error applying IAM policy for cloudrunv2 service: One or more users named in the policy do not belong to a "
    "permitted customer.",
    'google_cloud_run_v2_service_iam_member.invoker["submit"]',
)


@pytest.mark.parametrize(
    ("errors", "advice"),
    [
        (TERMS, "https://console.firebase.google.com"),
        (DOMAINS, "iam.allowedPolicyMemberDomains"),
        (error("Error creating Database: googleapi: Error 409: Database already exists.", "a.b"), "deploy --import"),
        (error("Error creating function: Access to bucket gcf-v2-sources-1-europe-west1 denied.", "a.b"), "wait five"),
        (error("Validation failed: Permission denied while using the Eventarc Service Agent.", "a.b"), "wait five"),
        (error("googleapi: Error 403: Cloud Firestore API has not been used in project 1 before", "a.b"), "wait five"),
        (error("Error acquiring the state lock", "a.b"), "force-unlock"),
        (error("googleapi: Error 403: BILLING_DISABLED", "a.b"), "Link an open billing account"),
        (error("Invalid value for variable", "a.b"), OTHER),
        ("", OTHER),
    ],
)
def test_each_failure_has_its_advice(errors: str, advice: str) -> None:
    """A known failure is explained by what to do about it, and any other by going on."""
    explained = explain_failure(errors)

    assert advice in explained
    assert (OTHER in explained) == (advice == OTHER)


def test_each_kind_is_explained_once() -> None:
    """Of several errors, each kind is explained, and none twice."""
    explained = explain_failure(TERMS + DOMAINS + TERMS)

    assert explained.count("https://console.firebase.google.com") == 1
    assert explained.count("iam.allowedPolicyMemberDomains") == 1
