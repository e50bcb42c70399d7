"""The form by which each lead is handled: its own as long as that is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.services.ports import FormArchive


@dataclass(slots=True, kw_only=True)
class LeadForms:
    """The forms in use, and those that leads answered before."""

    #: By their ids, the main one first.
    in_use: Mapping[str, Form]
    archive: FormArchive
    #: Forms by version, once they are loaded.
    _archived: Mapping[str, Form] | None = field(default=None, init=False)

    @property
    def main(self) -> Form:
        """The form whose page is at the root of the site."""
        return next(iter(self.in_use.values()))

    def load(self, form_id: str = "") -> None:
        """Read the archive once, unless this form is in use. No change of the store may be under way."""
        if self._archived is None and form_id not in self.in_use:
            self._archived = self.archive.load_forms()

    def of(self, lead: Lead) -> Form:
        """Return the form in use of a lead, else the version that it answered, if loaded, else the main form."""
        return self.in_use.get(lead.form_id) or (self._archived or {}).get(lead.form_version) or self.main
