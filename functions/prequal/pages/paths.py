"""Paths of a form's pages, and of its submissions."""

from __future__ import annotations

from dataclasses import dataclass

from prequal.core.form import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPaths:
    """The paths of one form: in a folder named after it, or for the main form at the root of the site."""

    form: Form
    is_main: bool = True
    #: Whether these pages repeat those at the root, which search engines are to name.
    is_copy: bool = False

    def home(self, language: str) -> str:
        """Return the path of the landing page; the default language has no folder of its own."""
        return _home(self.form, language, "/" if self.is_main else f"/{self.form.id}/")

    def canonical_home(self, language: str) -> str:
        """Return the path of the landing page that search engines are to name."""
        return _home(self.form, language, "/") if self.is_copy else self.home(language)

    def thanks(self, language: str, *, framed: bool = False) -> str:
        """Return the path of the thank-you page, or of that in a frame."""
        return f"{self.frame(language) if framed else self.home(language)}thanks/"

    def frame(self, language: str) -> str:
        """Return the path of the page that other sites show in a frame; that of its thank-you page begins alike."""
        return f"{self.home(language)}embed/"

    def privacy(self, language: str) -> str:
        """Return the path of the privacy note."""
        return f"{self.home(language)}privacy/"

    @property
    def submissions(self) -> str:
        """The path that takes submissions."""
        return "/api/leads" if self.is_main else f"/api/leads/{self.form.id}"

    def find_language(self, path: str) -> str | None:
        """Return the language of a page of this form, or None for another page."""
        homes = {self.home(language): language for language in self.form.languages}
        found = [home for home in homes if path.startswith(home)]
        return homes[max(found, key=len)] if found else None


def _home(form: Form, language: str, folder: str) -> str:
    return folder if language == form.default_language else f"{folder}{language}/"
