"""Rules for the deployment: each is a sentence, and returns whether it is kept."""

from __future__ import annotations

from collections.abc import Callable

from infra import permissions
from infra.rules import calling, confiding, keeping, starting, watching
from infra.terraform import Deployed

RULES: dict[str, Callable[[Deployed], bool]] = {
    name: rule
    for module in (calling, confiding, keeping, starting, watching, permissions)
    for name, rule in vars(module).items()
    if not name.startswith("_") and getattr(rule, "__annotations__", {}) == {"deployed": "Deployed", "return": "bool"}
}
