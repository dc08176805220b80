"""A mail server on loopback that keeps what it is sent, speaks TLS if it is given a certificate, and may refuse."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Postbox:
    """What a mail server heard, and how it behaves."""

    port: int = 0
    mails: list[tuple[str, str]] = field(default_factory=list)  # recipient, message
    heard: list[str] = field(default_factory=list)
    secured: bool = False
    refuses: set[str] = field(default_factory=set)


class _Handler(socketserver.StreamRequestHandler):
    postbox: Postbox
    trusted: ssl.SSLContext | None
    timeout = 5

    def handle(self) -> None:
        with suppress(OSError):  # who calls hangs up, or does not trust our certificate
            self._converse()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def _converse(self) -> None:
        self._say("220 mail.example.org")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            self.postbox.heard.append(line)
            word = line.upper().split(":")[0]
            if word.startswith("EHLO"):
                self._say("250-mail.example.org", *(["250-STARTTLS"] if self.trusted else []), "250 8BITMIME")
            elif word == "STARTTLS":
                self._say("220 go on")
                self._secure()
            elif word == "MAIL FROM":
                self._say("250 ok")
            elif word == "RCPT TO":
                recipient = line.partition("<")[2].partition(">")[0]
                self._say("550 nobody here" if recipient in self.postbox.refuses else "250 ok")
            elif word == "DATA":
                self._say("354 go on")
                self._keep(recipient)
                self._say("250 ok")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _keep(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line.rstrip("\r\n"))
        self.postbox.mails.append((recipient, "\n".join(lines)))

    def _secure(self) -> None:
        assert self.trusted is not None
        self.connection = self.trusted.wrap_socket(self.connection, server_side=True)
        self.postbox.secured = True
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def postbox(certificate: Path | None = None) -> Iterator[Postbox]:
    """A mail server that is listening; with a certificate it offers STARTTLS."""
    kept = Postbox()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    class Handler(_Handler):
        postbox, trusted = kept, context

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()


def certified(folder: Path) -> Path:
    """A certificate of 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
