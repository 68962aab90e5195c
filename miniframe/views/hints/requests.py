"""Advice on what a request brings: its host, parameters, body and cookies; and on what is asked of it in vain."""

from __future__ import annotations

import re
from typing import Any

from miniframe.conf import settings
from miniframe.utils.text import nearest
from miniframe.views.hints.row import Case, Hint

__all__ = ["ASKED_IN_VAIN", "ROWS"]

_SESSIONS = "miniframe.sessions.middleware.SessionMiddleware"
_MESSAGES = "miniframe.messages.middleware.MessageMiddleware"

ASKED_IN_VAIN = {
    "args": "What Flask has in `request.args` is in `request.GET` here.",
    "cookies": "Cookies are in `request.COOKIES`.",
    "data": "`request.json()` reads JSON, `request.POST` a form, and `request.body` has the bytes.",
    "files": "Files that came with the form are in `request.FILES`.",
    "form": "What Flask has in `request.form` is in `request.POST` here.",
    "is_ajax": "Ask for the header that scripts set: `request.headers.get('x-requested-with') == 'XMLHttpRequest'`.",
    "query_params": "What stands behind the question mark is in `request.GET`.",
    "user": "There are no users in miniframe: keep in `request.session` who is logged in, and let a middleware of "
    "yours set `request.user`.",
}
"""What other frameworks have on a request, and where that is here."""


def _disallowed_host(case: Case) -> str:
    host = case.match[1].rpartition(":")[0] if re.search(r":\d+$", case.match[1]) else case.match[1]
    module = getattr(settings, "SETTINGS_MODULE", None) or "your settings"
    # Without any it answers to this machine under DEBUG, and with one to that one only.
    known = [*settings.ALLOWED_HOSTS, host] if settings.ALLOWED_HOSTS else [host, "localhost", "127.0.0.1"]
    return (
        f"If `{host}` is an address of this site, put it into {module}: `ALLOWED_HOSTS = {known!r}`. "
        "If it is not, somebody sent a forged Host header, and refusing it was right."
    )


def _request_attribute(case: Case) -> str:
    name = case.match[1]
    if name == "session":
        return _needs(_SESSIONS, "what uses `request.session`")
    return ASKED_IN_VAIN.get(name, "")


def _needs(middleware: str, user: str) -> str:
    if middleware in settings.MIDDLEWARE:
        return f"`{middleware}` stands in `settings.MIDDLEWARE`, but behind {user}: move it up."
    return f"Put `{middleware}` into `settings.MIDDLEWARE`, in front of {user}."


def _missing_key(case: Case) -> str:
    match = re.match(r"'?([^']*)'?$", str(case.match[1]))
    key = match[1] if match else ""
    request = case.request
    for name in ("GET", "POST", "FILES"):
        there = getattr(request, name, None)
        if there and key not in there:
            close = nearest(key, there)
            return (
                f"`request.{name}` has {', '.join(f'`{each}`' for each in list(there)[:10])}."
                + (f" Did you mean `{close}`?" if close else "")
                + f" Use `request.{name}.get({key!r})` for a parameter that may be missing."
            )
    if _content_type(request) == "application/json":
        return f"The body is JSON, which `request.POST` does not read: use `request.json()[{key!r}]`."
    return f"The request came without it. Use `.get({key!r})` for a parameter that may be missing."


def _content_type(request: Any) -> str:
    return str(getattr(request, "META", {}).get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _no_json(case: Case) -> str:
    meta = getattr(case.request, "META", None)
    if meta is None:
        return ""
    kind = _content_type(case.request)
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return f"The body is a form (`{kind}`): read `request.POST`, or let the client send `application/json`."
    if str(meta.get("CONTENT_LENGTH") or "0") == "0":
        return "The request has no body. `request.json()` answers 400 to such a one by itself."
    return "If this is the request's body, `request.json()` reads it, and answers 400 by itself if it is no JSON."


def _number_of_text(case: Case) -> str:
    text = case.match[1].strip("'\"")
    for name in ("GET", "POST"):
        parameters: Any = getattr(case.request, name, None)
        for key, values in parameters.lists() if parameters else ():
            if text in values:
                return (
                    f"It came as `request.{name}[{key!r}]`, and a client can send anything: catch the ValueError and "
                    "raise `BadRequest`, or let a route check it, as in `<int:page>`."
                )
    return ""


def _limit(case: Case) -> str:
    name = case.match[1]
    return f"`{name}` is {getattr(settings, name):,} now: raise it in the settings if requests like this are wanted."


def _slash(case: Case) -> str:
    path = str(getattr(case.request, "path", "/x"))
    return (
        f"The address has to end with a slash where it is sent from: `{path}/`. "
        "In a template `{{ url('name') }}` writes it as the route has it."
    )


ROWS: list[Hint] = [
    Hint("disallowed-host", "DisallowedHost", r"Invalid HTTP_HOST header: '([^']+)'", _disallowed_host),
    Hint("request-attribute", "AttributeError", r"^'\w*Request' object has no attribute '(\w+)'", _request_attribute),
    Hint("messages-without-middleware", "MessageFailure", r"MessageMiddleware",
         lambda case: _needs(_MESSAGES, "what adds messages")),
    Hint("missing-parameter", "MultiValueDictKeyError", r"(.*)", _missing_key),
    Hint("no-json", "JSONDecodeError", r"^", _no_json),
    Hint("number-of-text", "ValueError", r"^invalid literal for int\(\) with base \d+: (.*)", _number_of_text),
    Hint("number-of-text", "ValueError", r"^could not convert string to float: (.*)", _number_of_text),
    Hint("too-much-data", "SuspiciousOperation", r"settings\.(DATA_UPLOAD_\w+)", _limit),
    Hint("body-after-form", "RawPostDataException", r"^",
         "A body can be read once. Take `request.body` before `request.POST`, or only one of the two."),
    Hint("post-without-slash", "RuntimeError",
         r"^You called this URL via \w+, but the URL doesn't end in a slash", _slash),
]  # fmt: skip
