"""Every setting's default, and the reason for it.

A project's settings module is laid over this one.  Names and defaults are Django's wherever Django has
the setting; ours are marked.  A value that a reader would call dangerous is never the default.

Source: Django's reference "Settings".
"""

from __future__ import annotations

from typing import Any

# ---- the project

DEBUG: bool = False
"""Detailed error pages.  Off, so that a forgotten setting never shows a stranger the source."""

SECRET_KEY: str = ""
"""Signs cookies and tokens.  Empty is refused when something is to be signed: there is no safe default."""

SECRET_KEY_FALLBACKS: list[str] = []
"""Older keys that still verify, newest first, while a key is being rotated."""

SIGNING_BACKEND: str = "miniframe.signing.TimestampSigner"
"""The class that signs cookies; this one adds the time, which `max_age` needs."""

ALLOWED_HOSTS: list[str] = []
"""Host names this site answers to; ".example.com" covers subdomains.  Empty under DEBUG: localhost and its family."""

INSTALLED_APPS: list[str] = []
"""Packages (or AppConfig classes) whose commands, templates and static files are found."""

ROOT_URLCONF: str = ""
"""The module with `urlpatterns`.  Each project has its own."""

WSGI_APPLICATION: str | None = None
"""The dotted path of the application that runserver serves; None means `get_wsgi_application()`."""

MIDDLEWARE: list[str] = []
"""Dotted paths of middleware factories, the outermost first."""

DEFAULT_CHARSET: str = "utf-8"
"""The charset of responses that do not name one."""

TIME_ZONE: str = "America/Chicago"
"""As Django's historical default; it touches the process only when a project sets it."""

USE_TZ: bool = True
"""Aware datetimes."""

USE_I18N: bool = False
"""Translations are not part of miniframe; kept so that a settings module moves over unchanged."""

LANGUAGE_CODE: str = "en-us"
"""The same."""

ADMINS: list[Any] = []
"""(name, address) pairs; read by checks and by code that is moved over."""

INTERNAL_IPS: list[str] = []
"""Addresses of developers: the context processor `debug` says `debug` to them while DEBUG is on."""

# ---- addresses

APPEND_SLASH: bool = True
"""CommonMiddleware redirects "/about" to "/about/" when only the second one exists."""

PREPEND_WWW: bool = False
"""CommonMiddleware redirects to www."""

FORCE_SCRIPT_NAME: str | None = None
"""The prefix the site is mounted under, when the server does not tell."""

DISALLOWED_USER_AGENTS: list[Any] = []
"""Compiled patterns; a matching User-Agent is answered with 403."""

USE_X_FORWARDED_HOST: bool = False
"""Believe X-Forwarded-Host.  Only right behind a proxy that sets it always."""

USE_X_FORWARDED_PORT: bool = False
"""Believe X-Forwarded-Port; the same warning."""

# ---- templates and files

TEMPLATES: list[dict[str, Any]] = []
"""Template engines; miniframe has one backend, Jinja2."""

STATIC_URL: str | None = None
"""Where static files are addressed; None means there are none."""

STATIC_ROOT: Any = None
"""The folder from which a web server serves them in production."""

STATICFILES_DIRS: list[Any] = []
"""Folders with static files that belong to no app; (prefix, folder) pairs are allowed."""

STATICFILES_FINDERS: list[str] = [
    "miniframe.staticfiles.finders.FileSystemFinder",
    "miniframe.staticfiles.finders.AppDirectoriesFinder",
]
"""How static files are found in development: first the project's folders, then the apps'."""

STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "miniframe.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "miniframe.staticfiles.storage.StaticFilesStorage"},
}
"""File storages by alias."""

MEDIA_ROOT: Any = ""
"""The folder of uploaded files."""

MEDIA_URL: str = ""
"""The address of uploaded files."""

# ---- what a client may send

DATA_UPLOAD_MAX_MEMORY_SIZE: int | None = 2_621_440
"""Bytes of a body without its files, 2.5 MiB; more is answered with 400.  None: no limit."""

DATA_UPLOAD_MAX_NUMBER_FIELDS: int | None = 1000
"""Parameters in a query string or form; each costs more to parse than to send."""

DATA_UPLOAD_MAX_NUMBER_FILES: int | None = 100
"""Files in one form."""

FILE_UPLOAD_HANDLERS: list[str] = [
    "miniframe.files.uploadhandler.MemoryFileUploadHandler",
    "miniframe.files.uploadhandler.TemporaryFileUploadHandler",
]
"""Small files stay in memory, large ones go to disk."""

FILE_UPLOAD_MAX_MEMORY_SIZE: int = 2_621_440
"""Bytes above which an uploaded file goes to disk, 2.5 MiB."""

FILE_UPLOAD_TEMP_DIR: str | None = None
"""Where large uploads are kept meanwhile; None is the machine's folder for temporary files."""

FILE_UPLOAD_PERMISSIONS: int | None = 0o644
"""The mode of stored files, so that the web server can read what a temporary file's 0600 would hide."""

FILE_UPLOAD_DIRECTORY_PERMISSIONS: int | None = None
"""The mode of folders made for them; None leaves it to the process's umask."""

