"""Checks of the SECURE_* settings, SECRET_KEY, DEBUG and ALLOWED_HOSTS, for `check --deploy`.

The ids are Django's, so that settings.SILENCED_SYSTEM_CHECKS moves over with a project.

Source: Django's reference "System check framework", section "Security".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured

SECURITY_MIDDLEWARE = "miniframe.middleware.security.SecurityMiddleware"
XFRAME_MIDDLEWARE = "miniframe.middleware.clickjacking.XFrameOptionsMiddleware"

#: WHATWG HTML, "Cross-origin opener policies".
CROSS_ORIGIN_OPENER_POLICY_VALUES = {"noopener-allow-popups", "same-origin", "same-origin-allow-popups", "unsafe-none"}
#: W3C Referrer Policy, section 3.
REFERRER_POLICY_VALUES = {
    *("no-referrer", "no-referrer-when-downgrade"),
    *("origin", "origin-when-cross-origin"),
    *("same-origin", "strict-origin", "strict-origin-when-cross-origin"),
    "unsafe-url",
}

SECRET_KEY_INSECURE_PREFIX = "miniframe-insecure-"
#: A key that a project brought along is no better.
_INSECURE_PREFIXES = (SECRET_KEY_INSECURE_PREFIX, "django-insecure-")
SECRET_KEY_MIN_LENGTH = 50
SECRET_KEY_MIN_UNIQUE_CHARACTERS = 5

SECRET_KEY_WARNING_MSG = (
    f"Your %s can be guessed: it has fewer than {SECRET_KEY_MIN_LENGTH} characters, fewer than "
    f"{SECRET_KEY_MIN_UNIQUE_CHARACTERS} different ones, or starts with '{SECRET_KEY_INSECURE_PREFIX}', which marks "
    "the key that startproject made for development. Whoever knows it can forge sessions, signed cookies and links. "
    "Set a long random one, kept out of the repository."
)

W001 = Warning(
    f"'{SECURITY_MIDDLEWARE}' is not in your MIDDLEWARE, so SECURE_HSTS_SECONDS, SECURE_CONTENT_TYPE_NOSNIFF, "
    "SECURE_REFERRER_POLICY, SECURE_CROSS_ORIGIN_OPENER_POLICY and SECURE_SSL_REDIRECT do nothing.",
    id="security.W001",
)
W002 = Warning(
    f"'{XFRAME_MIDDLEWARE}' is not in your MIDDLEWARE, so other sites can show your pages in a frame and lead clicks "
    "astray. Unless that is wanted, add it.",
    id="security.W002",
)
W004 = Warning(
    "SECURE_HSTS_SECONDS is not set. If all of your site is served over HTTPS, browsers can be told to use nothing "
    "else. Begin with a small value: browsers remember it, and a mistake cannot be called back.",
    id="security.W004",
)
W005 = Warning(
    "SECURE_HSTS_INCLUDE_SUBDOMAINS is not True, so an insecure connection to a subdomain can be used against your "
    "site. Set it only if every subdomain is served over HTTPS.",
    id="security.W005",
)
W006 = Warning(
    "SECURE_CONTENT_TYPE_NOSNIFF is not True, so a browser may take an upload for a page and run the scripts in it.",
    id="security.W006",
)
W008 = Warning(
    "SECURE_SSL_REDIRECT is not True. Unless your site is to be reached over plain HTTP as well, set it, or let the "
    "proxy in front redirect to HTTPS.",
    id="security.W008",
)
W009 = Warning(SECRET_KEY_WARNING_MSG % "SECRET_KEY", id="security.W009")
W018 = Warning(
    "DEBUG is True: error pages show your code and settings to everybody. Set it to False in deployment.",
    id="security.W018",
)
W019 = Warning(
    f"'{XFRAME_MIDDLEWARE}' is in your MIDDLEWARE, but X_FRAME_OPTIONS is not 'DENY'. Unless your own pages show each "
    "other in frames, set it.",
    id="security.W019",
)
W020 = Warning("ALLOWED_HOSTS must not be empty in deployment.", id="security.W020")
W021 = Warning(
    "SECURE_HSTS_PRELOAD is not True, so your site cannot be put on the browsers' preload list.",
    id="security.W021",
)
W022 = Warning(
    "SECURE_REFERRER_POLICY is not set, so links on your pages tell other sites where the visitor came from.",
    id="security.W022",
)
E023 = Error(
    "SECURE_REFERRER_POLICY has a value that no browser knows.",
    hint=f"Valid values are: {', '.join(sorted(REFERRER_POLICY_VALUES))}.",
    id="security.E023",
)
E024 = Error(
    "SECURE_CROSS_ORIGIN_OPENER_POLICY has a value that no browser knows.",
    hint=f"Valid values are: {', '.join(sorted(CROSS_ORIGIN_OPENER_POLICY_VALUES))}.",
    id="security.E024",
)
W025 = Warning(SECRET_KEY_WARNING_MSG, id="security.W025")


def _found(message: CheckMessage, wrong: bool) -> list[CheckMessage]:
    return [message] if wrong else []


def _has_security() -> bool:
    return SECURITY_MIDDLEWARE in settings.MIDDLEWARE


def _has_xframe() -> bool:
    return XFRAME_MIDDLEWARE in settings.MIDDLEWARE


@register(Tags.security, deploy=True)
def check_security_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W001: SecurityMiddleware is not used."""
    return _found(W001, not _has_security())


