"""Two forms in one project: their pages and submissions, and what becomes of their leads."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prequal import bootstrap, bootstrap_worker
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.bootstrap_store import utc_now
from prequal.compiled import Compiled, read_compiled
from prequal.config.settings import Settings
from prequal.core.lead import Booking, Lead, Status
from prequal.core.lifecycle import opened
from prequal.forms.compilation import compile_files, package_function
from prequal.forms.site_builder import build_site
from prequal.forms.yaml_files import FaultyFileError
from prequal.pages.labels import count_leads
from prequal.services.booking_recorder import BookingNews, BookingRecorder
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerInvitation
from prequal.serving.app import make_public_app
from prequal.web.app import Web
from support import builders
from support.commands import admit, store
from support.two_forms import SEATS, WORKSHOPS, write_forms

if TYPE_CHECKING:
    from click.testing import Result
    from werkzeug.test import Client

PUBLIC_URL = "https://studio.example"
SETTINGS = {
    "PREQUAL_MAIL": "outbox:outbox",
    "PREQUAL_SENDER": "Studio North <hello@studio.example>",
    "PREQUAL_OWNER": "owner@studio.example",
    "PREQUAL_BOOKING_URL": "https://cal.example/intro",
    "PREQUAL_SECRET": "a secret that is long",
    "PREQUAL_PUBLIC_URL": PUBLIC_URL,
    "PREQUAL_BEAT": "0",
}
GUEST = {"name": "Zoé", "email": "zoe@example.com", "lang": "en", **SEATS}


@dataclass(slots=True)
class Project:
    """A folder with two forms, and the store of their leads."""

    folder: Path
    store: SqliteLeadStore
    compiled: Compiled

    @property
    def settings(self) -> Settings:
        """Return its settings."""
        return Settings(SETTINGS)

    @property
    def web(self) -> Web:
        """Return its function."""
        return bootstrap.build_web(self.settings, self.compiled, self.store)

    def client(self) -> Client:
        """Build the site, and return a client of site and function."""
        web, site = self.web, self.folder / "built"
        build_site([form.site for form in web.forms.values()], site)
        client: Client = make_public_app("prequal", web, site).test_client()
        return client

    def forget(self, form_id: str) -> None:
        """Remove a form, as the next deployment does."""
        left = [form for form in self.compiled.forms if form.form.id != form_id]
        self.compiled = replace(self.compiled, forms=left)

    def sweep(self, later: timedelta = timedelta()) -> None:
        """Sweep, some time later."""

        def clock() -> datetime:
            return utc_now() + later

        sweep = bootstrap_worker.compose_sweep(self.settings, self.compiled, self.store)
        mails = replace(sweep.mails, clock=clock, sender=replace(sweep.mails.sender, clock=clock))
        digest = sweep.digest and replace(sweep.digest, clock=clock)
        replace(sweep, mails=mails, digest=digest, follow_up=replace(sweep.follow_up, clock=clock)).run()

    def submit(self, form_id: str, **changes: Any) -> Lead:
        """Submit a form and return the lead."""
        fields = {**(GUEST if form_id == "workshops" else builders.sent()), **changes}
        lead, _ = self.web.forms[form_id].intake.receive(fields)
        return self.lead(lead.id)

    def lead(self, lead_id: str) -> Lead:
        """Return a lead of the store."""
        lead = self.store.find_lead(lead_id)
        assert lead is not None
        return lead

    def mails(self) -> dict[tuple[str, str], str]:
        """Return the text of each mail that was sent, by recipient and subject; a reminder's begins with Re."""
        found = {}
        for path in Path("outbox").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = mail.get_body(("plain",))
            assert text is not None
            subject = f"Re: {mail['Subject']}" if "In-Reply-To" in mail else mail["Subject"]
            found[mail["To"], subject] = text.get_content().replace("\r\n", "\n")
        return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Return a project with an empty store, in the working directory."""
    monkeypatch.chdir(tmp_path)
    compiled = compile_files(write_forms(tmp_path, digest="monday"))
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as store:
        yield Project(folder=tmp_path, store=store, compiled=compiled)


class TestSite:
    def test_the_main_form_stays_where_it_was(self, project: Project, tmp_path: Path) -> None:
        """form.yaml is the main form, and its pages are the same bytes as without another form."""
        sites = bootstrap.build_sites(project.compiled, PUBLIC_URL)
        build_site(sites, tmp_path / "both")
        build_site(sites[:1], tmp_path / "alone")

        alone = {path.relative_to(tmp_path / "alone") for path in (tmp_path / "alone").rglob("*") if path.is_file()}
        changed = {
            path.as_posix()
            for path in alone
            if (tmp_path / "alone" / path).read_bytes() != (tmp_path / "both" / path).read_bytes()
        }
        assert list(project.compiled.by_id) == ["web-design", "workshops"]
        assert changed == {"sitemap.xml"}

    def test_each_form_has_its_pages(self, project: Project) -> None:
        """Each form's pages are below its id, in its languages; those of the main form name the root."""
        client = project.client()

        def read(path: str) -> str:
            with client.get(path) as answer:
                assert answer.status_code == 200, path
                return answer.get_data(as_text=True)

        page = read("/workshops/en/")
        assert "<title>Pottery workshops</title>" in page
        assert 'action="/api/leads/workshops"' in page
        assert 'data-thanks="/workshops/en/thanks/"' in page
        assert 'href="/workshops/" lang="fr" hreflang="fr"' in page
        assert f'<link rel="canonical" href="{PUBLIC_URL}/workshops/en/">' in page
        assert f'hreflang="x-default" href="{PUBLIC_URL}/workshops/"' in page
        assert 'href="/workshops/en/privacy/"' in page
        assert "How many seats?" in read("/workshops/en/privacy/")
        assert 'href="/workshops/"' in read("/workshops/thanks/")
        copy = read("/web-design/fr/")
        assert f'<link rel="canonical" href="{PUBLIC_URL}/fr/">' in copy
        assert f'<meta property="og:url" content="{PUBLIC_URL}/fr/">' in copy
        assert 'href="/web-design/" lang="en" hreflang="en"' in copy
        assert 'data-thanks="/web-design/fr/thanks/"' in copy
        sitemap = read("/sitemap.xml")
        assert f"<loc>{PUBLIC_URL}/workshops/en/</loc>" in sitemap
        assert "/web-design/" not in sitemap

    def test_the_archive_holds_both(self, project: Project, tmp_path: Path) -> None:
        """The archive's compiled file has both forms, the main one first."""
        archive = tmp_path / "function.zip"
        package_function(project.compiled, archive)
        with zipfile.ZipFile(archive) as packed:
            path = Path(packed.extract("compiled.json", tmp_path / "unpacked"))

        assert read_compiled(path) == project.compiled


