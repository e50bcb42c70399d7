"""Advice on the failures of Terraform that a deployment meets."""

import re

_WAIT = (
    "APIs and permissions of a new project take some minutes to take effect everywhere: wait five, and deploy again."
)
_DOMAINS = (
    "Your organisation's policy iam.allowedPolicyMemberDomains forbids functions that anybody may call: have an "
    "administrator allow all members in this project, as docs/how-to/google-cloud.md describes, and deploy again."
)
_TERMS = (
    "This login has not accepted Firebase's terms, or may not add Firebase to the project: open "
    "https://console.firebase.google.com once, add Firebase to the project there, and deploy again."
)
_BILLING = "Link an open billing account to the project in Google's console, and deploy again."
_COLLISION = "Something exists that Terraform's state lacks, as after a lost state: run prequal deploy --import."
_LOCK = (
    "Another deployment runs, or was cut off: wait for it, or run prequal deploy --terraform 'force-unlock ID' with "
    "the ID above, and deploy again."
)
_OTHERWISE = "Correct what it names, and deploy again: it continues from there."

# By a pattern in one error: the words are those of Google's APIs and of Terraform. The first that matches applies.
_ADVICE = {
    r"do not belong to a permitted customer|allowedPolicyMember": _DOMAINS,
    r"(403|does not have permission).*google_firebase_project": _TERMS,
    r"BILLING_DISABLED|[Bb]illing account .*(disabled|closed|not found)|requires billing": _BILLING,
    r"already exists|alreadyExists|Error 409": _COLLISION,
    r"acquiring the state lock": _LOCK,
    r"SERVICE_DISABLED|accessNotConfigured|has not been used in project|it is disabled": _WAIT,
    r"gcf-v2-sources|Service Agent|Permission .*denied|does not have permission|Error 403": _WAIT,
}


def explain_failure(errors: str) -> str:
    """Return advice on a failed `terraform apply`, from its errors: a sentence for each kind."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", errors)
    each = [" ".join(error.split()) for error in re.split(r"(?m)^\W*Error: ", plain)[1:]]
    advice = dict.fromkeys(_find_advice(error) for error in each) or [_OTHERWISE]
    return f"Terraform failed: its output above says why. {' '.join(advice)}"


def _find_advice(error: str) -> str:
    return next((advice for pattern, advice in _ADVICE.items() if re.search(pattern, error)), _OTHERWISE)
