"""What a view does most often, in one call.

`get_object_or_404` and `get_list_or_404` are those of `miniframe.db`, loaded when somebody imports them.

Source: Django's topic "Django shortcut functions".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from miniframe.exceptions import NoReverseMatch
from miniframe.http import HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from miniframe.template.loader import render_to_string
from miniframe.urls import reverse
from miniframe.utils.faces import hands_on
from miniframe.utils.functional import Promise

if TYPE_CHECKING:
    from miniframe.db import get_list_or_404 as get_list_or_404
    from miniframe.db import get_object_or_404 as get_object_or_404

__all__ = ["redirect", "render", "resolve_url"]


if not TYPE_CHECKING:
    # SQLAlchemy takes 150 ms, only in projects that use it.
    __getattr__ = hands_on(__name__, dict.fromkeys(("get_list_or_404", "get_object_or_404"), "miniframe.db"))


def render(
    request: Any,
    template_name: str | Sequence[str],
    context: Mapping[str, Any] | None = None,
    content_type: str | None = None,
    status: int | None = None,
    using: str | None = None,
) -> HttpResponse:
    """Render a template with `request` and `context` into a response."""
    return HttpResponse(render_to_string(template_name, context, request, using), content_type, status)


def redirect(
    to: Any, *args: Any, permanent: bool = False, preserve_request: bool = False, **kwargs: Any
) -> HttpResponseRedirect | HttpResponsePermanentRedirect:
    """Return a redirect to what `resolve_url` makes of `to`.

    The status is 302, or 301 if `permanent`.  With `preserve_request` it is 307 or 308, and the client repeats
    the same method with the same body.
    """
    address = resolve_url(to, *args, **kwargs)
    if permanent:
        return HttpResponsePermanentRedirect(address, preserve_request=preserve_request)
    return HttpResponseRedirect(address, preserve_request=preserve_request)


def resolve_url(to: Any, *args: Any, **kwargs: Any) -> str:
    """Return the address that `to` means.

    It is an object with `get_absolute_url()`, the name of a route (with its `args` and `kwargs`), a view, or an
    address, which comes back as it is.

    Raises:
        NoReverseMatch: `to` is no route's name and does not look like an address either.
    """
    absolute_url = getattr(to, "get_absolute_url", None)
    if absolute_url is not None:
        return str(absolute_url())
    # A lazy reverse() is an address already, and no route has its name.
    name: Any = str(to) if isinstance(to, Promise) else to
    if isinstance(name, str) and name.startswith(("./", "../")):
        return name
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        if not isinstance(name, str) or not ("/" in name or "." in name):
            raise
        return name
