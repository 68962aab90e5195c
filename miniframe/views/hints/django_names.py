"""Names that Django's users know: where they are here, or what is here in their stead.

Source: docs/differences.md, sections "Names" and "Not here, on purpose".
"""

from __future__ import annotations

import re
import sys

from miniframe.utils.dotted import exists
from miniframe.utils.text import nearest

__all__ = ["advise_on_module", "advise_on_name"]

_NO_MODELS = (
    "miniframe has no models: those of SQLAlchemy take their place (`pip install 'miniframe[sqlalchemy]'`), and "
    "`miniframe.db` has `session()`, `atomic()` and `get_object_or_404()` for them."
)
_NO_FORMS = (
    "miniframe has no forms: a view reads `request.POST`, and `miniframe.validators` checks values; "
    "a library for forms works as well."
)
_NO_USERS = (
    "miniframe has no users: keep in `request.session` who is logged in, and let a middleware of yours check that."
)
_NO_TRANSLATION = "miniframe does not translate: write the text itself."
_NO_MAIL = "miniframe sends no mail: `smtplib` and `email` of Python do."

# By what stands behind "django.", "django.contrib." or "django.core."; the longest that fits counts.
MODULES = {
    "admin": "miniframe has no admin, since it has no models: take `admin.site.urls` out of the URLconf.",
    "admindocs": "miniframe has no admin.",
    "asgi": "miniframe serves WSGI: `miniframe.wsgi.get_wsgi_application()`; `async def` views run there too.",
    "auth": _NO_USERS,
    "contenttypes": _NO_MODELS,
    "db": _NO_MODELS,
    "db.transaction": "Write `from miniframe.db import transaction` (`pip install 'miniframe[sqlalchemy]'`).",
    "forms": _NO_FORMS,
    "mail": _NO_MAIL,
    "postgres": _NO_MODELS,
    "sites": "miniframe has no sites framework: the host is `request.get_host()`.",
    "utils.translation": _NO_TRANSLATION,
    "utils.autoreload": "The reloader is `miniframe.autoreload`, with other contents.",
}
NAMES = {
    "get_list_or_404": "Write `from miniframe.db import get_list_or_404`: it takes a `select()` of SQLAlchemy.",
    "get_object_or_404": "Write `from miniframe.db import get_object_or_404`: it takes a `select()` of SQLAlchemy.",
    "url": "Write `path('blog/<int:pk>/', ...)`, or `re_path()` for a regular expression.",
    "login_required": _NO_USERS,
    "forms": _NO_FORMS,
    "models": _NO_MODELS,
    "admin": MODULES["admin"],
    **dict.fromkeys(
        ("ListView", "DetailView", "CreateView", "UpdateView", "DeleteView", "ArchiveIndexView"),
        "Views over models are not here: `View` and `TemplateView` are.",
    ),
    **dict.fromkeys(("FormView", "Form", "ModelForm"), _NO_FORMS),
    **dict.fromkeys(("gettext", "gettext_lazy", "ngettext"), _NO_TRANSLATION),
    **dict.fromkeys(("send_mail", "mail_admins", "EmailMessage"), _NO_MAIL),
}
_RULE = "(`django.core.X` and `django.contrib.X` are `miniframe.X`)"


def advise_on_module(name: str) -> str:
    """Return where a module of Django's is here; "" for a name that is neither Django's nor ours."""
    first, _, rest = name.partition(".")
    if first not in ("django", "miniframe"):
        return ""
    rest = re.sub(r"^(core|contrib)(\.|$)", "", rest)
    parts = rest.split(".")
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in MODULES:
            return MODULES[".".join(parts[:end])]
    if not rest:
        return f"This project runs on miniframe, where there is no `{name}` {_RULE}."
    ours = f"miniframe.{rest}"
    if ours != name and exists(ours):
        return f"This project runs on miniframe: write `{ours}` in place of `{name}` {_RULE}."
    if first == "django":
        close = nearest(ours, [each for each in sys.modules if each.startswith("miniframe.")], cutoff=0.8)
        return f"This project runs on miniframe, which has no `{ours}`." + (
            f" Did you mean `{close}`?" if close else " docs/differences.md lists what is not here."
        )
    return ""


def advise_on_name(name: str, module: str) -> str:
    """Return where a name is that Django has and that `module`, one of ours, has not; "" if nobody knows."""
    if module.partition(".")[0] != "miniframe":
        return ""
    if name in NAMES:
        return NAMES[name]
    places = [
        place
        for place, loaded in list(sys.modules.items())
        if place.startswith("miniframe.") and "._" not in place and name in getattr(loaded, "__all__", ())
    ]
    # The face of a package rather than a room in it.
    place = min(places, key=lambda place: (place.count("."), place), default="")
    return f"Write `from {place} import {name}`." if place else ""
