"""A stand-in for a company's mail server (aiosmtpd, somebody else's SMTP): STARTTLS, login, greylists. No test here."""

from __future__ import annotations

import datetime
import errno
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from standins.serving import free_port

USER, PASSWORD = "robot@example.com", "briefkasten-9"


@dataclass
class MailBox:
    """What arrived. `codes`: receiver -> what RCPT is answered next; `after_data` is answered to DATA, "cut" cuts."""

    port: int = 0
    ca: str = ""
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    codes: dict[str, list[str]] = field(default_factory=dict)
    after_data: list[str] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, to: str, options: Any) -> str:
        """As `codes` says, else welcome."""
        if waiting := self.codes.get(to):
            return waiting.pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        """Keeps the mail, unless `after_data` says otherwise."""
        said = self.after_data.pop(0) if self.after_data else "250 OK"
        if said[0] not in "45":
            mail = cast(EmailMessage, message_from_bytes(bytes(envelope.content or b""), policy=default))
            self.mails.append((envelope.rcpt_tos[0], mail))
        if said == "cut":
            server.transport.abort()
        return said

    def let_in(self, *asked: Any) -> AuthResult:
        """One user, one password."""
        told = asked[-1]
        good = isinstance(told, LoginPassword) and (told.login, told.password) == (USER.encode(), PASSWORD.encode())
        self.logins.append(good)
        return AuthResult(success=good, handled=False)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as PEM files."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem, secret = folder / "mail.pem", folder / "mail.key"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(kind, form, serialization.NoEncryption()))
    return pem, secret


def _started(box: MailBox, told: dict[str, Any]) -> Controller:
    """aiosmtpd cannot look for a port itself, and another program may be quicker to take the one that was free."""
    for _ in range(9):
        running = Controller(box, hostname="127.0.0.1", port=free_port(), **told)
        try:
            running.start()
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise
        else:
            return running
    raise AssertionError("no port is free")


@contextmanager
def mail_server(folder: Path, tls: bool = True) -> Iterator[MailBox]:
    """A server that asks for STARTTLS and a login; without `tls` it knows neither."""
    box = MailBox()
    told: dict[str, Any] = {}
    if tls:
        pem, secret = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, secret)
        box.ca = str(pem)
        told = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": box.let_in}
    running = _started(box, told)
    box.port = running.port
    try:
        yield box
    finally:
        running.stop()
