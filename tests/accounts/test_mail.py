"""Account mails: what is sent, to whom, how safely, and what becomes of those that cannot be sent."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app import mail
from app.accounts import jobs, mailing
from app.accounts.models import AccountMail, OneTimeLink, User
from app.settings import MailServer, get_settings, read_settings
from tests.accounts.conftest import PASSWORD as OWN_PASSWORD
from tests.accounts.conftest import Person
from tests.accounts.mail_servers import (
    PASSWORD,
    Mailbox,
    free_port,
    mail_server,
    make_certificate,
    secure,
    silent_server,
)
from tests.web.browsers import browser, program

SENDER = "Engross <engross@example.org>"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/links/[\w-]+)")
Configure = Callable[[str], None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Has this process send mail by the server at an address."""

    def use(url: str) -> None:
        monkeypatch.setenv("ENGROSS_SMTP_URL", url)
        monkeypatch.setenv("ENGROSS_MAIL_FROM", SENDER)
        get_settings.cache_clear()

    yield use
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def mailbox(configure: Configure) -> Iterator[Mailbox]:
    """A mail server that takes everything, and that this process sends by."""
    box = Mailbox()
    with mail_server(box) as port:
        configure(f"smtp+plain://127.0.0.1:{port}")
        yield box


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def work(engine: Engine, *, attempts: int = 0) -> None:
    """Do the waiting jobs of mails, as a worker would at this try; what they raise is the queue's affair."""
    with Session(engine) as session, session.begin():
        rows = session.execute(
            text("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'accounts.%' RETURNING task_name, args")
        ).all()
    for name, arguments in rows:
        if name == mailing.ANSWER:
            jobs.answer_forgotten(**arguments)
            work(engine)
        else:
            jobs.send_mail(SimpleNamespace(job=SimpleNamespace(attempts=attempts)), **arguments)  # type: ignore[arg-type]


def rows(engine: Engine) -> list[AccountMail]:
    with Session(engine) as session:
        return list(session.scalars(select(AccountMail).order_by(AccountMail.id)))


def given(port: int, scheme: str = "smtp+plain", host: str = "127.0.0.1", user: str = "") -> MailServer:
    settings = read_settings(engross_smtp_url=f"{scheme}://{user}{host}:{port}", engross_mail_from=SENDER)
    assert settings.mail_server
    return settings.mail_server


def some_mail(server: MailServer, **other: str) -> EmailMessage:
    values = {"name": "Zoë Müller", "address": "zoe@example.org", "subject": "Hello", "body": "Grüße"} | other
    return mail.write(server, at=datetime(2026, 1, 15, tzinfo=UTC), **values)