@register(Tags.security, deploy=True)
def check_xframe_options_middleware(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W002: XFrameOptionsMiddleware is not used."""
    return _found(W002, not _has_xframe())


@register(Tags.security, deploy=True)
def check_sts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W004: no Strict-Transport-Security."""
    return _found(W004, _has_security() and not settings.SECURE_HSTS_SECONDS)


@register(Tags.security, deploy=True)
def check_sts_include_subdomains(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W005: Strict-Transport-Security leaves the subdomains out."""
    used = _has_security() and settings.SECURE_HSTS_SECONDS
    return _found(W005, used and settings.SECURE_HSTS_INCLUDE_SUBDOMAINS is not True)


@register(Tags.security, deploy=True)
def check_sts_preload(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W021: Strict-Transport-Security without "preload"."""
    used = _has_security() and settings.SECURE_HSTS_SECONDS
    return _found(W021, used and settings.SECURE_HSTS_PRELOAD is not True)


@register(Tags.security, deploy=True)
def check_content_type_nosniff(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W006: no "X-Content-Type-Options: nosniff"."""
    return _found(W006, _has_security() and settings.SECURE_CONTENT_TYPE_NOSNIFF is not True)


@register(Tags.security, deploy=True)
def check_ssl_redirect(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W008: plain HTTP is not redirected."""
    return _found(W008, _has_security() and settings.SECURE_SSL_REDIRECT is not True)


def _is_strong(secret_key: str) -> bool:
    return (
        len(secret_key) >= SECRET_KEY_MIN_LENGTH
        and len(set(secret_key)) >= SECRET_KEY_MIN_UNIQUE_CHARACTERS
        and not secret_key.startswith(_INSECURE_PREFIXES)
    )


@register(Tags.security, deploy=True)
def check_secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W009: SECRET_KEY is missing, short, monotonous or made for development."""
    try:
        return _found(W009, not _is_strong(settings.SECRET_KEY))
    except (ImproperlyConfigured, AttributeError):
        return [W009]


@register(Tags.security, deploy=True)
def check_secret_key_fallbacks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W025: the same for each of SECRET_KEY_FALLBACKS."""
    try:
        keys = settings.SECRET_KEY_FALLBACKS
    except (ImproperlyConfigured, AttributeError):
        return [Warning(W025.msg % "SECRET_KEY_FALLBACKS", id=W025.id)]
    weak = [index for index, key in enumerate(keys) if not _is_strong(key)]
    return [Warning(W025.msg % f"SECRET_KEY_FALLBACKS[{index}]", id=W025.id) for index in weak]


@register(Tags.security, deploy=True)
def check_debug(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W018: DEBUG is on."""
    return _found(W018, bool(settings.DEBUG))


@register(Tags.security, deploy=True)
def check_xframe_deny(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W019: X_FRAME_OPTIONS allows frames."""
    return _found(W019, _has_xframe() and settings.X_FRAME_OPTIONS != "DENY")


@register(Tags.security, deploy=True)
def check_allowed_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W020: ALLOWED_HOSTS is empty."""
    return _found(W020, not settings.ALLOWED_HOSTS)


@register(Tags.security, deploy=True)
def check_referrer_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W022, E023: SECURE_REFERRER_POLICY is None or unknown; it may be a list, or text with commas."""
    if not _has_security():
        return []
    policy: Any = settings.SECURE_REFERRER_POLICY
    if policy is None:
        return [W022]
    values = [value.strip() for value in policy.split(",")] if isinstance(policy, str) else policy
    return _found(E023, not REFERRER_POLICY_VALUES.issuperset(values))


@register(Tags.security, deploy=True)
def check_cross_origin_opener_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E024: SECURE_CROSS_ORIGIN_OPENER_POLICY is unknown."""
    policy: str | None = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
    wrong = policy is not None and policy not in CROSS_ORIGIN_OPENER_POLICY_VALUES
    return _found(E024, _has_security() and wrong)
