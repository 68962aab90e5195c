"""Views that do to the session and to messages what settings.OPERATIONS say; written for Django."""

import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import path

MOMENT = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)

SESSION = {
    "set": lambda s, key, value: s.__setitem__(key, value),
    "get": lambda s, key, value: s.get(key, "nothing"),
    "item": lambda s, key, value: s[key],
    "delete": lambda s, key, value: s.__delitem__(key),
    "pop": lambda s, key, value: s.pop(key, "nothing"),
    "pop-strictly": lambda s, key, value: s.pop(key),
    "setdefault": lambda s, key, value: s.setdefault(key, value),
    "update": lambda s, key, value: s.update({key: value, "b": 2}),
    "contains": lambda s, key, value: [key in s, s.has_key(key)],
    "items": lambda s, key, value: [sorted(s.keys()), len(list(s.values())), len(s.items())],
    "clear": lambda s, key, value: s.clear(),
    "flush": lambda s, key, value: s.flush(),
    "cycle": lambda s, key, value: s.cycle_key(),
    "is-empty": lambda s, key, value: s.is_empty(),
    "has-key": lambda s, key, value: s.session_key is None,
    "flags": lambda s, key, value: [s.accessed, s.modified],
    "modify": lambda s, key, value: setattr(s, "modified", True),
    "inside": lambda s, key, value: s.setdefault("list", []).append(1),
    "expiry": lambda s, key, value: s.set_expiry(value if isinstance(value, int) else None),
    "expiry-delta": lambda s, key, value: s.set_expiry(datetime.timedelta(days=2, seconds=5)),
    "expiry-moment": lambda s, key, value: s.set_expiry(MOMENT),
    # In hours: a moment may pass between the two answers.
    "age": lambda s, key, value: s.get_expiry_age(modification=MOMENT - datetime.timedelta(days=99)) // 3600,
    "date": lambda s, key, value: str(s.get_expiry_date(modification=MOMENT))[:13],
    "at-close": lambda s, key, value: s.get_expire_at_browser_close(),
    "test-cookie": lambda s, key, value: s.set_test_cookie(),
    "test-worked": lambda s, key, value: s.test_cookie_worked(),
    "test-delete": lambda s, key, value: s.delete_test_cookie(),
    "unwritable": lambda s, key, value: s.encode({"a": object()}) and None,
    "save": lambda s, key, value: s.save(),
}


def _level(request, level, text):
    messages.set_level(request, level)
    return messages.get_level(request)


MESSAGES = {
    "add": lambda r, level, text: messages.add_message(r, level, text, extra_tags="x" if level > 25 else ""),
    "success": lambda r, level, text: messages.success(r, text),
    "error": lambda r, level, text: messages.error(r, text, "loud", True),
    "level": _level,
    "read": lambda r, level, text: [
        [one.level, one.message, one.tags, one.level_tag, one.extra_tags, str(one)] for one in messages.get_messages(r)
    ],
    "count": lambda r, level, text: len(messages.get_messages(r)),
    "contains": lambda r, level, text: "x" in messages.get_messages(r),
    "keep": lambda r, level, text: setattr(messages.get_messages(r), "used", False),
}


def attempt(ask):
    try:
        return ask()
    except Exception as error:
        return f"<{type(error).__name__}>"


def session(request, number):
    results = [attempt(lambda s=step: SESSION[s[0]](request.session, *s[1:])) for step in settings.OPERATIONS[number]]
    status = 500 if ["modify", "b", "status"] in settings.OPERATIONS[number] else 200
    return JsonResponse({"results": results}, status=status)


def message(request, number):
    return JsonResponse(
        {"results": [attempt(lambda s=step: MESSAGES[s[0]](request, *s[1:])) for step in settings.OPERATIONS[number]]}
    )


urlpatterns = [path("session/<int:number>/", session), path("message/<int:number>/", message)]
handler500 = lambda request: HttpResponse("error", status=500)  # noqa: E731
