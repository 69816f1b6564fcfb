"""Handing one plain mail to the mail server of the settings. Knows no domain and keeps nothing."""

import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from app.settings import MailServer

PATIENCE = 15.0  # seconds, for each answer of the server
MAX_SAID = 200  # characters of the server's own words


class MailError(Exception):
    """It was not sent. The message is one sentence; with `is_final` another try would end the same way."""

    def __init__(self, sentence: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_final = is_final


def write(
    server: MailServer, *, name: str, address: str, subject: str, body: str, at: datetime
) -> EmailMessage:
    """The mail. No value can add a header or a second recipient: the policy refuses it. Raises MailError."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = server.sender
        message["To"] = Address(display_name=name, addr_spec=address)
        message["Subject"] = subject
    except (ValueError, MessageError):
        raise MailError("No mail can be written to this address.", is_final=True) from None
    message["Date"] = at
    message["Message-ID"] = make_msgid(domain=server.sender.domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note is to answer
    message.set_content(body)
    return message


def deliver(server: MailServer, message: EmailMessage) -> None:
    """Hand the mail over; returns when the server has taken it. Raises MailError."""
    try:
        smtp = _connect(server)
        try:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
            with suppress(smtplib.SMTPException, OSError):  # it is sent, however the goodbye goes
                smtp.quit()
        finally:
            smtp.close()
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: an address it cannot carry
        raise _explained(error) from None


def _connect(server: MailServer) -> smtplib.SMTP:
    """A connection that is as safe as the settings say, or none: it never falls back to less."""
    name = server.sender.domain  # said in the greeting: looking up this machine's own could take long
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=PATIENCE, context=context)
    smtp = smtplib.SMTP(server.host, server.port, name, timeout=PATIENCE)
    if server.scheme == "smtp":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except smtplib.SMTPNotSupportedError:
            smtp.close()
            raise MailError("The mail server offers no TLS (STARTTLS).") from None
        except BaseException:
            smtp.close()
            raise
    return smtp


def _explained(error: Exception) -> MailError:
    """What went wrong, as an administrator reads it: never with the mail's own words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return MailError(f"The mail server refused the address: {_said(code, said)}", is_final=code >= 500)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MailError("The mail server did not accept user and password (ENGROSS_SMTP_URL).")
    if isinstance(error, smtplib.SMTPDataError):
        why = _said(error.smtp_code, error.smtp_error)
        return MailError(f"The mail server refused the mail: {why}", is_final=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        return MailError(f"The mail server refused: {_said(error.smtp_code, error.smtp_error)}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailError("The mail server cannot do what this mail needs.", is_final=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(f"The mail server's certificate does not hold: {error.verify_message}.")
    # smtplib calls a silence after the greeting a connection that was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return MailError(f"The mail server did not answer within {PATIENCE:.0f} s.")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return MailError("The mail server hung up.")
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return MailError(f"The mail server cannot be reached: {error.strerror or type(error).__name__}.")
    return MailError(f"The mail could not be sent ({type(error).__name__}).")


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {''.join(filter(str.isprintable, text))[:MAX_SAID]}"
