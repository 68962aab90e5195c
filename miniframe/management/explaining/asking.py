"""Make a request of what was typed: `explain [METHOD] PATH -H ... -d ...`, much as curl does."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from miniframe.conf import settings
from miniframe.management.errors import CommandError

__all__ = ["Question", "allowed_host", "question_of"]

_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # token (RFC 9110, section 5.6.2)
_SAFE = "/%:@!$&'()*+,;=-._~?[]"  # what may stand in a path and a query (RFC 3986, section 3.3)
_FORM = "application/x-www-form-urlencoded"


class Question(NamedTuple):
    """A request as it is to be sent; all of it is text but the body."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    secure: bool = False
    """The application is told that it came over https."""

    @property
    def octets(self) -> bytes:
        """The request on the wire."""
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


def question_of(options: Mapping[str, Any], host: str) -> Question:
    """Return the request that the options `method`, `path`, `header`, `data` and `csrf` describe.

    `host` is who is asked if the path does not say.

    Raises:
        CommandError: they describe none.
    """
    body = _body(options["data"])
    method = options["method"] or ("GET" if body is None else "POST")
    if _METHOD.fullmatch(method) is None:
        raise CommandError(f"{method!r} is no method. Type explain METHOD PATH, such as: explain POST /login/")
    host, target = _target(options["path"], host, method)
    given = [_field(text) for text in options["header"]]
    if options["csrf"]:
        given += _csrf_fields()
    names = {name.lower() for name, _ in given}
    fields = {"Host": host, "User-Agent": "miniframe-explain", "Accept": "text/html,*/*;q=0.8"}
    if body is not None:
        fields["Content-Type"] = "application/json" if body[:1] in (b"{", b"[") else _FORM
        if "transfer-encoding" in names:
            body = _chunked(body)
        else:
            fields["Content-Length"] = str(len(body))
    kept = [(name, value) for name, value in fields.items() if name.lower() not in names]
    secure = options["path"].startswith("https://")
    return Question(method, target, (*kept, *given, ("Connection", "close")), body or b"", secure)


def _target(path: str, host: str, method: str) -> tuple[str, str]:
    """Return the host and the request target (RFC 9112, section 3.2)."""
    if path == "*" and method == "OPTIONS":
        return host, path
    if path.startswith(("http://", "https://")):
        parts = urlsplit(path)
        host, path = parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.startswith("/"):
        raise CommandError(f"{path!r} is no path: it begins with a slash, as in: explain /{path.lstrip('/')}")
    return host, quote(path.partition("#")[0], safe=_SAFE)


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise CommandError(f"{text!r} is no header field. Type -H 'NAME: VALUE'.")
    return name, value.strip()


def _csrf_fields() -> list[tuple[str, str]]:
    """Return a cookie and a field with the same secret, of which the middleware asks no more."""
    secret = secrets.token_hex(16)
    header: str = settings.CSRF_HEADER_NAME
    name = header.removeprefix("HTTP_").replace("_", "-").title()
    return [("Cookie", f"{settings.CSRF_COOKIE_NAME}={secret}"), (name, secret)]


def _body(data: str | None) -> bytes | None:
    if data is None:
        return None
    if data == "-":
        return sys.stdin.buffer.read()
    if data.startswith("@"):
        try:
            with open(data[1:], "rb") as file:
                return file.read()
        except OSError as error:
            raise CommandError(f"{data[1:]} cannot be read: {error.strerror}.") from error
    return data.encode("utf-8", "surrogateescape")


def _chunked(body: bytes) -> bytes:
    """Return a body in the chunked coding, in one chunk (RFC 9112, section 7.1)."""
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return chunk + b"0\r\n\r\n"


def allowed_host() -> str:
    """Return a host that the site answers to: this machine, or else the first of ALLOWED_HOSTS."""
    hosts: list[str] = list(settings.ALLOWED_HOSTS)
    if not hosts or {"*", "localhost", ".localhost"} & set(hosts):
        return "localhost"
    return hosts[0].lstrip(".")
