"""The page of a project that has no routes yet: it works, and this is the next step."""

from __future__ import annotations

import os
import sys
from typing import Any

from miniframe.conf import settings
from miniframe.utils.html import escape
from miniframe.utils.version import __version__
from miniframe.views.report.html import page

__all__ = ["render_welcome"]


def render_welcome(request: Any) -> str:
    """Return the page."""
    name = str(settings.ROOT_URLCONF)
    module, file = escape(name), escape(_file_of(name))
    body = f"""
<header class="hero">
<p class="eyebrow">miniframe {__version__}</p>
<h1>The install worked. Hello!</h1>
<p class="lead">You see this page because <code>{module}</code> has no routes yet
and <code>DEBUG = True</code> is in your settings.</p>
</header>
<section class="card">
<h2>Your first page</h2>
<p>Put this into <code>{file}</code>, and save it:
the next request runs the new code, and with <code>runserver</code> this page follows by itself.</p>
<pre class="plain">from miniframe.http import HttpResponse
from miniframe.urls import path


def home(request):
    return HttpResponse("Hello, world!")


urlpatterns = [
    path("", home),
]</pre>
</section>
"""
    return page("Welcome to miniframe", body)


def _file_of(name: str) -> str:
    """Return where the module is; a project of one file has its routes in `__main__`, which is no file's name."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file:
        return name.replace(".", "/") + ".py"
    here = os.getcwd() + os.sep
    return str(file).removeprefix(here)
