"""Submissions as people type them: nobody real is turned away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from support import builders
from support.world import World

if TYPE_CHECKING:
    from werkzeug.test import Client

# Name, address, company and website.
PEOPLE = [
    ("Jürgen Groß", "juergen@mueller-bau.example.com", "Groß & Söhne GmbH", "www.foo.de"),
    ("Seán O'Brien", "sean.obrien@example.ie", "O\u2019Brien & Co.", "foo.de/"),
    ("محمد العلي", "mohammed@example.com", "شركة النور", "instagram: @foo"),
    ("李大文", "li@example.com", "龍門有限公司", "none"),
    ("さくら\u3000太郎", "taro@example.com", "株式会社さくら", "-"),
    ("Владимир Орлов", "vl@почта.рф", "ООО «Ромашка»", "ромашка.рф"),  # noqa: RUF001
    ("Zoë D\u2019Artagnan-Smythe III", "zoe+prequal@example.com", "", "https://linktr.ee/foo"),
    ("María José Carreño Quiñones de la Vega y Fernández", "maria@example.es", "", "facebook.com/foo.bar"),
    ("Bjørg", "BJORK@EXAMPLE.IS", "", "HTTP://FOO.IS"),
    ("Łukasz Żółć", "lukasz@example.pl", "Żółć Sp. z o.o.", "brak"),
    ("Jan de Vries", "jan@example.nl", "", "geen"),
    ("Pierre", "pierre@example.fr", "", "pas encore"),
    ("Ann", "ann@example.com ", "", "www.foo.com "),
    ("Ann", "ann2@example.com", "", "foo.com, bar.com"),
    ("Ann", "ann4@example.com", "", "www.foo"),
    ("Ann", "ann6@example.com", "", "http:// foo.com"),
    ("Ann", "ann8@example.com", "", "http//www.foo.com"),
    ("Ann", "ann11@example.com", "", "coming soon"),
    ("Ann", "ann14@example.com", "", "https://maps.google.com/maps/place/Caf%C3%A9+Foo/@48.1,11.5,17z"),
    ("Ann", "ann15@example.com", "", "https://www.instagram.com/foo/?igsh=MzRlODBiNWFlZA=="),
    ("Ann", "ann16@example.com", "", "https://medium.com/@foo"),
    ("Ann", "ann17@example.com", "", "https://foo.com/über uns"),
    ("Ann", "ann21@example.com", "", "info@foo.de"),
    ("Ann", "ann22@example.com", "", "foo_bar.wixsite.com/mysite"),
    ("Ann", "ann27@example.com", "", "www.foo.de\u200e"),
    ("J", "j@example.com", "", "https://例え.jp"),
    ("Ελένη", "eleni@example.gr", "", "wörk.shop/straße"),
    ("Søren Åberg", "soren@example.dk", "Åberg A/S", ""),
    ("Ngozi", "ngozi@example.ng", "", "?"),
    ("דוד כהן", "david@example.co.il", "", "foo.co.il"),
    ("Priya", "priya@example.in\u200b", "", ""),
    ("Ayşe Yılmaz", "ayse@example.com.tr.", "", ""),  # noqa: RUF001
    ("José", "josé@example.es", "", ""),
    ("김민수", "kim@example.kr", "(주)별", "foo。kr"),
    ("O", "o@example.com", "", "foo.com"),
    ("van 't Hoff, J.H.", "vant@example.nl", "V.O.F. 't Hoff", "http://www.foo.nl/index.php?id=3&lang=nl#x"),
]
NO_MAIL_SERVER_TAKES = "josé@example.es"


@pytest.fixture
def world(store: SqliteLeadStore) -> World:
    """Return a world without leads."""
    return World(store)


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of the function."""
    return world.client(tmp_path, monkeypatch)


@pytest.mark.parametrize("way", ["data", "json"])
@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person[1])
def test_everybody_is_kept(client: Client, world: World, person: tuple[str, ...], way: str) -> None:
    """Each submission is kept, but for an address that no mail server takes."""
    name, email, company, website = person
    sent: dict[str, Any] = builders.sent(name=name, email=email, company=company, website=website)

    answer = client.post("/api/leads", **{way: sent})

    if email == NO_MAIL_SERVER_TAKES:
        assert answer.status_code == 422
        assert "We can’t write to an address with “é” before the @" in answer.get_data(as_text=True)
        return
    assert answer.status_code == {"data": 303, "json": 202}[way]
    [lead] = world.leads
    assert lead.name == " ".join(name.split())
    assert lead.company == company
    assert lead.website == website.strip(" \u200e")


@pytest.mark.parametrize("way", ["data", "json"])
def test_the_same_words_are_the_same_submission(client: Client, world: World, way: str) -> None:
    """A character that nobody can see makes no other submission."""
    for name in ("Ann", "Ann\u200b", "\ufeffAnn"):
        client.post("/api/leads", **{way: builders.sent(name=name)})

    assert [lead.attempts for lead in world.leads] == [1]


@pytest.mark.parametrize("way", ["data", "json"])
@pytest.mark.parametrize("no", ["false", "0", "no", "OFF", "null", ["0", "no"]])
def test_a_plain_no_keeps_nothing(client: Client, world: World, no: object, way: str) -> None:
    """Answers without consent are sent back, not kept, and the box stays empty."""
    answer = client.post("/api/leads", **{way: builders.sent(consent=no)})

    assert answer.status_code == 422
    assert world.leads == []
    if way == "json":
        assert list(answer.get_json()["errors"]) == ["consent"]
    else:
        assert answer.get_data(as_text=True).count(" checked") == len(builders.QUALIFIED)
