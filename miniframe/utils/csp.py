"""Content-Security-Policy as text: the keywords, a policy made from a dict, and the nonce.

A policy tells browsers where a page may load things from, so that a script which slipped into the page does not run.

Source: W3C Content Security Policy Level 3; Django 6.0's reference "Content Security Policy".
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from miniframe.utils.functional import LazyObject, empty

__all__ = ["CSP", "LazyNonce", "Policy", "build_policy", "compile_policy"]


class CSP(StrEnum):
    """Keywords for the values of directives, with their quotes; and the names of the two header fields."""

    HEADER_ENFORCE = "Content-Security-Policy"
    HEADER_REPORT_ONLY = "Content-Security-Policy-Report-Only"

    NONE = "'none'"
    REPORT_SAMPLE = "'report-sample'"
    SELF = "'self'"
    STRICT_DYNAMIC = "'strict-dynamic'"
    UNSAFE_EVAL = "'unsafe-eval'"
    UNSAFE_HASHES = "'unsafe-hashes'"
    UNSAFE_INLINE = "'unsafe-inline'"
    WASM_UNSAFE_EVAL = "'wasm-unsafe-eval'"

    #: Stands for the request's nonce in a policy; the middleware puts that in its place.
    NONCE = "<CSP_NONCE_SENTINEL>"


class LazyNonce(LazyObject):
    """A random text that is made when a page first uses it, and the same from then on.

    It is true once it has been used, so that no header names a nonce that nobody has.
    """

    # For the class, since most instances are never used: then making one costs nothing.
    _wrapped: Any = empty

    def __init__(self) -> None:
        """Do nothing yet."""

    def _setup(self) -> None:
        # 128 bits, as CSP Level 3, section 7.1 asks for; "secrets" would do the same and costs an import.
        self._wrapped = base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode("ascii")

    def __bool__(self) -> bool:
        return self._wrapped is not empty


class Policy(NamedTuple):
    """A policy made into text, but for the nonce."""

    plain: str
    """The policy of a page that uses no nonce."""
    marked: str
    """That of a page which does, with `CSP.NONCE` where it belongs."""

    def text(self, nonce: object = None) -> str:
        """Return the header's value; `nonce` is left out if it is None or an unused `LazyNonce`."""
        # Asked first: a LazyNonce that is only looked at must not be made.
        if self.marked == self.plain or not nonce:
            return self.plain
        return self.marked.replace(CSP.NONCE.value, f"'nonce-{nonce}'")


def build_policy(config: Mapping[str, Any], nonce: object = None) -> str:
    """Return the value of a Content-Security-Policy header.

    `config` maps each directive to a source or several: text, or a list, tuple or set of texts.  True stands for a
    directive without a value; None and False leave it out.

    >>> build_policy({"default-src": [CSP.SELF], "img-src": "*", "upgrade-insecure-requests": True})
    "default-src 'self'; img-src *; upgrade-insecure-requests"
    """
    return compile_policy(config).text(nonce)


def compile_policy(config: Mapping[str, Any]) -> Policy:
    """Return the policy of `config`, of which `build_policy` tells what is in it, ready for many requests."""
    plain, marked = [], []
    for directive, value in config.items():
        if value is None or value is False:
            continue
        if value is True:
            plain.append(str(directive))
            marked.append(str(directive))
            continue
        sources = _sources(value)
        if not sources:
            continue
        marked.append(" ".join([directive, *sources]))
        # A directive that only a nonce could satisfy allows nothing on a page without one.  Without the directive
        # browsers would ask default-src, which may allow more.
        plain.append(" ".join([directive, *([each for each in sources if each != CSP.NONCE] or [CSP.NONE])]))
    return Policy("; ".join(plain), "; ".join(marked))


def _sources(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    elif isinstance(value, (set, frozenset)):
        value = sorted(value)  # the same text each time, for whoever compares or compresses it
    return [str(each) for each in value]