def test_an_invitation_is_mailed_with_a_link_that_works_and_stands_nowhere_else(
    app: FastAPI, person: Person, live_database: Engine, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    admin = browser(app, person(admin=True))
    answer = admin.post("/admin/users", data={"email": "new@example.org", "name": "Nina Neu"})
    assert answer.status_code == 303
    waiting = admin.get(answer.headers["Location"]).text
    assert "Mail waits for a worker" in waiting
    assert not LINK.search(waiting)
    with Session(live_database) as session:
        job = session.scalar(text("SELECT args::text FROM procrastinate_jobs"))
        assert session.scalars(select(OneTimeLink)).all() == []
    assert job == '{"mail_id": 1}'
    work(live_database)
    (sent,) = mailbox.mails
    assert (sent["To"], sent["From"]) == ("Nina Neu <new@example.org>", SENDER)
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Date"].datetime.tzinfo is not None
    assert sent["Message-ID"].endswith("@example.org>")
    assert sent.get_content_type() == "text/plain"
    found = LINK.search(sent.get_content())
    assert found
    assert found[1].rpartition("/")[2] not in caplog.text
    assert browser(app).post(found[1], data={"password": OWN_PASSWORD}).status_code == 303
    assert "Mail sent" in admin.get("/admin/users/2").text


def test_a_job_that_runs_twice_sends_once(
    app: FastAPI, person: Person, live_database: Engine, mailbox: Mailbox
) -> None:
    user = person()
    assert program(app, person(admin=True)).post(f"/api/v1/users/{user.email}/mails").status_code == 202
    work(live_database)
    (row,) = rows(live_database)
    jobs.send_mail(SimpleNamespace(job=SimpleNamespace(attempts=1)), mail_id=row.id)  # type: ignore[arg-type]
    assert [one["Subject"] for one in mailbox.mails] == ["A new password for Engross"]


def test_whoever_was_disabled_meanwhile_is_sent_nothing(
    app: FastAPI, person: Person, live_database: Engine, mailbox: Mailbox
) -> None:
    admin, user = browser(app, person(admin=True)), person()
    admin.post(f"/admin/users/{user.id}/mails")
    admin.post(f"/admin/users/{user.id}/access", data={"access": "disabled"})
    work(live_database)
    assert mailbox.mails == []
    assert admin.post(f"/admin/users/{user.id}/mails").status_code == 409


def test_what_cannot_be_sent_now_is_tried_again_and_then_told(
    app: FastAPI, person: Person, live_database: Engine, configure: Configure
) -> None:
    configure(f"smtp+plain://127.0.0.1:{free_port()}")
    admin, user = browser(app, person(admin=True)), person()
    for attempts, shown in ((0, "Mail is tried again"), (8, "Mail not sent")):
        admin.post(f"/admin/users/{user.id}/mails")
        if attempts == 0:
            with pytest.raises(mail.MailError, match="cannot be reached"):
                work(live_database, attempts=attempts)
        else:
            work(live_database, attempts=attempts)
        seen = admin.get(f"/admin/users/{user.id}").text
        assert shown in seen
        assert "The mail server cannot be reached: Connection refused." in seen
    assert "The mail server cannot be reached" in admin.get("/admin/workers").text


def test_an_address_that_the_server_refuses_is_not_tried_again(
    app: FastAPI, person: Person, live_database: Engine, configure: Configure
) -> None:
    box = Mailbox(refuses="550 No such mailbox here")
    with mail_server(box) as port:
        configure(f"smtp+plain://127.0.0.1:{port}")
        user = person()
        browser(app, person(admin=True)).post(f"/admin/users/{user.id}/mails")
        work(live_database)
    (row,) = rows(live_database)
    assert row.failed_at is not None
    assert row.failure == "The mail server refused the address: 550 No such mailbox here"


def test_a_forgotten_password_is_answered_alike_whether_there_is_such_a_person(
    app: FastAPI, person: Person, live_database: Engine, mailbox: Mailbox
) -> None:
    known, disabled, client = person(), person(), browser(app)
    with Session(live_database) as session, session.begin():
        session.get_one(User, disabled.id).disabled_at = datetime.now(UTC)
    answers = []
    for email in (known.email.upper(), disabled.email, "nobody@example.org"):
        answer = client.post("/forgotten-password", data={"email": email})
        answers.append((answer.status_code, answer.text))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    work(live_database)
    assert [one["To"].addresses[0].addr_spec for one in mailbox.mails] == [known.email]
    assert LINK.search(mailbox.mails[0].get_content())


def test_nobody_s_mailbox_is_filled_by_others(
    app: FastAPI, person: Person, live_database: Engine, mailbox: Mailbox
) -> None:
    known, client = person(), browser(app)
    for email in (known.email, "nobody@example.org"):
        codes = [client.post("/forgotten-password", data={"email": email}).status_code for _ in range(4)]
        work(live_database)
        assert codes == [200, 200, 200, 429]
    assert len(mailbox.mails) == 1
    signed_in = client.post("/sign-in", data={"email": known.email, "password": OWN_PASSWORD})
    assert signed_in.status_code == 303


def test_without_a_mail_server_the_link_is_shown_and_nobody_is_promised_a_mail(
    app: FastAPI, person: Person
) -> None:
    admin, user = browser(app, person(admin=True)), person()
    assert "Forgotten" not in browser(app).get("/sign-in").text
    assert browser(app).get("/forgotten-password").status_code == 404
    assert browser(app).post("/forgotten-password", data={"email": user.email}).status_code == 404
    assert "Mail a link" not in admin.get(f"/admin/users/{user.id}").text
    assert LINK.search(admin.post(f"/admin/users/{user.id}/link").text)


def test_with_starttls_the_password_and_the_mail_go_encrypted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    box = Mailbox()
    with mail_server(box, **secure(certificate)) as port:
        server = given(port, "smtp", "localhost", "engross:a%2Fb%3Ac%40d@")
        assert server.password == PASSWORD
        mail.deliver(server, some_mail(server))
        wrong = given(port, "smtp", "localhost", "engross:wrong@")
        with pytest.raises(mail.MailError, match="did not accept user and password"):
            mail.deliver(wrong, some_mail(wrong))
    assert box.was_tls == [True]
    assert box.mails[0].get_content().strip() == "Grüße"


def test_a_certificate_that_nobody_vouches_for_ends_it(certificate: Path) -> None:
    box = Mailbox()
    with mail_server(box, **secure(certificate)) as port:
        server = given(port, "smtp", "localhost", "engross:secret@")
        with pytest.raises(mail.MailError, match="certificate does not hold"):
            mail.deliver(server, some_mail(server))
    assert box.mails == []


def test_where_tls_is_wanted_and_not_offered_nothing_is_sent() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        server = given(port, "smtp", user="engross:secret@")
        with pytest.raises(mail.MailError, match="offers no TLS"):
            mail.deliver(server, some_mail(server))
    assert box.mails == []


def test_a_server_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "PATIENCE", 0.2)
    with silent_server() as port:
        server = given(port)
        with pytest.raises(mail.MailError, match="did not answer"):
            mail.deliver(server, some_mail(server))


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Eve\r\nBcc: all@example.org"},
        {"address": "a@example.org\nBcc: all@example.org"},
        {"address": "a@example.org, all@example.org"},
        {"address": "<a@example.org>"},
        {"subject": "Hello\r\nBcc: all@example.org"},
    ],
)
def test_no_value_adds_a_header_or_a_recipient(other: dict[str, str]) -> None:
    with pytest.raises(mail.MailError) as refused:
        some_mail(given(25), **other)
    assert refused.value.is_final


@pytest.mark.parametrize("name", ["Zoë, “the” <boss>", "a@b, c@d", "Müller; Söhne"])
def test_a_name_stays_a_name(name: str) -> None:
    (to,) = some_mail(given(25), name=name)["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, "zoe@example.org")
