"""What the templates of any engine need of a request: the token against forged forms, made when it is used.

Source: Django's how-to "Custom template backend", section "Context processors".
"""

from __future__ import annotations

from functools import partial
from typing import Any

from miniframe.middleware.csrf import get_token
from miniframe.utils.functional import SimpleLazyObject
from miniframe.utils.html import format_html
from miniframe.utils.safestring import SafeString

__all__ = ["csrf_input", "csrf_input_lazy", "csrf_token_lazy"]


def csrf_input(request: Any) -> SafeString:
    """Return the hidden field of a form that carries the token."""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


def csrf_input_lazy(request: Any) -> Any:
    """Do so when it is used: making a token marks the response as varying by cookie."""
    return SimpleLazyObject(partial(csrf_input, request))


def csrf_token_lazy(request: Any) -> Any:
    """Return the token itself, made when it is used."""
    return SimpleLazyObject(partial(get_token, request))
