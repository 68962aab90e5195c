"""The site as a WSGI application: `gunicorn harbour.wsgi`, `waitress-serve harbour.wsgi:application`."""

from __future__ import annotations

import os

from miniframe.conf import settings
from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.types import WSGIApplication
from miniframe.wsgi import get_wsgi_application

from core.db import open_database

os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "harbour.settings")

application: WSGIApplication = get_wsgi_application()
open_database()
if settings.DEBUG:
    # Stylesheet and script as they lie in static/, under any server; without DEBUG see harbour/urls.py.
    application = StaticFilesHandler(application)
