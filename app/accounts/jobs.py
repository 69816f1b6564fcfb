"""Background work of accounts: mails are sent, and what has served its time is thrown away once a day."""

from procrastinate import JobContext

from app import clock, database, mail
from app.accounts import housekeeping, mailing
from app.jobs import queue


@queue.periodic(cron="41 3 * * *")
@queue.task(name="accounts.sweep", queueing_lock="accounts.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 -- every periodic task is given its minute
    """Delete ended sessions and links, old failures and stored answers."""
    with database.transaction() as session:
        housekeeping.sweep(session, at=clock.now())


@queue.task(name=mailing.SEND, pass_context=True, retry=queue.RETRY)
def send_mail(context: JobContext, mail_id: int) -> None:
    """Send a mail, with a link made for it; try again later where the mail server cannot take it now.

    No transaction is open while the mail server is spoken to: it may take its time. What fails for good is
    told by the mail's row, from which an administrator sends another one.
    """
    try:
        with database.transaction() as session:
            prepared = mailing.prepare(session, mail_id=mail_id, at=clock.now())
        if prepared is None:
            return
        mail.deliver(*prepared)
    except mail.MailError as error:
        is_final = error.is_final or context.job.attempts >= (queue.RETRY.max_attempts or 0)
        _note(mail_id, error.sentence, is_final=is_final)
        if not is_final:
            raise
    else:
        _note(mail_id, "", is_final=True)


def _note(mail_id: int, failure: str, *, is_final: bool) -> None:
    with database.transaction() as session:
        mailing.note(session, mail_id=mail_id, failure=failure, is_final=is_final, at=clock.now())


@queue.task(name=mailing.ANSWER, retry=queue.RETRY)
def answer_forgotten(email_sha256: str) -> None:
    """Have a link mailed to whoever has this address."""
    with database.transaction() as session:
        mailing.answer_forgotten(session, email_sha256=email_sha256, at=clock.now())
