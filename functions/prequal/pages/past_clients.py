"""Pages of the questionnaire, which past clients reach by a private link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from prequal.core.errors import InvalidAnswersError
from prequal.core.past_client import questionnaire
from prequal.core.text import N_
from prequal.pages.headers import NO_REFERRER
from prequal.pages.paths import FormPaths
from prequal.pages.site import Site
from prequal.pages.views import FormView, form_view
from prequal.pages.wording import catalogue

_WHY = N_("Why did you choose us?")
_WHY_HELP = N_("In your own words: what spoke for us, and what nearly kept you away.")
_CONSENT = N_("I agree that you keep my answers to find more clients like me, as the privacy note says.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _QuestionnairePaths(FormPaths):
    #: The path of the link.
    link: str

    @property
    def submissions(self) -> str:
        return self.link

    def in_language(self, language: str) -> str:
        return f"{self.link}/{language}"

    def thanks(self, language: str, *, framed: bool = False) -> str:  # noqa: ARG002, it is never in a frame
        return f"{self.in_language(language)}/thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireSite(Site):
    """Renderer of the questionnaire's pages, which are at the function's address."""

    #: The path of the link.
    link: str

    @classmethod
    def of(cls, site: Site, link: str) -> QuestionnaireSite:
        """Return the questionnaire of a form with the looks of its site. The link is proof enough of a person."""
        known = {field.name: getattr(site, field.name) for field in fields(Site)}
        return cls(**{**known, "form": questionnaire(site.form), "frames": (), "turnstile_key": ""}, link=link)

    @property
    def paths(self) -> _QuestionnairePaths:
        """The paths of its pages, and of those of the site around them."""
        return _QuestionnairePaths(form=self.form, is_main=self.is_main, is_copy=self.is_copy, link=self.link)

    def answer_headers(self, *, framed: bool = False) -> Mapping[str, str]:
        """Return the headers of its pages, whose address is a secret."""
        return {**Site.answer_headers(self, framed=framed), "Referrer-Policy": NO_REFERRER}

    def landing(
        self,
        language: str,
        sent: Mapping[str, Any] | None = None,
        errors: InvalidAnswersError | None = None,
        *,
        trouble: bool = False,
        framed: bool = False,  # noqa: ARG002, it is never in a frame
    ) -> str:
        """Render the questionnaire, as the landing page of a site."""
        view = self._view(language, sent, self.messages(errors, language) if errors else {})
        return self._page(
            "questionnaire.html",
            language,
            path=lambda code: self.function_url + self.paths.in_language(code),
            form=view,
            errors=[{"id": field.id, "label": field.label} for field in view.fields if field.errors],
            outdated=errors is not None and errors.outdated,
            trouble=trouble,
            scripted=not self.function_url,  # browsers load a module of another origin only with its leave
        )

    def thanked(self, language: str) -> str:
        """Render the page after the questionnaire."""
        return self._page(
            "notice.html",
            language,
            path=lambda code: self.function_url + self.paths.thanks(code),
            title=N_("Thank you. Your answers have arrived."),
            text=N_(
                "They show us for whom we do good work. To correct something, open the link again: what you send last "
                "counts."
            ),
        )

    def thanks_address(self, language: str, *, framed: bool = False) -> str:
        """Return the address that a submission leads to, on the same host."""
        return self.paths.thanks(language, framed=framed)

    def _view(self, language: str, sent: Mapping[str, Any] | None, messages: Mapping[str, Sequence[str]]) -> FormView:
        view, translate = form_view(self.form, language, sent, messages), catalogue(language, self.form.voice).gettext
        *questions, why = view.questions
        return replace(
            view,
            questions=[*questions, replace(why, label=translate(_WHY), help=translate(_WHY_HELP))],
            consent=replace(view.consent, label=translate(_CONSENT)),
        )