class TestHttp:
    @pytest.mark.parametrize("path", ["/api/leads", "/api/leads/web-design"])
    def test_the_main_form_has_two_addresses(self, project: Project, path: str) -> None:
        """A submission without the form's id is to the main form."""
        assert project.client().post(path, json=builders.sent()).status_code == 202
        assert [lead.form_id for lead in project.store.iter_leads()] == ["web-design"]

    def test_a_form_is_known_by_its_address(self, project: Project) -> None:
        """Answers are checked, scored and thanked for by the form that the address names, in its languages."""
        client = project.client()
        sent = client.post("/api/leads/workshops", data={**GUEST, "lang": "nl"})
        refused = client.post("/api/leads/workshops", data={**GUEST, "seats": "", "lang": "en"})
        problem = client.post("/api/leads/workshops", json={**GUEST, "seats": "many", "form_version": "0" * 12})

        assert sent.headers["Location"] == f"{PUBLIC_URL}/workshops/thanks/"
        [lead] = project.store.iter_leads()
        assert (lead.form_id, lead.language, lead.score.total, lead.status) == ("workshops", "fr", 60, Status.INVITED)
        page = refused.get_data(as_text=True)
        assert (refused.status_code, 'href="#seats"' in page) == (422, True)
        assert '<form data-form="workshops" method="post" action="/api/leads/workshops"' in page
        assert problem.get_json()["form_version"] == lead.form_version

    def test_each_form_has_its_limit(self, project: Project) -> None:
        """A body that is too large for one form is refused in its language, and may fit into another."""
        web, client = project.web, project.client()
        small, large = web.forms["workshops"].max_bytes, web.forms["web-design"].max_bytes
        body = json.dumps({"name": "x" * small})
        assert small < len(body) < large

        answers = [
            client.post(path, data=body, content_type="application/json", headers={"Referer": referrer})
            for path, referrer in (
                ("/api/leads/workshops", f"{PUBLIC_URL}/workshops/"),
                ("/api/leads/workshops", f"{PUBLIC_URL}/workshops/en/"),
                ("/api/leads", f"{PUBLIC_URL}/"),
            )
        ]

        assert [answer.status_code for answer in answers] == [413, 413, 422]
        titles = [answer.get_json()["title"] for answer in answers[:2]]
        assert titles == ["C’est trop long", "That is too long"]

    def test_an_unknown_form_is_404(self, project: Project) -> None:
        """An address of no form takes nothing, and the page that is missing leads to the form it was asked from."""
        client = project.client()
        answer = client.post("/api/leads/shops", data=GUEST, headers={"Referer": f"{PUBLIC_URL}/workshops/"})

        assert answer.status_code == 404
        assert 'href="/workshops/"' in answer.get_data(as_text=True)
        assert client.get("/api/leads/shops").status_code == 404
        assert sorted(client.get("/api/leads/workshops").headers["Allow"].split(", ")) == ["OPTIONS", "POST"]

    def test_health_names_each_version(self, project: Project) -> None:
        """The main form's version has the name that it always had."""
        health = project.client().get("/api/health").get_json()

        versions = {form_id: form.version for form_id, form in project.compiled.by_id.items()}
        assert (health["form_versions"], health["form_version"]) == (versions, versions["web-design"])

    def test_a_link_leads_to_the_page_of_its_form(self, project: Project) -> None:
        """The page of a link is the form's, as long as it works and after that."""
        lead, client = project.submit("workshops", lang="fr"), project.client()
        assert lead.invitation is not None
        link = f"/b/{project.web.booking.tokens.issue(lead.id, lead.invitation.expires_at)}"

        page = client.get(link).get_data(as_text=True)
        assert "Atelier Sud" in page
        assert 'href="/workshops/"' in page
        assert client.post(link).headers["Location"].startswith("https://cal.example/intro")
        project.forget("workshops")
        assert "Studio North" in project.client().get(link).get_data(as_text=True)
        project.store.change_lead(lead.id, lambda lead: (replace(lead, status=Status.EXPIRED), ()))
        assert project.client().get(link).status_code == 410


