"""Pages of the site, both those that are built beforehand and those with which the function answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from enum import Enum
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from markupsafe import Markup

from prequal.core.errors import InvalidAnswersError
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.network import is_this_machine
from prequal.core.text import N_
from prequal.pages.headers import CAPTCHA_ORIGIN, NO_REFERRER, page_headers
from prequal.pages.paths import FormPaths
from prequal.pages.templating import render
from prequal.pages.views import FormView, form_view
from prequal.pages.wording import (
    catalogue,
    date,
    duration,
    filled,
    invitation_subject,
    language_name,
    language_tag,
    placeholders,
)


class Notice(Enum):
    """A page for one message: its title, and a sentence on what to do."""

    EXPIRED = (
        N_("This link has expired"),
        N_("It worked for a limited time. If you still want to talk, reply to our mail, and we will send a new one."),
    )
    EXPIRED_FOR_CLIENTS = (
        N_("This link has expired"),
        N_("It worked for a limited time. Write to us, and we will send you a new one."),
    )
    DECLINED = (
        N_("This link no longer works"),
        N_("If you have a question, reply to our mail."),
    )
    DISOWNED = (
        N_("Thank you for telling us"),
        N_("The invitation is gone, and nothing more will be sent to this address."),
    )
    UNKNOWN_LINK = (
        N_("This link isn’t recognised"),
        N_("Perhaps it was cut off on its way. Open it from the mail once more, or copy the whole address."),
    )
    NOT_FOUND = (N_("This page doesn’t exist"), N_("The address may be mistyped, or the page has moved."))
    NOT_UNDERSTOOD = (
        N_("That couldn’t be read"),
        N_("What arrived was not what the form sends. Open the form again and fill it in there."),
    )
    TOO_LARGE = (N_("That is too long"), N_("Go back, shorten what you wrote, then send it again."))
    TROUBLE = (N_("Something isn’t working here"), N_("Nothing of yours is lost. Try again in a minute."))


# The font that a page needs at once, where its style names it: the text must not change its face.
_FONT, _FONTS = "headline.woff2", {"ru": "headline-cyrillic.woff2"}
_NOTICES = {404: Notice.NOT_FOUND, 413: Notice.TOO_LARGE}
_PROBLEMS = {
    405: (N_("That isn’t possible here"), N_("Use one of the methods that the Allow header names.")),
    415: (N_("That couldn’t be read"), N_("Send application/json or application/x-www-form-urlencoded.")),
    422: (
        N_("Something is missing or unclear"),
        N_("Correct the fields named in “errors”, then send all of it again."),
    ),
    429: (N_("That was quick"), N_("Wait as long as the Retry-After header says, then send the same again.")),
}
_OUTDATED = (
    N_("The form has changed in the meantime"),
    N_("Answer the fields named in “errors” as the form asks now, then send all of it again."),
)


def notice_of(status: int) -> Notice:
    """Return the notice for an HTTP status that is an error."""
    return _NOTICES.get(status, Notice.TROUBLE if status >= 500 else Notice.NOT_UNDERSTOOD)  # noqa: PLR2004, 5xx is ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Renderer of a form's pages."""

    form: Form
    #: Whether its pages are at the root of the site, and not in a folder that is named after the form.
    is_main: bool = True
    #: Whether the same pages are at the root as well.
    is_copy: bool = False
    #: The owner's texts, by language.
    content: Mapping[str, Mapping[str, Any]]
    #: Paths of the assets, by file name.
    assets: Mapping[str, str]
    public_url: str
    #: The function's origin, or empty where the site's own host forwards requests to it.
    function_url: str = ""
    #: The sender of all mail; empty where it isn't known.
    sender: str = ""
    #: An SVG, or empty.
    picture: str = ""
    #: The site key of a Turnstile widget, or empty.
    turnstile_key: str = ""
    #: The origins of the sites that may show the form in a frame.
    frames: Sequence[str] = ()

    @property
    def paths(self) -> FormPaths:
        """The paths of its pages."""
        return FormPaths(form=self.form, is_main=self.is_main, is_copy=self.is_copy)

    @property
    def thanks_origins(self) -> Collection[str]:
        """The origins of the owner's own thank-you pages."""
        pages = (urlsplit(address) for address in (self.form.thanks_url or {}).values())
        return {f"{page.scheme}://{page.netloc}" for page in pages} - {self.public_url}

    def answer_headers(self, *, framed: bool = False) -> Mapping[str, str]:
        """Return the headers of a page with which the function answers, in a frame or not."""
        return page_headers(
            site=self._root,
            leads_to=sorted(self.thanks_origins),
            captcha=bool(self.turnstile_key),
            frames=self.frames if framed else (),
        )

    def invitation_headers(self, schemes: Collection[str]) -> Mapping[str, str]:
        """Return the headers of the page of a booking link, whose form leads to a booking page of these schemes."""
        leads_to = [f"{scheme}:" for scheme in sorted(schemes)]
        return {**page_headers(site=self._root, leads_to=leads_to), "Referrer-Policy": NO_REFERRER}

    @property
    def _root(self) -> str:
        # Pages that come from another origin need absolute addresses for their links and assets.
        return self.public_url if self.function_url else ""

    def landing(
        self,
        language: str,
        sent: Mapping[str, Any] | None = None,
        errors: InvalidAnswersError | None = None,
        *,
        trouble: bool = False,
        framed: bool = False,
    ) -> str:
        """Render the landing page, with the values that were sent and their errors, or with a notice of our trouble.

        `framed`: render the page for a frame, which has the form alone.
        """
        messages = self.messages(errors, language) if errors else {}
        view = form_view(self.form, language, sent, messages)
        return self._page(
            "framed_form.html" if framed else "page.html",
            language,
            framed=framed,
            form=view,
            errors=_summary(view),
            outdated=errors is not None and errors.outdated,
            trouble=trouble,
            # The script reads other pages of the site, which another origin may not.
            scripted=not self.function_url or not (errors or trouble),
            picture=self._picture(language),
            captcha_origin=CAPTCHA_ORIGIN,
        )

    def _picture(self, language: str) -> Markup:
        """Return the picture with the owner's words in it."""
        picture = Markup(self.picture)  # noqa: S704, the owner's own file
        for name, word in self.content[language]["hero"].get("picture", {}).items():
            picture = picture.replace(f"{{{name}}}", word)
        return picture

    def block(self, language: str) -> str:
        """Render the form as a block for the pages of other sites, with every address in full."""
        site = replace(self, function_url=self.function_url or self.public_url)
        return site._page(  # noqa: SLF001, of the same class
            "block.html",
            language,
            in_block=True,
            form=form_view(self.form, language),
            trouble=False,
            scripted=True,
            captcha_origin=CAPTCHA_ORIGIN,
        )

    def thanks(self, language: str, *, framed: bool = False) -> str:
        """Render the thank-you page, the same for everybody."""
        words = filled(self.content[language].get("invitation", {}), placeholders(self.form, language))
        return self._page(
            "thanks.html",
            language,
            path=self.paths.thanks,
            framed=framed,
            sender=[part for part in parseaddr(self.sender) if part],
            subject=invitation_subject(words, self.form.business.name, language),
        )

    def thanks_address(self, language: str, *, framed: bool = False) -> str:
        """Return the address that a submission leads to: of the owner's own page, if there is one."""
        own = self.form.thanks_url
        return own[language] if own else self.public_url + self.paths.thanks(language, framed=framed)

    def privacy(self, language: str) -> str:
        """Render the privacy note, with the form's questions and the retention of their answers."""
        view = form_view(self.form, language)
        return self._page(
            "privacy.html",
            language,
            path=self.paths.privacy,
            questions=view.questions,
            contact=[field.id for field in view.contact],
            asks_consent=self.form.asks_consent,
            counts_visits=self.form.counts_visits,
            kept={
                "qualified": duration(self.form.qualified_days, language),
                "unqualified": duration(self.form.unqualified_days, language),
            },
        )

    def invitation(self, lead: Lead, path: str, language: str) -> str:
        """Render the page of a booking link at a path: a button that leads to the booking page, and one to refuse."""
        if lead.invitation is None:
            raise ValueError("a lead without an invitation has no link")
        # The last whole day, as in the mail.
        expires_on = date(lead.invitation.expires_at - timedelta(days=1), language)
        return self._page("invitation.html", language, link=path, expires_on=expires_on)

    def problem(self, status: int, language: str, *, outdated: bool = False) -> tuple[str, str]:
        """Return the title of an HTTP status, and a sentence on what to do.

        `outdated`: the answers are to another version of the form.
        """
        title, detail = _OUTDATED if outdated else _PROBLEMS.get(status, notice_of(status).value)
        translate = catalogue(language, self.form.voice).gettext
        return translate(title), translate(detail)

    def notice(self, notice: Notice, language: str) -> str:
        """Render a notice."""
        title, text = notice.value
        return self._page("notice.html", language, title=title, text=text)

    def messages(self, errors: InvalidAnswersError, language: str) -> dict[str, Sequence[str]]:
        """Return the messages of invalid answers, by field, in a language."""
        translate = catalogue(language, self.form.voice).gettext
        return {field: [message.translate(translate) for message in found] for field, found in errors.errors.items()}

    def _page(
        self,
        template: str,
        language: str,
        path: Callable[[str], str] | None = None,
        *,
        framed: bool = False,
        in_block: bool = False,
        **values: object,
    ) -> str:
        """Render a page that is at a path in each language; without `path`, at that of the landing page."""
        paths, path = self.paths, path or self.paths.home
        own_thanks = self.form.thanks_url
        # The owner's thank-you page belongs in the window around a frame.
        leaves_frame = framed and own_thanks is not None
        return render(
            template,
            lang=language,
            voice=self.form.voice,
            root=self._root,
            asset=lambda name: self._root + self.assets[name],
            font=font if (font := _FONTS.get(language, _FONT)) in self.assets else None,
            in_full=partial(urljoin, self.public_url),
            content=filled(self.content[language], placeholders(self.form, language)),
            business=asdict(self.form.business),
            privacy=self._privacy_url(language),
            languages=[
                {
                    "code": code,
                    "name": language_name(code),
                    "tag": language_tag(code),
                    "href": urljoin(self._root, path(code)),
                    "canonical": self.public_url + paths.canonical_home(code),
                    "current": code == language,
                }
                for code in self.form.languages
            ],
            home=self._root + paths.home(language),
            canonical=self.public_url + paths.canonical_home(language),
            canonical_default=self.public_url + paths.canonical_home(self.form.default_language),
            action=self.function_url + paths.submissions + "?frame" * (framed and not leaves_frame),
            thanks=own_thanks[language] if own_thanks else self._root + paths.thanks(language, framed=framed),
            framed=framed,
            in_block=in_block,
            layout="frame.html" if framed else "base.html",
            leaves_frame=leaves_frame,
            frames=" ".join(self.frames),
            function_url=self.function_url,
            turnstile_key=self.turnstile_key,
            **values,
        )

    def _privacy_url(self, language: str) -> str:
        """Return the address of the privacy note, in the reader's language if it is a page of this site.

        A site on the owner's machine counts as the one that will be at the business's address.
        """
        business, own = self.form.business, self.paths.privacy
        is_local = is_this_machine(urlsplit(self.public_url).hostname or "")
        site = business.url.rstrip("/") if is_local else self.public_url
        at_root = FormPaths(form=self.form).privacy
        notes = [f"{site}{path(self.form.default_language)}".rstrip("/") for path in (own, at_root)]
        return self._root + own(language) if business.privacy_url.rstrip("/") in notes else business.privacy_url


def headers_by_path(sites: Sequence[Site]) -> Mapping[str, Mapping[str, str]]:
    """Return the headers with which a host serves the pages of all forms, by the beginning of a page's path.

    That is `/`, and longer ones, of the pages that other sites may show in a frame.
    """
    main = sites[0]
    headers = partial(
        page_headers,
        function=main.function_url,
        leads_to=sorted({origin for site in sites for origin in site.thanks_origins}),
        captcha=bool(main.turnstile_key),
    )
    frames = [site.paths.frame(language) for site in sites for language in site.form.languages if main.frames]
    return {"/": headers(), **{path: headers(frames=main.frames) for path in frames}}


def _summary(form: FormView) -> list[dict[str, str]]:
    return [{"id": field.id, "label": field.label} for field in form.fields if field.errors]
