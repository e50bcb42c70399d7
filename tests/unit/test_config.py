"""Settings from the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from prequal.config import cloud, local, settings
from prequal.config.settings import FirestoreStore, Outbox, Settings, Smtp, SqliteStore
from prequal.core.errors import SettingsError
from prequal.core.form import Business
from prequal.core.near_miss import Briefs

if TYPE_CHECKING:
    from click.testing import Result


NEEDED = {
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro?name={name}&email={email}&metadata[lead]={lead}",
    "PREQUAL_SECRET": "a new long secret, an old long secret",
}


def fault(**changes: str) -> str:
    """Return the only fault of otherwise valid settings."""
    with pytest.raises(SettingsError) as refusal:
        settings.Settings({**NEEDED, **changes})
    (found,) = refusal.value.faults
    return found


def test_defaults() -> None:
    """A setting that is not set has its documented default."""
    read = settings.Settings(NEEDED)
    expected = {
        "store": SqliteStore(path=Path(".prequal/prequal.db")),
        "mail": Outbox(folder=Path(".prequal/outbox")),
        "sender": "Studio North <hello@studio.example>",
        "owner": "",
        "zone": None,
        "briefs": Briefs.QUALIFIED,
        "booking_url": NEEDED["PREQUAL_BOOKING_URL"],
        "public_url": "http://localhost:8080",
        "function_url": "",
        "given_desk_origin": "",
        "secrets": ["a new long secret", "an old long secret"],
        "origins": frozenset(),
        "frames": frozenset(),
        "cal_secret": "",
        "calendly_secret": "",
        "savvycal_secret": "",
        "beat": 0.05,
        "given_hops": None,
        "turnstile_key": "",
        "turnstile_secret": "",
        "webhooks": [],
        "webhook_secret": "",
    }
    assert {name: getattr(read, name) for name in expected} == expected
    assert len(read.values) == len(expected)
    assert settings.read_form({}) == Path("schema/form.yaml")
    assert Settings({}, Settings.store).store == SqliteStore(path=Path(".prequal/prequal.db"))
    assert Settings({}, Settings.region).region == "europe-west1"


def test_everything_can_be_set(tmp_path: Path) -> None:
    """Every setting is read."""
    secret = tmp_path / "secret"
    secret.write_text("a secret from a file\n")

    read = settings.Settings(
        {
            **NEEDED,
            "PREQUAL_STORE": "sqlite:/srv/leads.db",
            "PREQUAL_MAIL": "smtps://studio:p%40ss%3Aword@mail.example?uncertain=hold",
            "PREQUAL_OWNER": "owner@studio.example",
            "PREQUAL_BRIEFS": "near",
            "PREQUAL_PUBLIC_URL": "https://studio.example/",
            "PREQUAL_FUNCTION_URL": "https://function.example/",
            "PREQUAL_SECRET_FILE": str(secret),
            "PREQUAL_ORIGINS": "https://a.example, https://b.example:8443",
            "PREQUAL_FRAMES": "https://c.example https://blüte.example",
            "PREQUAL_CAL_SECRET": "the secret of Cal.com",
            "PREQUAL_CALENDLY_SECRET": "the secret of Calendly",
            "PREQUAL_SAVVYCAL_SECRET": "the secret of SavvyCal",
            "PREQUAL_BEAT": "0",
            "PREQUAL_HOPS": "3",
            "PREQUAL_ZONE": "Europe/Oslo",
        }
    )

    assert read.store == SqliteStore(path=Path("/srv/leads.db"))
    assert read.mail == Smtp(
        host="mail.example", port=465, login="studio", password="p@ss:word", encryption="implicit", uncertain="hold"
    )
    assert (read.owner, read.briefs, read.public_url, read.function_url, read.secrets) == (
        "owner@studio.example",
        Briefs.NEAR,
        "https://studio.example",
        "https://function.example",
        ["a secret from a file"],
    )
    assert read.origins == {"https://a.example", "https://b.example:8443"}
    assert read.frames == {"https://c.example", "https://xn--blte-1ra.example"}
    assert (read.cal_secret, read.calendly_secret, read.savvycal_secret) == (
        "the secret of Cal.com",
        "the secret of Calendly",
        "the secret of SavvyCal",
    )
    assert (read.beat, read.hops, read.zone) == (0, 3, ZoneInfo("Europe/Oslo"))


def test_the_sites_own_address_is_no_separate_function() -> None:
    """The site's own address as that of the function is the same as none."""
    both = {"PREQUAL_PUBLIC_URL": "https://studio.example", "PREQUAL_FUNCTION_URL": "https://studio.example/"}

    assert settings.Settings({**NEEDED, **both}).function_url == ""
    assert Settings(both, Settings.public_url, Settings.function_origin).function_url == ""