class TestLeads:
    def test_mails_are_those_of_the_form(self, project: Project) -> None:
        """Invitation and brief have the words, the languages and the dates of the form that was answered."""
        first, second = project.submit("web-design"), project.submit("workshops")
        project.sweep()
        mails = project.mails()

        assert first.invitation is not None
        assert second.invitation is not None
        assert second.invitation.expires_at - first.invitation.expires_at > timedelta(days=5)
        assert second.expire_at < first.expire_at
        invitations = [text for (to, _), text in mails.items() if to == "zoe@example.com"]
        assert ["Bring an idea." in text and "Atelier Sud" in text for text in invitations] == [True]
        brief = next(text for (_, subject), text in mails.items() if "Zoé" in subject)
        assert "Combien de places" in brief

    @pytest.mark.parametrize("in_use", [True, False])
    def test_a_reminder_is_that_of_the_form(self, project: Project, in_use: bool) -> None:  # noqa: FBT001, a case
        """Reminder and expiry come when the form says, in its words, even if the form is in use no longer."""
        lead = project.submit("workshops", lang="fr")
        project.sweep()
        if not in_use:
            project.forget("workshops")
        project.sweep(timedelta(days=6))

        reminder = project.mails()["zoe@example.com", "Re: Atelier Sud\xa0: choisissez un créneau pour échanger"]
        assert "Atelier Sud" in reminder
        assert "Venez avec une idée." in reminder
        project.sweep(timedelta(days=21))
        assert project.lead(lead.id).status is Status.EXPIRED

    def test_the_digest_counts_both(self, project: Project) -> None:
        """One digest has the figures of all forms together, and of each; a single form has no such table."""
        project.submit("web-design")
        project.submit("workshops")
        project.submit("workshops", email="yan@example.com", seats="1", day="weekend")
        week = timedelta(days=7)
        project.sweep(week)

        [digest] = [text for (to, subject), text in project.mails().items() if "received" in subject]
        assert "   3    0  Leads received\n" in digest
        assert "Which form they filled in\n" in digest
        assert "   1    1  web-design\n   2    1  workshops\n" in digest
        project.forget("workshops")
        project.sweep(2 * week)
        assert sum("Which form" in text for text in project.mails().values()) == 1

    def test_the_owner_invites_by_the_form_of_the_lead(self, project: Project) -> None:
        """An invitation of the owner's has the dates and words of the lead's form, even if that is gone."""
        lead = project.submit("workshops", lang="fr", seats="1", day="weekend")
        project.sweep()
        project.forget("workshops")
        forms = bootstrap.build_lead_forms(project.compiled, project.store)
        composer = bootstrap.build_composer(project.settings, project.compiled, forms)
        mailboxes = Mailboxes(ledger=project.store)
        invitation = OwnerInvitation(
            forms=forms, store=project.store, mailboxes=mailboxes, composer=composer, clock=utc_now
        )

        invited = invitation.send(lead.id, "A good friend")

        assert invited.invitation is not None
        assert invited.invitation.expires_at - invited.updated_at == timedelta(days=20)
        mail = project.store.list_mails(lead.id)[-1]
        assert (mail.content["business"]["name"], mail.content["prepare"]) == ("Atelier Sud", ["Venez avec une idée."])

    def test_a_lead_of_a_form_that_nobody_knows(self, project: Project) -> None:
        """A lead whose form is not even in the archive has the words of the main form, and no sweep fails."""
        lead = project.submit("workshops", lang="fr")
        project.forget("workshops")
        project.sweep()
        project.sweep(timedelta(days=6))

        [reminder] = [text for (to, subject), text in project.mails().items() if subject.startswith("Re: Studio North")]
        assert "invitation tient toujours" in reminder
        project.sweep(timedelta(days=21))
        assert project.lead(lead.id).status is Status.EXPIRED

    @pytest.mark.parametrize("booking", ["web-design", "workshops"])
    def test_an_appointment_finds_the_lead_that_may_book(self, project: Project, booking: str) -> None:
        """Of the two leads of one address, the one whose link was used is booked, even if the other came later."""
        leads = {form_id: project.submit(form_id, email="zoe@example.com") for form_id in project.compiled.by_id}
        project.store.change_lead(leads[booking].id, lambda lead: (opened(lead, utc_now() - timedelta(days=1)), ()))
        recorder = BookingRecorder(form_ids=list(leads), store=project.store, clock=utc_now)
        news = BookingNews(lead_id="", email="Zoe@Example.com", booking=Booking(id="one", booked_at=utc_now()))

        recorder.record(news)

        statuses = {form_id: project.lead(lead.id).status for form_id, lead in leads.items()}
        assert statuses == {**dict.fromkeys(leads, Status.INVITED), booking: Status.BOOKED}


