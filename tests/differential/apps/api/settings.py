"""Settings of the API."""

SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "api.urls"
INSTALLED_APPS = ["api.apps.BooksConfig"]
MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "api.middleware.timing",
    "api.middleware.TokenMiddleware",
    "api.middleware.JsonErrors",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = True
LOGGING_CONFIG = None
USE_I18N = False
USE_TZ = True
TOKENS = {"secret": "ann", "other": "bob"}
