"""A local time-stamp authority (RFC 3161), with OpenSSL's `ts` to answer."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vault.stamping import Authority

Holder = tuple[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]
_SETTINGS = """
[ts]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class LocalAuthority:
    """An authority in a folder: a root, another beneath it, and beneath that the signer, as real ones have it."""

    def __init__(self, folder: Path, name: str = "Stamps") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        top = (f"{name} root", ec.generate_private_key(ec.SECP256R1()))
        between = (f"{name} between", ec.generate_private_key(ec.SECP256R1()))
        signer = (name, rsa.generate_private_key(65537, 2048))
        self.root = _certificate(between, top) + _certificate(top, top)
        (folder / "signer.pem").write_bytes(_certificate(signer, between))
        (folder / "key.pem").write_bytes(
            signer[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "serial").write_text("01\n")
        (folder / "ts.conf").write_text(_SETTINGS.format(folder=folder))

    @property
    def command(self) -> tuple[str, ...]:
        """What answers a request."""
        given = ("-config", self.folder / "ts.conf", "-section", "ts", "-signer", self.folder / "signer.pem")
        key = ("-inkey", self.folder / "key.pem", "-queryfile", "{request}", "-out", "{answer}")
        return ("openssl", "ts", "-reply", *map(str, given), *map(str, key))

    @property
    def as_known(self) -> Authority:
        """As an operator's settings name it."""
        return Authority(self.root, command=self.command)

    def answer(self, request: bytes) -> bytes:
        """The answer to a request, as DER."""
        places = {"request": self.folder / "asked", "answer": self.folder / "answered"}
        places["request"].write_bytes(request)
        command = [part.format(**places) for part in self.command]
        subprocess.run(command, capture_output=True, check=True)
        return places["answer"].read_bytes()


def _certificate(subject: Holder, issuer: Holder) -> bytes:
    stamps = isinstance(subject[1], rsa.RSAPrivateKey)
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name, _ in (subject, issuer)]
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(named[1], named[0], subject[1].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not stamps, path_length=None), critical=True)
    )
    if stamps:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(issuer[1], hashes.SHA256()).public_bytes(Encoding.PEM)