def test_the_desk_is_where_the_function_is() -> None:
    """The desk is at the function's address, which is the site's by default, unless it has one of its own."""
    site, function = {"PREQUAL_PUBLIC_URL": "https://a.example"}, {"PREQUAL_FUNCTION_URL": "https://b.example/"}
    desk = {"PREQUAL_DESK_URL": "https://c.example/"}

    assert settings.Settings({**NEEDED, **site}).desk_url == "https://a.example/desk"
    assert settings.Settings({**NEEDED, **site, **function}).desk_url == "https://b.example/desk"
    assert settings.Settings({**NEEDED, **site, **function, **desk}).desk_url == "https://c.example/desk"


def test_the_desk_in_the_cloud_is_where_a_host_leads_to_it() -> None:
    """In the cloud the desk is a function of its own, to which the site at Firebase leads if the site's host can't."""
    given = {
        **NEEDED,
        "PREQUAL_STORE": "firestore:studio-north",
        "PREQUAL_MAIL": "smtps://smtp.example",
        "PREQUAL_ALERTS": "owner@studio.example",
        "PREQUAL_PUBLIC_URL": "https://studio.example",
    }
    function = {"PREQUAL_FUNCTION_URL": "https://function.example"}

    assert cloud.read(given).desk_url == "https://studio.example/desk"
    assert cloud.read({**given, **function}).desk_url == "https://studio-north.web.app/desk"
    assert (
        cloud.read({**given, **function, "PREQUAL_DESK_URL": "https://a.example"}).desk_url == "https://a.example/desk"
    )


SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TURNSTILE = {"PREQUAL_TURNSTILE_KEY": "0x4AAA-studio_north", "PREQUAL_TURNSTILE_SECRET": "the secret of the widget"}


def test_webhooks_need_a_secret() -> None:
    """Addresses without a secret are a fault, and a secret alone is none. Each address counts once."""
    hooks = "https://n8n.example/webhook/a?b=c  http://localhost:5678/x https://n8n.example/webhook/a?b=c"
    read = settings.Settings({**NEEDED, "PREQUAL_WEBHOOKS": hooks, "PREQUAL_WEBHOOK_SECRET": SIGNING})

    assert (read.webhooks, read.webhook_secret) == (hooks.split()[:2], SIGNING)
    assert fault(PREQUAL_WEBHOOKS=hooks) == (
        "PREQUAL_WEBHOOK_SECRET is missing: set it as well, or leave out PREQUAL_WEBHOOKS."
    )
    assert settings.Settings({**NEEDED, "PREQUAL_WEBHOOK_SECRET": "any text that is long"}).webhooks == []
    assert Settings({"PREQUAL_WEBHOOKS": hooks}, Settings.webhooks).webhooks == hooks.split()[:2]


def test_turnstile_needs_both_settings() -> None:
    """One of the two is a fault, by the name of the other; the page alone is built with the key."""
    both = settings.Settings({**NEEDED, **TURNSTILE})
    key_alone, secret_alone = ({name: TURNSTILE[name]} for name in TURNSTILE)

    assert (both.turnstile_key, both.turnstile_secret) == tuple(TURNSTILE.values())
    assert fault(**key_alone) == (
        "PREQUAL_TURNSTILE_SECRET is missing: set it as well, or leave out PREQUAL_TURNSTILE_KEY."
    )
    assert fault(**secret_alone).startswith("PREQUAL_TURNSTILE_KEY is missing: set it as well")
    assert Settings(key_alone, Settings.turnstile_key).turnstile_key == TURNSTILE["PREQUAL_TURNSTILE_KEY"]


