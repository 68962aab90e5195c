"""Is this an address: of a page, of mail, of a machine?

Source: Django's reference "Validators"; RFC 5321 and 5322 (mail), RFC 1034 (names of hosts), RFC 3986.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from miniframe.exceptions import ValidationError
from miniframe.validators.values import Validator

__all__ = [
    "DomainNameValidator",
    "EmailValidator",
    "MAX_URL_LENGTH",
    "URLValidator",
    "validate_domain_name",
    "validate_email",
    "validate_ipv46_address",
    "validate_ipv4_address",
    "validate_ipv6_address",
]

MAX_URL_LENGTH = 2048
"""Characters of the longest address that is looked at."""

_MAX_EMAIL_LENGTH = 320  # RFC 3696, erratum 1690: 64 for the mailbox, 255 for the domain, "@"
_MAX_DOMAIN_LENGTH = 253  # RFC 1034, section 3.1

_LETTER = "a-zA-Z0-9\u00a1-\uffff"
_LABEL = re.compile(rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?")
_TLD = re.compile(r"[a-zA-Z\u00a1-\uffff-]{2,63}|(?i:xn--[a-z0-9]{1,59})")
_URL = re.compile(
    r"(?P<scheme>[a-zA-Z0-9.+-]*)://(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:@/?#\[\]]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?"
)
_MAILBOX = re.compile(
    r"[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*"  # dot-atom
    r'|"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"'  # quoted-string
)


def _is_domain(name: str, *, idna: bool = True) -> bool:
    """Return whether `name` is a domain of two labels or more; a final dot is fine."""
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_DOMAIN_LENGTH or len(labels) < 2 or not (idna or name.isascii()):
        return False
    *_, last = labels
    return all(map(_LABEL.fullmatch, labels)) and _TLD.fullmatch(last) is not None


def _is_ip(text: str, kind: Callable[[str], object]) -> bool:
    # As Django: 39 characters hold the longest address; what follows "%" in one with a zone may have any length.
    if len(text) > 39:
        return False
    try:
        kind(text)
    except ValueError:
        return False
    return True


class DomainNameValidator(Validator):
    """The value is a domain, such as "example.com"; without `accept_idna` in ASCII."""

    message: Any = "Enter a valid domain name."
    code = "invalid"
    max_length = _MAX_DOMAIN_LENGTH

    def __init__(self, *, accept_idna: bool = True, message: Any = None, code: str | None = None) -> None:
        self.accept_idna = accept_idna
        self._set(message=message, code=code)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        if not isinstance(value, str) or not _is_domain(value, idna=self.accept_idna):
            raise ValidationError(self.message, code=self.code, params={"value": value})


validate_domain_name: DomainNameValidator = DomainNameValidator()


class URLValidator(Validator):
    """The value is an absolute address with one of `schemes`, on a host that could exist on the internet or here."""

    message: Any = "Enter a valid URL."
    code = "invalid"
    schemes: Collection[str] = ["http", "https", "ftp", "ftps"]
    max_length = MAX_URL_LENGTH

    def __init__(self, schemes: Collection[str] | None = None, *, message: Any = None, code: str | None = None) -> None:
        self._set(schemes=schemes, message=message, code=code)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        if not isinstance(value, str) or len(value) > self.max_length or not self._holds(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _holds(self, value: str) -> bool:
        found = _URL.fullmatch(value)
        if found is None or found["scheme"].lower() not in self.schemes:
            return False
        host = found["host"]
        if host.startswith("["):
            return _is_ip(host[1:-1], ipaddress.IPv6Address)
        try:
            urlsplit(value)  # it knows odd Unicode that would turn into another host
        except ValueError:
            return False
        return host.lower() == "localhost" or _is_ip(host, ipaddress.IPv4Address) or _is_domain(host)


class EmailValidator(Validator):
    """The value is an address of mail, on a domain, an address in brackets, or one of the hosts in `allowlist`."""

    message: Any = "Enter a valid email address."
    code = "invalid"
    domain_allowlist: Collection[str] = ["localhost"]

    def __init__(self, message: Any = None, code: str | None = None, allowlist: Collection[str] | None = None) -> None:
        self._set(message=message, code=code, domain_allowlist=allowlist)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        mailbox, at, domain = str(value or "").rpartition("@")
        fits = at and len(str(value)) <= _MAX_EMAIL_LENGTH and _MAILBOX.fullmatch(mailbox) is not None
        if not fits or not (domain in self.domain_allowlist or self.validate_domain_part(domain)):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def validate_domain_part(self, domain_part: str) -> bool:
        """Return whether mail could be sent there."""
        if domain_part.startswith("[") and domain_part.endswith("]"):
            return _is_ip(domain_part[1:-1], ipaddress.ip_address)
        return not domain_part.endswith(".") and _is_domain(domain_part)


validate_email: EmailValidator = EmailValidator()


def validate_ipv4_address(value: Any) -> None:
    """The value is an IPv4 address in four decimal numbers."""
    _check_ip(value, "IPv4", ipaddress.IPv4Address)


def validate_ipv6_address(value: Any) -> None:
    """The value is an IPv6 address, in its long form or a short one."""
    _check_ip(value, "IPv6", ipaddress.IPv6Address)


def validate_ipv46_address(value: Any) -> None:
    """The value is either."""
    _check_ip(value, "IPv4 or IPv6", ipaddress.ip_address)


def _check_ip(value: Any, protocol: str, kind: Callable[[str], object]) -> None:
    # As text: given a number, `ipaddress` would make an address of it.
    if not _is_ip(str(value), kind):
        params = {"protocol": protocol, "value": value}
        raise ValidationError("Enter a valid %(protocol)s address.", code="invalid", params=params)
