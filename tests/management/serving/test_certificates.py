"""The certificate for this machine: made once, kept for its owner alone, made again when it is of no use."""

from __future__ import annotations

import builtins
import datetime
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from miniframe.management import CommandError
from miniframe.management.serving import certificates


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that holds the user's caches."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path


def test_it_is_made_once_and_kept_for_its_owner_alone(home: Path) -> None:
    first = certificates.certificate_for_this_machine()
    assert first.is_new
    assert certificates.certificate_for_this_machine() == first._replace(is_new=False)
    for path in (first.certificate, first.key):
        assert Path(path).parent == home / "miniframe"
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE((home / "miniframe").stat().st_mode) == 0o700


def test_it_vouches_for_this_machine_and_for_nobody_else() -> None:
    made = x509.load_pem_x509_certificate(Path(certificates.certificate_for_this_machine().certificate).read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert {"127.0.0.1", "::1"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_after_utc - made.not_valid_before_utc < datetime.timedelta(days=398)


@pytest.mark.parametrize("fault", ["no-key", "garbage", "readable-key", "key-of-another", "old"])
def test_one_that_is_of_no_use_is_made_again(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = certificates.certificate_for_this_machine()
    before = Path(first.certificate).read_bytes()
    if fault == "no-key":
        os.unlink(first.key)
    elif fault == "garbage":
        Path(first.certificate).write_text("-----BEGIN CERTIFICATE-----\n")
    elif fault == "readable-key":
        os.chmod(first.key, 0o644)
    elif fault == "key-of-another":
        os.rename(first.key, first.key + ".kept")
        certificates.certificate_for_this_machine()
        os.replace(first.key + ".kept", first.key)
        before = Path(first.certificate).read_bytes()
    else:
        later = certificates._now() + datetime.timedelta(days=390)
        monkeypatch.setattr(certificates, "_now", lambda: later)
    assert certificates.certificate_for_this_machine().is_new
    assert Path(first.certificate).read_bytes() != before
    assert not certificates.certificate_for_this_machine().is_new


def test_without_the_library_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == "cryptography":
            raise ImportError
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CommandError) as caught:
        certificates.certificate_for_this_machine()
    assert caught.value.__notes__ == [
        "Install it: pip install 'miniframe[https]'. Or bring your own: --cert FILE --key FILE"
    ]


def test_a_folder_that_cannot_be_written_is_named(home: Path) -> None:
    (home / "miniframe").write_text("a file in the way")
    with pytest.raises(CommandError, match="The certificate cannot be kept in "):
        certificates.certificate_for_this_machine()


@pytest.mark.parametrize(
    ("platform", "command"), [("linux", "certutil -d sql:$HOME/.pki/nssdb"), ("darwin", "security add-trusted-cert")]
)
def test_how_to_trust_it_is_said(platform: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", platform)
    said = "\n".join(certificates.advice("/a b/localhost.pem", is_new=True))
    assert command in said
    assert "curl --cacert '/a b/localhost.pem' {url}" in said
    (again,) = certificates.advice("/a b/localhost.pem", is_new=False)
    assert command in again


def test_an_empty_or_relative_folder_of_caches_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert certificates.folder() == Path.home() / ".cache" / "miniframe"