def test_unset_hops_are_those_of_the_cloud() -> None:
    """Cloud Run's front end is one trusted proxy; the site's host is another, unless the page posts past it."""
    past_it = {"PREQUAL_PUBLIC_URL": "https://studio.example", "PREQUAL_FUNCTION_URL": "https://function.example"}

    assert settings.Settings(NEEDED).hops == 2
    assert settings.Settings({**NEEDED, **past_it}).hops == 1
    assert settings.Settings({**NEEDED, **past_it, "PREQUAL_HOPS": "0"}).hops == 0


@pytest.mark.parametrize(
    ("mail", "port", "encryption"),
    [
        ("smtp://mail.example", 587, "starttls"),
        ("smtp://mail.example:2525", 2525, "starttls"),
        ("smtp://localhost:1025?tls=none", 1025, "none"),
        ("smtp://127.0.0.1:1025?tls=none", 1025, "none"),
        ("smtp://[::1]:1025?tls=none", 1025, "none"),
    ],
)
def test_mail_is_encrypted_except_on_this_machine(mail: str, port: int, encryption: str) -> None:
    """STARTTLS is required unless tls=none is set for a loopback address."""
    read = Settings({"PREQUAL_MAIL": mail}, Settings.mail).mail

    assert isinstance(read, Smtp)
    assert (read.port, read.encryption, read.uncertain) == (port, encryption, "resend")


@pytest.mark.parametrize(
    ("mailbox", "read"),
    [
        ('"Studio, North" <hello@studio.example>', '"Studio, North" <hello@studio.example>'),
        ("Студия <hello@студия.рф>", '"Студия" <hello@xn--d1aizef8e.xn--p1ai>'),
        (r'"The \"North\"" <hello@студия.рф>', r'"The \"North\"" <hello@xn--d1aizef8e.xn--p1ai>'),
        ("hello@студия.рф", "hello@xn--d1aizef8e.xn--p1ai"),
    ],
)
def test_mail_addresses_become_ascii(mailbox: str, read: str) -> None:
    """An international domain is converted to ASCII; the display name stays."""
    both = {"PREQUAL_SENDER": mailbox, "PREQUAL_OWNER": mailbox}
    addresses = Settings(both, Settings.sender, Settings.owner)

    assert (addresses.sender, addresses.owner) == (read, read)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://A.Example:443", "https://a.example"),
        ("HTTP://A.Example:80/", "http://a.example"),
        ("http://a.example:443", "http://a.example:443"),
        ("https://[::1]:443", "https://[::1]"),
        ("https://Студия.рф:8443", "https://xn--d1aizef8e.xn--p1ai:8443"),
    ],
)
def test_origins_are_normalised_as_browsers_send_them(written: str, sent: str) -> None:
    """An origin is normalised to the form that a browser sends."""
    assert settings.Settings({**NEEDED, "PREQUAL_ORIGINS": written}).origins == {sent}


def test_a_firestore_database() -> None:
    """A Firestore setting names a project and optionally one of its databases."""
    default = Settings({"PREQUAL_STORE": "firestore:my-project"}, Settings.store).store
    other = Settings({"PREQUAL_STORE": "firestore:my-project/leads"}, Settings.store).store

    assert default == FirestoreStore(project="my-project", database="(default)")
    assert other == FirestoreStore(project="my-project", database="leads")


