"""Settings, read from the environment: each is declared once, and all faults are reported together, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, Generic, Self, TypeVar, overload

from prequal.config import parsers
from prequal.config.parsers import FirestoreStore, Outbox, SettingError, Smtp, SqliteStore
from prequal.core.booking_page import parse_booking_url
from prequal.core.errors import SettingsError
from prequal.core.web_address import AddressError

__all__ = ["FirestoreStore", "Outbox", "Settings", "Smtp", "SqliteStore"]

_Value_co = TypeVar("_Value_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Setting(Generic[_Value_co]):
    """The declaration of a setting. In a class of settings it is an attribute that has the setting's value."""

    name: str
    parse: Callable[[str], _Value_co]
    #: The description in docs/reference/settings.md, in Markdown.
    help: str
    _: KW_ONLY
    #: The text that is parsed where the setting is missing; None where it must be set.
    default: str | None = None
    #: The name of a setting without which that one must be set.
    fallback: str = ""
    #: Whether the deployed functions read it, not only the owner's commands.
    deployed: bool = True

    def requiring(self, condition: Callable[[_Value_co], bool], fault: str) -> Setting[_Value_co]:
        """Return a stricter declaration, by which a value that doesn't meet the condition has a fault."""

        def parse(text: str) -> _Value_co:
            value = self.parse(text)
            if not condition(value):
                raise SettingError(fault)
            return value

        return replace(self, parse=parse)

    def read(self, environ: Mapping[str, str]) -> _Value_co:
        """Return the value in an environment; SettingError with a sentence that begins with the name."""
        given = (environ.get(name, "").strip() for name in (self.name, self.fallback))
        text = next(filter(None, given), self.default)
        if text is None:
            raise SettingError(f"{self.name} is missing: set it.")
        try:
            return self.parse(text)
        except (SettingError, AddressError) as error:
            raise SettingError(f"{self.name} {error}.") from error

    @overload
    def __get__(self, settings: None, kind: type) -> Self: ...
    @overload
    def __get__(self, settings: Settings, kind: type) -> _Value_co: ...
    def __get__(self, settings: Settings | None, kind: type) -> object:
        return self if settings is None else settings.values[self.name]


