"""Settings of the harbour site: what is switched on, and where its things lie.

The environment may change six of them, so that the same code runs on a laptop and behind a real server:
HARBOUR_DEBUG (1 or 0), HARBOUR_SECRET_KEY, HARBOUR_HOSTS (with commas), HARBOUR_DATA (a folder), HARBOUR_SAMPLES
(1 or 0), HARBOUR_HTTP (1: no https, although HARBOUR_DEBUG is 0).
"""

from __future__ import annotations

import os
from pathlib import Path

from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("HARBOUR_DEBUG", "1") == "1"

# Good enough to try the site on your own machine, and for nothing else: anyone can read it here.
_DEVELOPMENT_KEY = "miniframe-insecure-port-merrow-keeps-no-secrets-on-a-laptop"
SECRET_KEY = os.environ.get("HARBOUR_SECRET_KEY", _DEVELOPMENT_KEY)
if not DEBUG and SECRET_KEY == _DEVELOPMENT_KEY:
    raise ImproperlyConfigured(
        "HARBOUR_DEBUG is 0, but HARBOUR_SECRET_KEY is not set, and everybody can read the key in harbour/settings.py. "
        "Set HARBOUR_SECRET_KEY to 50 random characters or more, for example the output of: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

ALLOWED_HOSTS = [host for host in os.environ.get("HARBOUR_HOSTS", "").split(",") if host]

INSTALLED_APPS = [
    "miniframe.sessions",
    "miniframe.messages",
    "miniframe.staticfiles",
    "core",
    "board",
    "gallery",
    "tides",
    "live",
    "api",
]

# From the outside in: the first one sees a request first, and its response last.
MIDDLEWARE = [
    "core.middleware.response_time",
    "miniframe.middleware.security.SecurityMiddleware",
    "miniframe.middleware.csp.ContentSecurityPolicyMiddleware",
    "miniframe.sessions.middleware.SessionMiddleware",
    "miniframe.middleware.common.CommonMiddleware",
    "miniframe.middleware.csrf.CsrfViewMiddleware",
    "miniframe.middleware.clickjacking.XFrameOptionsMiddleware",
    "miniframe.messages.middleware.MessageMiddleware",
    "core.middleware.VisitCounterMiddleware",
]

ROOT_URLCONF = "harbour.urls"
WSGI_APPLICATION = "harbour.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "miniframe.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "miniframe.template.context_processors.request",
                "miniframe.messages.context_processors.messages",
                "core.context.harbour",
            ],
        },
    },
]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Everything that the site writes lies in one folder: the database and the pictures.
DATA_DIR = Path(os.environ.get("HARBOUR_DATA", BASE_DIR / "var"))
# A new database starts with a few notices and pictures, so that there is something to look at.
SAMPLE_DATA = os.environ.get("HARBOUR_SAMPLES", "1") == "1"

# A picture may have 5 MiB; a request a little more, for the words beside it.
PICTURE_MAX_BYTES = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# The live page: seconds between two readings, and after how many seconds the browser is asked to connect anew.
LIVE_INTERVAL = 0.5
LIVE_SECONDS = 60.0

NOTICES_PER_PAGE = 9
PICTURES_PER_PAGE = 12

# Sessions hold a number, so they fit into the visitor's own cookie, which lives as long as the author's: a year.
SESSION_ENGINE = "miniframe.sessions.backends.signed_cookies"
SESSION_COOKIE_AGE = 365 * 24 * 3600

# Browsers load nothing from elsewhere and run no script that is not a file of ours, so that even a notice that slipped
# one past the templates' escaping would only be text.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if not DEBUG:
    # Behind https these make the cookies travel over it only; HARBOUR_HTTP=1 is for trying the real thing without.
    _HTTPS = os.environ.get("HARBOUR_HTTP", "0") != "1"
    CSRF_COOKIE_SECURE = _HTTPS
    SESSION_COOKIE_SECURE = _HTTPS
    SECURE_SSL_REDIRECT = _HTTPS
    SECURE_HSTS_SECONDS = 3600 if _HTTPS else 0
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
