"""The effort of tests that search: fixed seeds and few rounds at a gate, random seeds and many rounds at night.

A gate must not blame a change for what the dice found. `make nightly` sets the variable.
"""

from __future__ import annotations

import os

SEARCHES = bool(os.environ.get("PREQUAL_TEST_SEARCH"))
"""Whether this run is a search."""

ROUNDS = 10_000 if SEARCHES else 1_000
"""The number of damaged inputs."""

EXAMPLES = 300 if SEARCHES else 30
"""The number of Hypothesis's examples, where a test doesn't say."""
