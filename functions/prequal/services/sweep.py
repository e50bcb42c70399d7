"""What a scheduler has done every few minutes: everything that nobody is waiting for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prequal.services.delivery import Delivery
from prequal.services.digests import Digests
from prequal.services.follow_up import FollowUp
from prequal.services.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """Finishes what is due. `form` is the document of the form in use, kept for whoever reads its leads later.

    `digests` is None where nobody wants any.
    """

    store: Store
    form: Mapping[str, Any]
    follow_up: FollowUp
    digests: Digests | None
    delivery: Delivery

    def sweep(self) -> dict[str, int]:
        """Do one round; return how much of each there was. Any number may do this at once.

        Raises:
            StoreUnavailableError: the next round finishes what this one left.

        """
        self.store.save_form(self.form)
        followed_up = self.follow_up.sweep()
        if self.digests:
            self.digests.sweep()
        return {**followed_up, **self.delivery.sweep()}