def test_all_faults_are_reported_together() -> None:
    """All faults are reported at once, each with the name of its setting."""
    with pytest.raises(SettingsError) as refusal:
        settings.Settings({**NEEDED, "PREQUAL_SENDER": "nobody", "PREQUAL_STORE": "mysql:x", "PREQUAL_SECRET": " "})

    assert [fault.split()[0] for fault in refusal.value.faults] == ["PREQUAL_STORE", "PREQUAL_SENDER", "PREQUAL_SECRET"]
    assert str(refusal.value).count("\n") == 2


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_setting_without_default_must_be_set(name: str) -> None:
    """A missing setting without a default is a fault."""
    assert fault(**{name: ""}) == f"{name} is missing: set it."


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PREQUAL_STORE", "sqlite:", "write sqlite:PATH, firestore:PROJECT or"),
        ("PREQUAL_STORE", "firestore:", "firestore:PROJECT/DATABASE instead of 'firestore:'"),
        ("PREQUAL_TURNSTILE_KEY", 'x" onload="', "copy it from Cloudflare's dashboard"),
        ("PREQUAL_TURNSTILE_SECRET", "fifteen letters", "make each 16 characters or more"),
        ("PREQUAL_HOPS", "-1", "write one from 0 to 9 instead of '-1'"),
        ("PREQUAL_HOPS", "10", "write one from 0 to 9 instead of '10'"),
        ("PREQUAL_HOPS", "two", "write one from 0 to 9 instead of 'two'"),
        ("PREQUAL_ZONE", "Oslo", "write one like Europe/Oslo instead of 'Oslo'"),
        ("PREQUAL_ZONE", "../etc/passwd", "is not a time zone"),
        ("PREQUAL_ZONE", "Europe", "is not a time zone"),
        ("PREQUAL_BRIEFS", "some", "write qualified, near or all"),
        ("PREQUAL_BEAT", "0.05", "write a whole number like 50 instead of '0.05'"),
        ("PREQUAL_BEAT", "-1", "write a whole number like 50 instead of '-1'"),
        ("PREQUAL_MAIL", "carrier pigeon", "is not a way to send mail"),
        ("PREQUAL_MAIL", "outbox:", "is not a way to send mail"),
        ("PREQUAL_MAIL", "smtp://", "is not a way to send mail"),
        ("PREQUAL_MAIL", "smtp://mail.example:99999", "a number from 1 to 65535"),
        ("PREQUAL_MAIL", "smtp://mail.example:", "a number from 1 to 65535"),
        ("PREQUAL_MAIL", "smtp://mail.example?tls=none", "for a server on this machine only"),
        ("PREQUAL_MAIL", "smtp://mail.example?tls=please", "only tls=none is known"),
        ("PREQUAL_MAIL", "smtp://mail.example?colour=red", "not known, colour"),
        ("PREQUAL_MAIL", "smtp://mail.example?uncertain=maybe", "uncertain=resend or uncertain=hold"),
        ("PREQUAL_MAIL", "smtp://[::1", "can't be read as an address"),
        ("PREQUAL_MAIL", "smtp://mail.example:smtp", "a number from 1 to 65535"),
        ("PREQUAL_MAIL", "smtp://hello:s3cret#1@mail.example:465", "as %23, %2F and %3F"),
        ("PREQUAL_MAIL", "smtps://hello:pa?ss@mail.example", "as %23, %2F and %3F"),
        ("PREQUAL_MAIL", "smtp://hello:12/34@mail.example", "as %23, %2F and %3F"),
        ("PREQUAL_MAIL", "smtp://mail.example?tls", "only tls=none is known"),
        ("PREQUAL_MAIL", "smtp://mail.example?uncertain", "uncertain=resend or uncertain=hold"),
        ("PREQUAL_MAIL", "smtp://mail.example?colour", "not known, colour"),
        ("PREQUAL_MAIL", "smtp://hello:p%C3%A4ss@mail.example", "beyond ASCII"),
        ("PREQUAL_MAIL", "smtp://h%C3%A9llo:pass@mail.example", "beyond ASCII"),
        ("PREQUAL_MAIL", "smtp://ex..ample", "an impossible host, ex..ample"),
        ("PREQUAL_MAIL", "smtp://mail example", "an impossible host, mail example"),
        ("PREQUAL_SENDER", "Studio North", "is not a mail address"),
        ("PREQUAL_SENDER", "a@b.example, c@d.example", "is not a mail address"),
        ("PREQUAL_SENDER", "héllo@studio.example", "is not a mail address"),
        ("PREQUAL_SENDER", "Studio\r\nBcc: a@b.example\r\n <hello@studio.example>", "write it on one line"),
        ("PREQUAL_SENDER", "Studio\u2028North <hello@studio.example>", "write it on one line"),
        ("PREQUAL_OWNER", "me", "is not a mail address"),
        ("PREQUAL_OWNER", "me@ex..ample", "an impossible host, ex..ample"),
        ("PREQUAL_BOOKING_URL", "cal.com/studio", "begin it with https://"),
        ("PREQUAL_BOOKING_URL", "https://cal.com/?n={nmae}", "not known, {nmae}"),
        ("PREQUAL_BOOKING_URL", "https://cal.com/{ name }?e={Email-x}", "not known, { name }, {Email-x}"),
        ("PREQUAL_BOOKING_URL", "https://cal.com:foo/x", "a number from 1 to 65535"),
        ("PREQUAL_BOOKING_URL", "https://cal.com/in tro", "has white space"),
        ("PREQUAL_PUBLIC_URL", "studio.example", "begin it with https://"),
        ("PREQUAL_PUBLIC_URL", "https://studio.example/start", "write https://studio.example"),
        ("PREQUAL_PUBLIC_URL", "https://studio.example#start", "write https://studio.example"),
        ("PREQUAL_PUBLIC_URL", "http://localhost:abc", "a number from 1 to 65535"),
        ("PREQUAL_PUBLIC_URL", "https://ho st.example", "has white space"),
        ("PREQUAL_PUBLIC_URL", "https://u:p@host.example", "take them out"),
        ("PREQUAL_PUBLIC_URL", "https://ex..ample", "an impossible host, ex..ample"),
        ("PREQUAL_FUNCTION_URL", "https://function.example/submit", "write https://function.example"),
        ("PREQUAL_DESK_URL", "https://desk.example/desk", "write https://desk.example"),
        ("PREQUAL_SECRET", ",", "a long random text"),
        ("PREQUAL_SECRET", "x", "make each 16 characters or more"),
        ("PREQUAL_SECRET", "fifteen letters,a secret that is long", "make each 16 characters or more"),
        ("PREQUAL_SECRET", "a secret that is long, short           ", "make each 16 characters or more"),
        ("PREQUAL_CAL_SECRET", "fifteen letters", "make each 16 characters or more"),
        ("PREQUAL_CALENDLY_SECRET", "fifteen letters", "make each 16 characters or more"),
        ("PREQUAL_SAVVYCAL_SECRET", "fifteen letters", "make each 16 characters or more"),
        ("PREQUAL_SECRET_FILE", "/nowhere/at/all", "can't be read"),
        ("PREQUAL_ORIGINS", "https://a.example b.example", "begin it with https://"),
        ("PREQUAL_WEBHOOKS", "https://a.example/1 hooks.example", "begin it with https://"),
        ("PREQUAL_WEBHOOKS", "http://a.example/1", "write https:// instead of 'http://a.example/1'"),
        ("PREQUAL_WEBHOOKS", "https://a.example/ключ", "copy it from the program that receives it"),
        ("PREQUAL_WEBHOOKS", " ".join(f"https://a.example/{n}" for n in range(11)), "name 10 at most"),
        ("PREQUAL_WEBHOOK_SECRET", "fifteen letters", "make each 16 characters or more"),
        ("PREQUAL_WEBHOOK_SECRET", "whsec_not!base64", "copy it whole, or make a new one"),
        ("PREQUAL_WEBHOOK_SECRET", "whsec_c2hvcnQ=", "make it 16 bytes or more"),
    ],
)
def test_each_fault_says_what_to_do(name: str, value: str, says: str) -> None:
    """A fault is a sentence that begins with the setting's name and says what to do."""
    found = fault(**{name: value})

    assert found.startswith(f"{name} ")
    assert says in found
    assert found.endswith(".")