class Settings:
    """The values of some settings, or of all that the deployed functions read."""

    form = Setting(
        "PREQUAL_FORM",
        parsers.parse_form,
        "the form file, or [a folder of them](../how-to/several-forms.md)",
        default="schema/form.yaml",
        deployed=False,
    )
    store = Setting(
        "PREQUAL_STORE",
        parsers.parse_store,
        "the store of leads: `sqlite:PATH`, `firestore:PROJECT` or `firestore:PROJECT/DATABASE`. "
        "`FIRESTORE_EMULATOR_HOST` is honoured",
        default="sqlite:.prequal/prequal.db",
    )
    mail = Setting(
        "PREQUAL_MAIL",
        parsers.parse_mail,
        "`outbox:FOLDER` for a folder of `.eml` files, or `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://…`",
        default="outbox:.prequal/outbox",
    )
    sender = Setting(
        "PREQUAL_SENDER", parsers.parse_mailbox, "the sender of all mail: `Studio North <hello@studio.example>`"
    )
    owner = Setting(
        "PREQUAL_OWNER",
        parsers.optional(parsers.parse_mailbox),
        "the address for briefs, digests, and the link that signs in to the desk; none are sent when unset",
        default="",
    )
    zone = Setting(
        "PREQUAL_ZONE",
        parsers.parse_zone,
        "your time zone, such as `Europe/Oslo`, in which mails to you, the digest, the desk and the report give days "
        "and times, in the style of its country. When unset, this machine's for your commands, UTC in the cloud and in "
        "`prequal serve`",
        default="",
    )
    briefs = Setting(
        "PREQUAL_BRIEFS",
        parsers.parse_briefs,
        "the leads of which you get [a brief](../how-to/before-the-call.md): `qualified`; `near`, also those that "
        "only just don't qualify; or `all`",
        default="qualified",
    )
    booking_url = Setting(
        "PREQUAL_BOOKING_URL",
        parse_booking_url,
        "your booking page: `https://cal.com/studio/intro?name={name}&email={email}&metadata[lead]={lead}`; "
        "[others by rule](../how-to/booking-pages.md) are in the form file",
    )
    public_url = Setting(
        "PREQUAL_PUBLIC_URL", parsers.parse_origin, "the address of the site", default="http://localhost:8080"
    )
    function_origin = Setting(
        "PREQUAL_FUNCTION_URL",
        parsers.optional(parsers.parse_origin),
        "the address of the function, if [the site's host can't forward to it]"
        "(../how-to/other-hosts.md#a-host-that-leads-nowhere); when unset, the site's",
        default="",
    )
    given_desk_origin = Setting(
        "PREQUAL_DESK_URL",
        parsers.optional(parsers.parse_origin),
        "the address at which [the desk](../how-to/desk.md#from-anywhere) is reached, if that is neither the "
        "function's nor the site's",
        default="",
    )
    secret = Setting(
        "PREQUAL_SECRET",
        parsers.parse_secrets,
        "the secret that signs booking links. Several are separated by commas: the first signs, all verify. Like every "
        "secret, each has 16 characters or more, except in `prequal dev`",
    )
    secret_file = Setting(
        "PREQUAL_SECRET_FILE", parsers.read_secret_file, "a file with the secrets, instead of `PREQUAL_SECRET`"
    )
    origins = Setting(
        "PREQUAL_ORIGINS", parsers.parse_origins, "other sites whose scripts may post, separated by commas", default=""
    )
    frames = Setting(
        "PREQUAL_FRAMES",
        parsers.parse_origins,
        "other sites that may show the form [in a frame](../how-to/embed.md#a-frame), separated by commas",
        default="",
    )
    given_hops = Setting(
        "PREQUAL_HOPS",
        parsers.parse_hops,
        "how many trusted proxies append to `X-Forwarded-For`, whose entry from the right is the visitor's address, by "
        "which submissions are limited. When unset, `2` behind Firebase Hosting, `1` with `PREQUAL_FUNCTION_URL` and "
        "in `prequal serve`. `0` where visitors call the function itself "
        "([other hosts](../how-to/other-hosts.md#the-visitors-address))",
        default="",
    )
    cal_secret = Setting(
        "PREQUAL_CAL_SECRET",
        parsers.optional(parsers.parse_secret),
        "the secret of your webhook at Cal.com; when unset, [its requests](../how-to/appointments.md) are refused",
        default="",
    )
    calendly_secret = Setting(
        "PREQUAL_CALENDLY_SECRET",
        parsers.optional(parsers.parse_secret),
        "the signing key of your webhook at Calendly",
        default="",
    )
    savvycal_secret = Setting(
        "PREQUAL_SAVVYCAL_SECRET",
        parsers.optional(parsers.parse_secret),
        "the secret of your webhook at SavvyCal",
        default="",
    )
    webhooks = Setting(
        "PREQUAL_WEBHOOKS",
        parsers.parse_webhooks,
        "addresses that get [each event as JSON](../how-to/webhooks.md), separated by spaces",
        default="",
    )
    webhook_secret = Setting(
        "PREQUAL_WEBHOOK_SECRET",
        parsers.optional(parsers.parse_webhook_secret),
        "the secret that signs events: `whsec_` and a key in base64, or another text",
        default="",
    )
    turnstile_key = Setting(
        "PREQUAL_TURNSTILE_KEY",
        parsers.optional(parsers.parse_site_key),
        "the site key of a [Turnstile](../how-to/operate.md#turnstile) widget: with it and its secret, nobody is "
        "invited by score alone whom Cloudflare doesn't take for a person",
        default="",
    )
    turnstile_secret = Setting(
        "PREQUAL_TURNSTILE_SECRET",
        parsers.optional(parsers.parse_secret),
        "the secret key of the same widget",
        default="",
    )
    beat = Setting(
        "PREQUAL_BEAT",
        parsers.parse_milliseconds,
        "milliseconds: a submission is answered at a multiple of them after it came, so that the time of the answer "
        "does not reveal who is qualified. `0` turns this off",
        default="50",
    )
    region = Setting(
        "PREQUAL_REGION",
        parsers.parse_region,
        "the Google Cloud region of everything that is deployed",
        default="europe-west1",
        deployed=False,
    )
    alerts = Setting(
        "PREQUAL_ALERTS",
        parsers.parse_mailbox,
        "the address for the cloud's alerts",
        fallback=owner.name,
        deployed=False,
    )

    __slots__ = ("values",)

    def __init__(self, environ: Mapping[str, str], *only: Setting[object]) -> None:
        """Read only some settings, or else those of the functions; SettingsError with every fault."""
        self.values: dict[str, Any] = {}
        faults = []
        for setting in only or self.needed(environ):
            try:
                self.values[setting.name] = setting.read(environ)
            except SettingError as error:
                faults.append(str(error))
        faults += self._half_pairs()
        if faults:
            raise SettingsError(faults)

    def _half_pairs(self) -> Iterator[str]:
        """Yield a fault if a setting is useless without another. A page alone is built without Turnstile's secret."""
        key, secret = Settings.turnstile_key.name, Settings.turnstile_secret.name
        for missing, given in (
            (key, secret),
            (secret, key),
            (Settings.webhook_secret.name, Settings.webhooks.name),
        ):
            if self.values.get(given) and self.values.get(missing) == "":
                yield f"{missing} is missing: set it as well, or leave out {given}."

    @classmethod
    def declared(cls) -> Sequence[Setting[object]]:
        """Return all declarations in the order of the reference."""
        return [getattr(cls, name) for name, value in vars(Settings).items() if isinstance(value, Setting)]

    @classmethod
    def needed(cls, environ: Mapping[str, str]) -> Sequence[Setting[object]]:
        """Return the settings that the functions read in an environment."""
        unused = cls.secret if environ.get(cls.secret_file.name) else cls.secret_file
        return [setting for setting in cls.declared() if setting.deployed and setting is not unused]

    @property
    def function_url(self) -> str:
        """The address of the function; empty where the site's host leads to it."""
        return "" if self.function_origin == self.public_url else self.function_origin

    @property
    def desk_origin(self) -> str:
        """The address of the host that leads to the owner's desk."""
        return self.given_desk_origin or self.function_url or self.public_url

    @property
    def desk_url(self) -> str:
        """The address of the owner's desk, from anywhere, without a slash at its end."""
        return f"{self.desk_origin}/desk"

    @property
    def hops(self) -> int:
        """The number of trusted proxies: Cloud Run's front end, and the site's host unless the page posts past it."""
        return (1 if self.function_url else 2) if self.given_hops is None else self.given_hops

    @property
    def secrets(self) -> Sequence[str]:
        """The secrets of the booking links."""
        return self.secret_file if Settings.secret_file.name in self.values else self.secret


def check(environ: Mapping[str, str], kind: type[Settings] = Settings) -> None:
    """Raise SettingsError with every fault of the settings that are set; a missing setting is no fault."""
    given = [setting for setting in kind.declared() if environ.get(setting.name, "").strip()]
    if given:
        kind(environ, *given)


def read_form(environ: Mapping[str, str]) -> Path:
    """Return the path of the form file, whether or not it exists."""
    return Path(environ.get(Settings.form.name, "").strip() or str(Settings.form.default))
