"""A certificate for this machine, made when it is first wanted and kept: HTTPS while you work on a site.

It vouches for itself, so browsers warn until they are told to trust it; `advice` says how.  It can vouch for
nothing else: who steals its key can pass for this machine's own addresses, and for no other site.

Source: RFC 5280, sections 4.1 and 4.2; CA/Browser Forum, Baseline Requirements, section 6.3.2 (398 days at most).
Not here: serving with it (see `servers.tls`).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import shlex
import socket
import ssl
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from miniframe.management.errors import CommandError
from miniframe.management.serving.addresses import lan_address
from miniframe.servers.tls import CertificateError, load

__all__ = ["Certificate", "Encryption", "advice", "certificate_for_this_machine", "encryption", "folder"]

_DAY: Final = datetime.timedelta(days=1)
_LIFE: Final = 397 * _DAY
# One that would end while somebody works with it is made anew before.
_LEAST: Final = 7 * _DAY
# Without these it is of no use; other names are those of the moment it was made.
_NEEDED: Final = ("localhost", "127.0.0.1", "::1")


class Certificate(NamedTuple):
    """The files of a certificate and its key, and whether they were made just now."""

    certificate: str
    key: str
    is_new: bool


class Encryption(NamedTuple):
    """What a server encrypts with: the files, what was read from them, and advice for who visits it."""

    certificate: str
    key: str
    context: ssl.SSLContext
    advice: list[str]


def encryption(certificate: str | None, key: str | None) -> Encryption:
    """Return what serves with this certificate and key, or with this machine's if there is none.

    Raises:
        CommandError: there is no certificate that works; the message says why.
    """
    told: list[str] = []
    if key and not certificate:
        raise CommandError("--key belongs to a certificate: name that with --cert.")
    if not certificate:
        certificate, key, is_new = certificate_for_this_machine()
        told = advice(certificate, is_new)
    try:
        return Encryption(certificate, key or "", load(certificate, key), told)
    except CertificateError as error:
        raise CommandError(str(error)) from error


def folder() -> Path:
    """Return where the certificate of this user is kept.

    Source: XDG Base Directory Specification, by which an empty or relative value counts as none.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "miniframe"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "miniframe"


def certificate_for_this_machine() -> Certificate:
    """Return the certificate that is kept, or a new one if there is none that is good for a week.

    Raises:
        CommandError: the library that makes certificates is not installed, or the folder cannot be written.
    """
    try:
        import cryptography  # noqa: F401  # an extra, and 30 ms: nobody else needs it
    except ImportError:
        error = CommandError("--https makes a certificate with the library cryptography, which is not installed.")
        error.add_note("Install it: pip install 'miniframe[https]'. Or bring your own: --cert FILE --key FILE")
        raise error from None
    place = folder()
    certificate, key = place / "localhost.pem", place / "localhost-key.pem"
    is_new = not _is_good(certificate, key)
    if is_new:
        try:
            _make(certificate, key)
        except OSError as failed:
            raise CommandError(f"The certificate cannot be kept in {place}: {failed}") from failed
    return Certificate(str(certificate), str(key), is_new)


def _is_good(certificate: Path, key: Path) -> bool:
    from cryptography import x509  # see certificate_for_this_machine()

    try:
        kept = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        # Who else may read it may pass for us.
        is_private = key.stat().st_mode & 0o077 == 0
        # Two that were made at the same moment may have left one the key of the other.
        load(str(certificate), str(key))
    except (OSError, ValueError, x509.ExtensionNotFound, CertificateError):
        return False
    known = {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}
    return is_private and known.issuperset(_NEEDED) and kept.not_valid_after_utc > _now() + _LEAST


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _make(certificate: Path, key: Path) -> None:
    from cryptography.hazmat.primitives import serialization  # see certificate_for_this_machine()
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = ec.generate_private_key(ec.SECP256R1())
    certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The key first: a certificate without its key would be taken for good.
    certificate.unlink(missing_ok=True)
    _save(
        key,
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    _save(certificate, _signed(secret).public_bytes(serialization.Encoding.PEM))


def _save(path: Path, data: bytes) -> None:
    """Write a file that only its owner reads, at no moment anybody else."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _signed(secret: Any) -> Any:
    """Return a certificate for the owner of this key, by the same."""
    from cryptography import x509  # see certificate_for_this_machine()
    from cryptography.hazmat.primitives import hashes

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"miniframe on {socket.gethostname()}"[:64])])
    usage = [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        # A clock of another machine may be behind ours.
        .not_valid_before(_now() - _DAY)
        .not_valid_after(_now() - _DAY + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in _names()]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .sign(secret, hashes.SHA256())
    )


def _names() -> list[str]:
    """Return the names and addresses by which this machine is reached."""
    names = [*_NEEDED, "*.localhost", socket.gethostname(), lan_address()]
    return [name for name in dict.fromkeys(names) if name and name.isascii()]


def _general_name(name: str) -> Any:
    from cryptography import x509  # see certificate_for_this_machine()

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def advice(certificate: str, is_new: bool) -> list[str]:
    """Return lines that say how to have this certificate trusted: one, or if it is new all that one has to know.

    "{url}" stands for where it is served.
    """
    path = shlex.quote(certificate)
    if sys.platform == "darwin":
        trust = f"security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {path}"
    else:
        trust = f"certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n miniframe -i {path}  (Chromium; package libnss3-tools)"
    if not is_new:
        return [f"To trust its certificate: {trust}"]
    return [
        "Browsers warn of this certificate, which vouches for itself, until it is trusted:",
        f"  {trust}",
        f"  curl --cacert {path} {{url}}",
    ]
