"""Settings of the harbour site: what is switched on, and where its things lie.

The environment may change seven of them, so that the same code runs on a laptop and behind a real server:
HARBOUR_DEBUG (1 or 0), HARBOUR_SECRET_KEY, HARBOUR_HOSTS (with commas), HARBOUR_DATA (a folder),
HARBOUR_DATABASE (a URL), HARBOUR_SAMPLES (1 or 0), HARBOUR_HTTP (1: no https, although HARBOUR_DEBUG is 0).
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

# Everything that the site writes lies in one folder: the database, the pictures, and what `collectstatic` gathers.
DATA_DIR = Path(os.environ.get("HARBOUR_DATA", BASE_DIR / "var"))
MEDIA_ROOT = DATA_DIR / "pictures"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# SQLite, unless a URL says otherwise: postgresql+psycopg://harbour:secret@localhost/harbour
DATABASES = {
    "default": {
        "URL": os.environ.get("HARBOUR_DATABASE", f"sqlite:///{DATA_DIR / 'port-merrow.sqlite3'}"),
        "METADATA": "core.db.Base.metadata",
        # A view does all it does in the database, or nothing of it.
        "ATOMIC_REQUESTS": True,
    }
}

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

# Pages that views keep (`cache_page`) lie in this process; while somebody works on the site, nothing is kept.
_CACHE = "dummy.DummyCache" if DEBUG else "locmem.LocMemCache"
CACHES = {"default": {"BACKEND": f"miniframe.cache.backends.{_CACHE}"}}

# Browsers load nothing from elsewhere, and run a script only if it has the request's nonce, so that even a notice that
# slipped one past the templates' escaping would only be text.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

if not DEBUG:
    # Stylesheets and scripts have names that change with their content, so that browsers may keep them.
    STORAGES = {
        "default": {"BACKEND": "miniframe.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "miniframe.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    # Behind https these make the cookies travel over it only; HARBOUR_HTTP=1 is for trying the real thing without.
    _HTTPS = os.environ.get("HARBOUR_HTTP", "0") != "1"
    CSRF_COOKIE_SECURE = _HTTPS
    SESSION_COOKIE_SECURE = _HTTPS
    SECURE_SSL_REDIRECT = _HTTPS
    SECURE_HSTS_SECONDS = 3600 if _HTTPS else 0
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
    # HSTS for subdomains, and on the lists that browsers bring along, is a promise that only a domain's owner can make.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
