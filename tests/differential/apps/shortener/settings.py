"""Settings of the URL shortener."""

from pathlib import Path

SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
ALLOWED_HOSTS = ["testserver", ".go.test"]
ROOT_URLCONF = "shortener.urls"
INSTALLED_APPS = ["shortener"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "shortener.middleware.HostMiddleware",
    "shortener.middleware.RateLimit",
    "django.middleware.csrf.CsrfViewMiddleware",
]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "links"},
    "limits": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits", "TIMEOUT": 60},
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"environment": "shortener.environment.environment"},
    }
]
CSRF_FAILURE_VIEW = "shortener.views.refused"
CSRF_TRUSTED_ORIGINS = ["https://*.go.test"]
APPEND_SLASH = False
LOGGING_CONFIG = None
USE_I18N = False
HITS_A_MINUTE = 45
