"""The site as a WSGI application: `gunicorn harbour.wsgi`, `waitress-serve harbour.wsgi:application`."""

from __future__ import annotations

import os

from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.wsgi import get_wsgi_application

os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "harbour.settings")

# The stylesheet and the script come from here as well, so that the site looks the same under every server.
# A busy site would let nginx serve STATIC_URL, and leave the wrapper out.
application = StaticFilesHandler(get_wsgi_application())
