"""The base of class-based middlewares; the odd name of the module is Django's, so that imports move over.

Source: Django's topic "Middleware", section "Upgrading pre-Django 1.10-style middleware".
"""

from __future__ import annotations

from typing import Any

from miniframe.types import GetResponse

__all__ = ["MiddlewareMixin"]


class MiddlewareMixin:
    """Call `process_request` on the way in and `process_response` on the way out.

    `process_request` may return a response, and then the view is not reached.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        if get_response is None:
            raise ValueError("get_response must be provided.")
        self.get_response = get_response
        super().__init__()
        # Looked up once: a middleware without one of the hooks costs nothing for it.
        self._before = getattr(self, "process_request", None)
        self._after = getattr(self, "process_response", None)

    def __repr__(self) -> str:
        inner = getattr(self.get_response, "__qualname__", type(self.get_response).__name__)
        return f"<{type(self).__qualname__} get_response={inner}>"

    def __call__(self, request: Any) -> Any:
        response = self._before(request) if self._before else None
        if response is None:
            response = self.get_response(request)
        return self._after(request, response) if self._after else response
