"""`make run HTTPS=1`: a self-made certificate, so that a phone on the same network may use position and camera."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from pathlib import Path

import qrcode
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 365


def own_address() -> str:
    """This computer's address on its network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def files(var: Path) -> tuple[Path, Path]:
    """Key and certificate for the present address; made when missing, too old or for another address."""
    folder = var / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, chain = folder / "tls.key", folder / "tls.crt"
    if not (key.exists() and chain.exists() and _fits(chain)):
        _make(key, chain)
    return key, chain


def _names() -> list[x509.GeneralName]:
    addresses = {"127.0.0.1", own_address()}
    return [
        x509.DNSName("localhost"),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in sorted(addresses)),
    ]


def _fits(chain: Path) -> bool:
    found = x509.load_pem_x509_certificate(chain.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) == set(_names()) and found.not_valid_after_utc > dt.datetime.now(dt.UTC)


def _make(key: Path, chain: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gezhi")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.chmod(0o600)
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def print_code(address: str) -> None:
    """The address as a code that a phone's camera reads."""
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    code.print_ascii(invert=True)