def test_a_secret_file_must_be_text(tmp_path: Path) -> None:
    """A secret file that is not UTF-8 is a fault."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfe")

    assert fault(PREQUAL_SECRET_FILE=str(secret)).endswith("save it as UTF-8.")


def test_check_of_the_settings_that_are_set() -> None:
    """Every faulty setting is named, that of the form file too; a missing one is no fault."""
    settings.check({"PREQUAL_SENDER": " "})
    with pytest.raises(SettingsError) as refusal:
        settings.check({"PREQUAL_SENDER": "x", "PREQUAL_MAIL": "bad", "PREQUAL_FORM": "nope.yaml"})

    assert [fault.split()[0] for fault in refusal.value.faults] == ["PREQUAL_FORM", "PREQUAL_MAIL", "PREQUAL_SENDER"]


def test_a_secret_in_a_file_is_long_too(tmp_path: Path) -> None:
    """A secret that can be guessed is refused, wherever it is; sixteen characters are enough."""
    secret = tmp_path / "secret"
    secret.write_text("fifteen letters\n")
    assert fault(PREQUAL_SECRET_FILE=str(secret)).startswith("PREQUAL_SECRET_FILE has a secret that is too short")

    secret.write_text("sixteen letters!\n")
    assert settings.Settings({**NEEDED, "PREQUAL_SECRET_FILE": str(secret)}).secrets == ["sixteen letters!"]


class TestLocalSettings:
    business = Business(name='Studio\n"North"', url="https://студия.рф", privacy_url="https://студия.рф/privacy")

    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_any_name_of_the_business(self) -> None:
        """The local settings are valid, whatever characters the form contains."""
        read = settings.Settings(local.write_local_settings({}, self.business, 8080))

        assert read.sender == r'"Studio \"North\"" <hello@xn--d1aizef8e.xn--p1ai>'

    def test_secrets_may_be_short(self) -> None:
        """The development server, and nothing else, takes any secret; other settings are as strict."""
        short = {
            "PREQUAL_SECRET": "x",
            "PREQUAL_CAL_SECRET": "y",
            "PREQUAL_CALENDLY_SECRET": "z",
            "PREQUAL_SAVVYCAL_SECRET": "s",
        }
        environ = local.write_local_settings(short, self.business, 8080)
        Path("secret").write_text("a,b")

        settings.check(short, local.LocalSettings)
        read = local.LocalSettings(environ)
        from_file = local.LocalSettings({**environ, "PREQUAL_SECRET_FILE": "secret"})
        with pytest.raises(SettingsError) as refusal:
            settings.Settings(environ)

        assert (read.secrets, read.cal_secret, read.calendly_secret) == (["x"], "y", "z")
        assert from_file.secrets == ["a", "b"]
        assert [fault.split()[0] for fault in refusal.value.faults] == list(short)
        with pytest.raises(SettingsError):
            local.LocalSettings({**environ, "PREQUAL_BEAT": "soon"})

    def test_the_file_is_replaced_in_one_step(self) -> None:
        """The file is replaced, not overwritten: a command that reads meanwhile reads the whole old file."""
        local.write_local_settings({}, self.business, 8080)
        kept = Path(".prequal/settings.json")
        Path("before").hardlink_to(kept)
        before = kept.read_bytes()

        local.write_local_settings({}, self.business, 8081)

        assert Path("before").read_bytes() == before
        assert local.load_local_settings({})["PREQUAL_PUBLIC_URL"] == "http://localhost:8081"
        assert {path.name: path.stat().st_mode & 0o77 for path in Path(".prequal").iterdir()} == {
            "secret": 0,
            "settings.json": 0,
        }

    def test_a_damaged_file_is_a_sentence(self, run: Callable[..., Result]) -> None:
        """A damaged settings file is one sentence that says what to do."""
        Path(".prequal").mkdir()
        Path(".prequal/settings.json").write_text('{"PREQUAL_PUBL')

        result = run("deliver")

        assert result.exit_code == 2
        assert result.stderr.startswith(".prequal/settings.json is damaged: delete it")


def test_only_the_settings_that_are_read_can_have_faults() -> None:
    """A command reports only faults of the settings that it reads."""
    with pytest.raises(SettingsError, match="PREQUAL_STORE"):
        Settings({"PREQUAL_STORE": "nowhere"}, Settings.store)
    with pytest.raises(SettingsError, match=r"PREQUAL_STORE.*\nPREQUAL_MAIL"):
        Settings({"PREQUAL_STORE": "nowhere", "PREQUAL_MAIL": "never"}, Settings.store, Settings.mail)
    with pytest.raises(SettingsError, match="PREQUAL_PUBLIC_URL"):
        Settings({"PREQUAL_PUBLIC_URL": "here"}, Settings.public_url)
