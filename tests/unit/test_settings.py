"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from prequal import settings
from prequal.core.errors import SettingsError
from prequal.settings import FirestoreStore, Outbox, Settings, Smtp, SqliteStore

NEEDED = {
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro?name={name}&email={email}&metadata[lead]={lead}",
    "PREQUAL_SECRET": "new, old",
}


def fault(**changes: str) -> str:
    """Return the one fault of otherwise good settings."""
    with pytest.raises(SettingsError) as refusal:
        settings.read({**NEEDED, **changes})
    (found,) = refusal.value.faults
    return found


def test_defaults() -> None:
    """What is not set has the documented default."""
    assert settings.read(NEEDED) == Settings(
        store=SqliteStore(path=Path(".prequal/prequal.db")),
        mail=Outbox(folder=Path(".prequal/outbox")),
        sender="Studio North <hello@studio.example>",
        owner="",
        booking_url=NEEDED["PREQUAL_BOOKING_URL"],
        public_url="http://localhost:8080",
        function_url="",
        secrets=["new", "old"],
        origins=frozenset(),
        cal_secret="",
        calendly_secret="",
    )
    assert settings.read_form({}) == Path("schema/form.yaml")
    assert settings.read_store({}) == SqliteStore(path=Path(".prequal/prequal.db"))
    assert settings.read_public_url({}) == "http://localhost:8080"


def test_everything_can_be_set(tmp_path: Path) -> None:
    """Every setting is read."""
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")

    read = settings.read(
        {
            **NEEDED,
            "PREQUAL_STORE": "sqlite:/srv/leads.db",
            "PREQUAL_MAIL": "smtps://studio:p%40ss%3Aword@mail.example?uncertain=hold",
            "PREQUAL_OWNER": "owner@studio.example",
            "PREQUAL_PUBLIC_URL": "https://studio.example/",
            "PREQUAL_FUNCTION_URL": "https://function.example/",
            "PREQUAL_SECRET_FILE": str(secret),
            "PREQUAL_ORIGINS": "https://a.example, https://b.example:8443",
            "PREQUAL_CAL_SECRET": "one",
            "PREQUAL_CALENDLY_SECRET": "another",
        }
    )

    assert read.store == SqliteStore(path=Path("/srv/leads.db"))
    assert read.mail == Smtp(
        host="mail.example", port=465, login="studio", password="p@ss:word", encryption="implicit", uncertain="hold"
    )
    assert (read.owner, read.public_url, read.function_url, read.secrets) == (
        "owner@studio.example",
        "https://studio.example",
        "https://function.example",
        ["from a file"],
    )
    assert read.origins == {"https://a.example", "https://b.example:8443"}
    assert (read.cal_secret, read.calendly_secret) == ("one", "another")


def test_a_function_at_the_sites_own_address_is_not_elsewhere() -> None:
    """Naming the site's own address for the function is as good as naming none."""
    both = {"PREQUAL_PUBLIC_URL": "https://studio.example", "PREQUAL_FUNCTION_URL": "https://studio.example/"}

    assert settings.read({**NEEDED, **both}).function_url == ""
    assert settings.read_addresses(both) == ("https://studio.example", "")


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
def test_mail_is_encrypted_unless_on_this_machine(mail: str, port: int, encryption: str) -> None:
    """STARTTLS is required, unless tls=none is asked for on a loopback address."""
    _, read = settings.read_store_and_mail({"PREQUAL_MAIL": mail})

    assert isinstance(read, Smtp)
    assert (read.port, read.encryption, read.uncertain) == (port, encryption, "resend")


def test_a_firestore_database() -> None:
    """A project's default database, or one of its others."""
    default = settings.read_store({"PREQUAL_STORE": "firestore:my-project"})
    other = settings.read_store({"PREQUAL_STORE": "firestore:my-project/leads"})

    assert default == FirestoreStore(project="my-project", database="(default)")
    assert other == FirestoreStore(project="my-project", database="leads")


def test_three_faults_are_three_sentences() -> None:
    """All faults are reported at once, each with its name."""
    with pytest.raises(SettingsError) as refusal:
        settings.read({**NEEDED, "PREQUAL_SENDER": "nobody", "PREQUAL_STORE": "mysql:x", "PREQUAL_SECRET": " "})

    assert [fault.split()[0] for fault in refusal.value.faults] == ["PREQUAL_STORE", "PREQUAL_SENDER", "PREQUAL_SECRET"]
    assert str(refusal.value).count("\n") == 2


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_has_no_default_must_be_set(name: str) -> None:
    """A setting without a default is asked for."""
    assert fault(**{name: ""}) == f"{name} is missing: set it."


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PREQUAL_STORE", "sqlite:", "write sqlite:PATH, firestore:PROJECT or"),
        ("PREQUAL_STORE", "firestore:", "firestore:PROJECT/DATABASE instead of 'firestore:'"),
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
        ("PREQUAL_SENDER", "Studio North", "is not a mail address"),
        ("PREQUAL_SENDER", "a@b.example, c@d.example", "is not a mail address"),
        ("PREQUAL_OWNER", "me", "is not a mail address"),
        ("PREQUAL_BOOKING_URL", "cal.com/studio", "begin it with https://"),
        ("PREQUAL_BOOKING_URL", "https://cal.com/?n={nmae}", "not known, {nmae}"),
        ("PREQUAL_PUBLIC_URL", "studio.example", "begin it with https://"),
        ("PREQUAL_PUBLIC_URL", "https://studio.example/start", "write https://studio.example"),
        ("PREQUAL_FUNCTION_URL", "https://function.example/submit", "write https://function.example"),
        ("PREQUAL_SECRET", ",", "a long random text"),
        ("PREQUAL_SECRET_FILE", "/nowhere/at/all", "can't be read"),
        ("PREQUAL_ORIGINS", "https://a.example b.example", "begin it with https://"),
    ],
)
def test_each_fault_says_what_to_do(name: str, value: str, says: str) -> None:
    """A fault is a sentence that begins with the setting's name and says what to do."""
    found = fault(**{name: value})

    assert found.startswith(f"{name} ")
    assert says in found
    assert found.endswith(".")


def test_a_command_only_asks_for_what_it_needs() -> None:
    """The owner's commands need to know where the leads are, and nothing else."""
    with pytest.raises(SettingsError, match="PREQUAL_STORE"):
        settings.read_store({"PREQUAL_STORE": "nowhere"})
    with pytest.raises(SettingsError, match=r"PREQUAL_STORE.*\nPREQUAL_MAIL"):
        settings.read_store_and_mail({"PREQUAL_STORE": "nowhere", "PREQUAL_MAIL": "never"})
    with pytest.raises(SettingsError, match="PREQUAL_PUBLIC_URL"):
        settings.read_public_url({"PREQUAL_PUBLIC_URL": "here"})