class TestCommands:
    @pytest.fixture(autouse=True)
    def forms(self, run: Callable[..., Result], tmp_path: Path) -> Path:  # noqa: ARG002, which enters the folder
        """Write the forms into the folder of the command."""
        return write_forms(tmp_path)

    def test_check_reports_all_forms(self, run: Callable[..., Result], forms: Path) -> None:
        """Every file has its report, the main form's first; as JSON, each names its file."""
        said = run("check", PREQUAL_FORM="forms")
        given = json.loads(run("check", "forms", "--json").stdout)

        assert said.exit_code == 0, said.stdout
        assert [line.split(":")[0] for line in said.stdout.splitlines() if "questions in" in line] == [
            "forms/form.yaml",
            "forms/a-second.yaml",
        ]
        assert [each["form"] for each in given] == ["forms/form.yaml", "forms/a-second.yaml"]
        (forms / "a-second.yaml").write_text("id: [\n")
        assert run("check", "forms").exit_code == 1

    def test_lists_and_reports_tell_the_forms_apart(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """The list has a column for the form, and the report a table; both can be of one form alone."""
        admit()
        lead, attempt = builders.admitted(email="zoe@example.com")
        with closing(store()) as leads:
            leads.admit(replace(lead, form_id="workshops"), attempt, [], lambda existing: (existing, ()))
        run = partial(run, PREQUAL_FORM="forms")

        listed = run("leads", "list").stdout.splitlines()
        of_one = run("leads", "list", "--form", "workshops").stdout.splitlines()
        every, one, none = (
            run("report", "-o", "report.html", *option) for option in ((), ("--form", "workshops"), ("--form", "shops"))
        )
        report = (tmp_path / "report.html").read_text()

        assert listed[0].startswith("ID        RECEIVED          FORM        STATUS")
        assert [line.split()[3] for line in listed[1:]] == ["web-design", "workshops"]
        assert [line.split()[3] for line in of_one[1:]] == ["invited"]
        assert (every.stderr, one.stderr) == (
            "Wrote report.html. 2 leads, 2 of them qualified.\n",
            "Wrote report.html. One lead, qualified.\n",
        )
        assert "Studio North · workshops</p>" in report
        assert (none.exit_code, "There is no form shops: choose from web-design, workshops." in none.stderr) == (
            2,
            True,
        )

    @pytest.mark.parametrize(
        ("form_id", "says"),
        [
            ("web-design", "forms/form.yaml has the id web-design already: give this form its own."),
            *(
                (taken, f"The page of this form would be at /{taken}/, which is taken: give the form another id.")
                for taken in ("nl", "thanks", "api", "b", "assets", "inbox")
            ),
        ],
    )
    def test_clashes_are_errors(self, run: Callable[..., Result], forms: Path, form_id: str, says: str) -> None:
        """Two forms with one id, or one whose pages would be where others are, are refused with file and line."""
        text = json.dumps({**WORKSHOPS, "id": form_id}, indent=1)
        (forms / "a-second.yaml").write_text(text)

        said = run("check", "forms")

        assert said.exit_code == 1
        assert f"forms/a-second.yaml:2:2: error: {says}\n" in said.stdout
        with pytest.raises(FaultyFileError, match=f"a-second.yaml:2:2: {says[:20]}"):
            compile_files(Path("forms"))
        assert run("check", "forms/a-second.yaml").exit_code == 0

    def test_what_counts_in_the_main_form_alone(self, run: Callable[..., Result], forms: Path) -> None:
        """A digest or a mail budget of another form has no effect, and check says so."""
        invitation = {**WORKSHOPS["invitation"], "most_a_day": 5}
        (forms / "a-second.yaml").write_text(json.dumps({**WORKSHOPS, "digest": "friday", "invitation": invitation}))

        said = run("check", "forms").stdout

        assert "The digest is one for all forms, on the day that forms/form.yaml sets: remove this line." in said
        assert "[idle_beside_main at digest]" in said
        assert "The number is one for all forms, which forms/form.yaml sets: remove this line." in said
        assert "[idle_beside_main at invitation.most_a_day]" in said

    def test_texts_of_no_form(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """A folder of texts that is named like no form is reported once, with the main form."""
        (tmp_path / "site/content/workshops").rename(tmp_path / "site/content/workshop")

        warning = (
            "The texts in site/content/workshop are not used, as no form has that id: rename or remove the folder."
        )
        assert run("check", "forms").stdout.count(warning) == 1
        assert warning in run("check", "forms/a-second.yaml").stdout

    def test_a_folder_without_a_form(self, run: Callable[..., Result], tmp_path: Path) -> None:
        """In an empty folder, the main form's file is missing."""
        (tmp_path / "empty").mkdir()
        said = run("check", "empty")

        assert (said.exit_code, said.output) == (1, "empty/form.yaml:1:1: error: There is no such file.\n")

    def test_the_first_is_the_main_form(self, forms: Path) -> None:
        """Without form.yaml, the first file by name is the main form."""
        shutil.move(forms / "form.yaml", forms / "b.yaml")
        (forms / ".a.yaml").write_text("an editor's own")

        assert compile_files(forms).main.id == "workshops"

    @pytest.mark.parametrize(
        "command",
        [("link", "--source", "ada"), ("rescore",), ("calibrate", "--from-leads")],
        ids=lambda words: words[0],
    )
    def test_a_form_must_be_chosen(self, run: Callable[..., Result], command: tuple[str, ...]) -> None:
        """Commands that need one form say how to choose it, and know no others."""
        left_out = run(*command, PREQUAL_FORM="forms")
        wrong = run(*command, "--form", "shops", PREQUAL_FORM="forms")

        assert (left_out.exit_code, wrong.exit_code) == (2, 2)
        assert "There are several forms: choose one with --form web-design or --form workshops." in left_out.stderr
        assert "There is no form shops: choose from web-design, workshops." in wrong.stderr

    def test_a_link_to_a_form(self, run: Callable[..., Result]) -> None:
        """A link leads to the page of the form that was chosen, in a language of its own."""
        chosen = ("--source", "ada", "--form", "workshops", "--json")
        links = [
            json.loads(run("link", *chosen, *more, PREQUAL_FORM="forms", PREQUAL_PUBLIC_URL=PUBLIC_URL).stdout)["link"]
            for more in ((), ("--language", "en"))
        ]

        assert links == [f"{PUBLIC_URL}/workshops/?source=ada", f"{PUBLIC_URL}/workshops/en/?source=ada"]

    def test_leads_are_rescored_by_their_form(self, run: Callable[..., Result], forms: Path, tmp_path: Path) -> None:
        """Other forms' leads are left out, and a file still can be named."""
        with closing(SqliteLeadStore(tmp_path / ".prequal/prequal.db")) as store:
            lead, attempt = builders.admitted()
            store.admit(lead, attempt, [], lambda existing: (existing, ()))

        for name in ("workshops", str(forms / "a-second.yaml")):
            assert "No lead answered the form workshops." in run("rescore", "--form", name, PREQUAL_FORM="forms").stdout
        assert count_leads(1) in run("rescore", "--form", "web-design", PREQUAL_FORM="forms").stdout
