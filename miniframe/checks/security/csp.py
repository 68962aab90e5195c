"""Checks of the two policies in settings.SECURE_CSP and SECURE_CSP_REPORT_ONLY.

    security.E026   it is no dict
    security.E100   a source holds what ends a directive or a policy
    security.W100   a keyword without its quotes, which browsers take for a host
    security.W101   a directive that does not exist
    security.W102   no middleware sends the policy

Source: E026 is Django 6.0's; the others are ours: a browser tells of such mistakes in its console, where nobody looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import settings
from miniframe.utils.text import did_you_mean

CSP_MIDDLEWARE = "miniframe.middleware.csp.ContentSecurityPolicyMiddleware"
POLICIES = ("SECURE_CSP", "SECURE_CSP_REPORT_ONLY")

#: CSP Level 3, section 6; Trusted Types; Reporting API; Mixed Content; Upgrade Insecure Requests.
DIRECTIVES = frozenset(
    "base-uri block-all-mixed-content child-src connect-src default-src fenced-frame-src font-src form-action "
    "frame-ancestors frame-src img-src manifest-src media-src object-src prefetch-src report-to report-uri "
    "require-trusted-types-for sandbox script-src script-src-attr script-src-elem style-src style-src-attr "
    "style-src-elem trusted-types upgrade-insecure-requests webrtc worker-src".split()
)
_KEYWORD = re.compile(
    r"none|self|report-sample|strict-dynamic|unsafe-(eval|hashes|inline)|wasm-unsafe-eval|inline-speculation-rules"
    r"|(nonce|sha256|sha384|sha512)-.*",
    re.IGNORECASE,
)
#: Their values are names and flags, not sources.
_NO_SOURCES = ("report-to", "sandbox", "trusted-types", "webrtc")


@register(Tags.security)
def check_csp_settings(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """All of them, for both settings; nothing is said of a policy that is not set."""
    found: list[CheckMessage] = []
    for name in POLICIES:
        config: Any = getattr(settings, name)
        if not isinstance(config, dict):
            message = f"The Content Security Policy setting '{name}' must be a dictionary (got {config!r} instead)."
            found.append(Error(message, id="security.E026"))
            continue
        for directive, value in config.items():
            found.extend(_mistakes(name, str(directive), value))
        if config and CSP_MIDDLEWARE not in settings.MIDDLEWARE:
            hint = f"Add '{CSP_MIDDLEWARE}' to MIDDLEWARE, after SecurityMiddleware."
            found.append(Warning(f"{name} is set, and no middleware sends it.", hint=hint, id="security.W102"))
    return found


def _mistakes(name: str, directive: str, value: Any) -> Iterator[CheckMessage]:
    if directive not in DIRECTIVES:
        hint = did_you_mean(directive, DIRECTIVES).strip() or "Browsers pass it over."
        yield Warning(f"{name} has the directive {directive!r}, which does not exist.", hint=hint, id="security.W101")
    sources = [value] if isinstance(value, str) or not isinstance(value, Iterable) else value
    for source in map(str, sources):
        if ";" in source or "," in source:
            yield Error(
                f"{name}[{directive!r}] has the source {source!r}, and ';' and ',' end a directive or a policy.",
                hint="Give each directive a key of its own, and several sources as a list.",
                id="security.E100",
            )
        elif directive not in _NO_SOURCES and _KEYWORD.fullmatch(source):
            yield Warning(
                f"{name}[{directive!r}] has the source {source!r}, which browsers take for the name of a host.",
                hint=f"Keywords have quotes of their own: \"'{source}'\", or a constant of miniframe.utils.csp.CSP.",
                id="security.W100",
            )
