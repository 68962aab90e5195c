"""Settings of the blog."""

from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "blog.urls"
INSTALLED_APPS = ["django.contrib.sessions", "django.contrib.messages", "blog"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "blog.middleware.AuthorMiddleware",
    "blog.middleware.robots",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "blog.jinja2.environment",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "blog.context_processors.site",
            ],
        },
    }
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_AGE = 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
STATIC_URL = "/static/"
USE_I18N = False
USE_TZ = True
LOGGING_CONFIG = None
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
CSRF_FAILURE_VIEW = "blog.views.refused"
SITE_NAME = "Notes & queries"
