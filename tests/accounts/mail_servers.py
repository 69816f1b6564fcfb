"""Mail servers on this machine: real ones, ones that refuse or have no TLS, and one that says nothing."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

PASSWORD = "a/b:c@d"


class Mailbox:
    """What a server took; `refuses` is its answer to every recipient, where it refuses them."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.envelopes: list[Envelope] = []
        self.was_tls: list[bool] = []

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one.original_content, policy=SMTP) for one in self.envelopes]  # type: ignore[misc]

    async def handle_RCPT(  # noqa: N802 -- named by aiosmtpd
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- named by aiosmtpd
        self, _server: object, session: Session, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        self.was_tls.append(session.ssl is not None)
        return "250 OK"


def _authenticate(_server: object, _session: object, _envelope: object, _how: str, data: Any) -> AuthResult:
    right = (data.login, data.password) == (b"engross", PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """A server on a port of its own, which the block is given."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def secure(certificate: Path, **options: Any) -> dict[str, Any]:
    """What makes a server offer STARTTLS and insist on user and password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    signed_in = {"authenticator": _authenticate, "auth_required": True}
    return {"tls_context": context, "require_starttls": True, **signed_in, **options}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes the connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def make_certificate(folder: Path) -> Path:
    """A certificate of localhost with its key, signed by nobody else."""
    file = folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return file