# ---- security

SECURE_CONTENT_TYPE_NOSNIFF: bool = True
"""Browsers believe Content-Type, so an uploaded text never runs as a script."""

SECURE_CROSS_ORIGIN_OPENER_POLICY: str | None = "same-origin"
"""Other sites' windows cannot reach ours."""

SECURE_REFERRER_POLICY: Any = "same-origin"
"""Addresses of this site do not leak to others."""

SECURE_HSTS_SECONDS: int = 0
"""Off: switching it on is a promise of HTTPS for that long, which only the site's owner can make."""

SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = False
SECURE_HSTS_PRELOAD: bool = False
"""Parts of the same promise."""

SECURE_SSL_REDIRECT: bool = False
"""Redirect to HTTPS; off because development has none."""

SECURE_SSL_HOST: str | None = None
"""The host to redirect to; None keeps the request's."""

SECURE_REDIRECT_EXEMPT: list[str] = []
"""Patterns of paths that stay on HTTP."""

SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = None
"""A header and the value by which a proxy tells that the client used HTTPS."""

SECURE_CSP: dict[str, Any] = {}
SECURE_CSP_REPORT_ONLY: dict[str, Any] = {}
"""Directives of Content-Security-Policy, enforced and reported only; empty: no header."""

X_FRAME_OPTIONS: str = "DENY"
"""Nobody may frame our pages (clickjacking)."""

CSRF_COOKIE_NAME: str = "csrftoken"
CSRF_COOKIE_AGE: int | None = 60 * 60 * 24 * 7 * 52
"""Seconds; a year, so that a form in a forgotten tab still works."""

CSRF_COOKIE_DOMAIN: str | None = None
CSRF_COOKIE_PATH: str = "/"
CSRF_COOKIE_SECURE: bool = False
"""`check --deploy` asks for True; development has no HTTPS."""

CSRF_COOKIE_HTTPONLY: bool = False
"""Scripts may read the token to send it as a header."""

CSRF_COOKIE_SAMESITE: str | None = "Lax"
CSRF_HEADER_NAME: str = "HTTP_X_CSRFTOKEN"
CSRF_TRUSTED_ORIGINS: list[str] = []
"""Origins, with scheme, whose forms may post here."""

CSRF_USE_SESSIONS: bool = False
CSRF_FAILURE_VIEW: str = "miniframe.views.csrf.csrf_failure"

# ---- sessions, messages, cache

SESSION_ENGINE: str = "miniframe.sessions.backends.signed_cookies"
"""Ours: Django's default needs a database."""

SESSION_SERIALIZER: str = "miniframe.sessions.serializers.JSONSerializer"
SESSION_CACHE_ALIAS: str = "default"
SESSION_FILE_PATH: str | None = None
SESSION_COOKIE_NAME: str = "sessionid"
SESSION_COOKIE_AGE: int = 60 * 60 * 24 * 7 * 2
"""Seconds; two weeks."""

SESSION_COOKIE_DOMAIN: str | None = None
SESSION_COOKIE_PATH: str = "/"
SESSION_COOKIE_SECURE: bool = False
SESSION_COOKIE_HTTPONLY: bool = True
"""No script needs it, and a stolen session is a stolen login."""

SESSION_COOKIE_SAMESITE: str | None = "Lax"
SESSION_SAVE_EVERY_REQUEST: bool = False
SESSION_EXPIRE_AT_BROWSER_CLOSE: bool = False

MESSAGE_STORAGE: str = "miniframe.messages.storage.fallback.FallbackStorage"
MESSAGE_LEVEL: int = 20
MESSAGE_TAGS: dict[int, str] = {}

CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "miniframe.cache.backends.locmem.LocMemCache"}}
CACHE_MIDDLEWARE_ALIAS: str = "default"
CACHE_MIDDLEWARE_KEY_PREFIX: str = ""
CACHE_MIDDLEWARE_SECONDS: int = 600

# ---- errors, logs, checks

DEBUG_PROPAGATE_EXCEPTIONS: bool = False
"""Let exceptions reach the server; for tests and for debuggers that sit below."""

DEFAULT_EXCEPTION_REPORTER: str = "miniframe.views.debug.ExceptionReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER: str = "miniframe.views.debug.SafeExceptionReporterFilter"

LOGGING_CONFIG: str | None = "logging.config.dictConfig"
"""What is called with LOGGING; None leaves logging to the project."""

LOGGING: dict[str, Any] = {}
"""Laid over `miniframe.utils.log.DEFAULT_LOGGING`."""

SILENCED_SYSTEM_CHECKS: list[str] = []
"""Ids of checks whose messages are not shown."""

DATABASES: dict[str, dict[str, Any]] = {}
"""Ours: alias -> {"URL": SQLAlchemy's URL, "OPTIONS": arguments of create_engine(), "ATOMIC_REQUESTS": a transaction
around each view, "METADATA": the dotted path of the models' MetaData}, for `miniframe.db`.  Empty: nothing of that is
loaded.  An entry without a URL is left to a database layer of the project's own."""

TEST_RUNNER: str = "pytest"
"""Ours: `manage.py test` runs pytest; kept so that a moved settings module has no unknown name."""
