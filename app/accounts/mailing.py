"""Account mails: an invitation or a new password's link, asked for with the act and sent by a job.

A job holds the number of its mail and nothing else. The link is made when it is sent, so its token lies in
no table and in no log, and one that could not be sent was never anybody's.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from app import mail
from app.accounts import links, people, queries, sign_in
from app.accounts.actors import SYSTEM, Actor
from app.accounts.models import AccountMail, SignInFailure, User
from app.accounts.rules import FREE_REQUESTS_OF_PASSWORD, Purpose
from app.accounts.secrets import email_digest
from app.audit import service as audit
from app.errors import Conflict
from app.jobs import service as jobs
from app.settings import MailServer, get_settings

SEND, ANSWER = "accounts.send_mail", "accounts.answer_forgotten"
# Whoever forgets again sooner gets no second mail: a stranger must not fill somebody's mailbox.
AGAIN_AFTER = timedelta(minutes=15)
SUBJECTS = {Purpose.INVITATION: "Your invitation to Engross", Purpose.RESET: "A new password for Engross"}

_texts = Environment(  # noqa: S701 -- plain text, in which nothing is markup
    loader=FileSystemLoader(Path(__file__).resolve().parents[2] / "templates" / "mail"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


def is_configured() -> bool:
    """Whether mails are sent at all."""
    return get_settings().engross_smtp_url is not None


def ask(session: Session, *, user: User, actor: Actor, at: datetime) -> AccountMail:
    """Have a link mailed to the person, with which they choose a password. Raises Conflict."""
    if not is_configured():
        raise Conflict("No mail server is configured: make a link and send it yourself.", code="no_mail")
    if user.disabled_at is not None:
        raise Conflict(f"{user.name} is disabled: enable them first.")
    wanted = AccountMail(user_id=user.id, purpose=str(people.link_purpose(user)), created_at=at)
    session.add(wanted)
    session.flush()
    verb = f"user.mail_{wanted.purpose}"
    audit.record(session, verb=verb, subject_type="user", subject_id=user.id, actor=actor, at=at)
    jobs.defer(session, SEND, mail_id=wanted.id)
    return wanted


def forgot(session: Session, *, email: str, address: str, at: datetime) -> sign_in.Refused | None:
    """Note that somebody forgot the password of this address; None where it was noted.

    Nobody's address is looked up here: the same rows are written and the same time is taken whether there
    is such a person or not, and a job answers those who exist.
    """
    account = email_digest(f"forgot {email.strip()}")
    wait = sign_in.seconds_to_wait(
        session, account=account, address=address, free=FREE_REQUESTS_OF_PASSWORD, at=at
    )
    if wait is not None:
        return sign_in.try_again(wait)
    session.add(SignInFailure(email_sha256=account, address=address, at=at))
    known = email_digest(email).hex()
    jobs.defer(session, ANSWER, queueing_lock=f"{ANSWER} {known}", email_sha256=known)
    return None


def answer_forgotten(session: Session, *, email_sha256: str, at: datetime) -> None:
    """Have a link mailed to whoever has this address, if anybody has, and had none just now."""
    user = queries.find_user_by_digest_for_change(session, bytes.fromhex(email_sha256))
    if user is None or user.disabled_at is not None or not is_configured():
        return
    latest = queries.find_latest_mail(session, user.id)
    if latest is None or latest.failed_at is not None or latest.created_at <= at - AGAIN_AFTER:
        ask(session, user=user, actor=SYSTEM, at=at)


def prepare(session: Session, *, mail_id: int, at: datetime) -> tuple[MailServer, EmailMessage] | None:
    """The mail with a link made for it; None where it is not to be sent any more. Raises MailError."""
    wanted = queries.find_mail_for_change(session, mail_id)
    if wanted is None or wanted.sent_at is not None or wanted.failed_at is not None:
        return None
    settings, user = get_settings(), wanted.user
    server = settings.mail_server
    if server is None:
        raise mail.MailError("The worker knows no mail server: it needs the same settings as the site.")
    if user.disabled_at is not None or wanted.purpose != people.link_purpose(user):
        note(session, mail_id=mail_id, failure="It was not needed any more.", is_final=True, at=at)
        return None
    days = settings.engross_link_days
    token = people.make_link(session, user=user, days=days, actor=SYSTEM, at=at)
    body = _texts.get_template(f"{wanted.purpose}.txt").render(
        name=user.name, site=settings.base_url, url=links.url(settings.base_url, token), days=days
    )
    subject = SUBJECTS[Purpose(wanted.purpose)]
    return server, mail.write(server, name=user.name, address=user.email, subject=subject, body=body, at=at)


def note(session: Session, *, mail_id: int, failure: str, is_final: bool, at: datetime) -> None:
    """Note how a try ended: without a `failure` it was sent; `is_final` means no more tries."""
    tried = queries.find_mail_for_change(session, mail_id)
    if tried is not None:
        tried.failure = failure
        tried.sent_at = None if failure else at
        tried.failed_at = at if failure and is_final else None
