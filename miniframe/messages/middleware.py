"""Give each request a place for its messages, and keep on the way out what was not shown.

Source: Django's reference "The messages framework".
"""

from __future__ import annotations

import logging
from typing import Any

from miniframe.conf import settings
from miniframe.http import HttpResponseBase
from miniframe.messages.storage import default_storage
from miniframe.utils.cache import patch_vary_headers
from miniframe.utils.deprecation import MiddlewareMixin

__all__ = ["MessageMiddleware"]

logger: logging.Logger = logging.getLogger("miniframe.messages")


class MessageMiddleware(MiddlewareMixin):
    """Messages, in the storage that settings.MESSAGE_STORAGE names."""

    def process_request(self, request: Any) -> None:
        """Hang the storage on the request; nothing is read before somebody asks for messages."""
        request._messages = default_storage(request)

    def process_response(self, request: Any, response: HttpResponseBase) -> HttpResponseBase:
        """Keep what was added and not shown.

        Raises:
            ValueError: DEBUG is on, and some messages fit nowhere. Without DEBUG that is logged.
        """
        storage = getattr(request, "_messages", None)
        if storage is None:
            return response  # somebody took it away, or called us with a request of his own
        lost = storage.update(response)
        if getattr(storage, "added_new", False) or hasattr(storage, "_loaded_data"):
            # A page with one visitor's messages is not for another's eyes, nor is one without them.
            patch_vary_headers(response, ("Cookie",))
        if lost:
            told = f"{type(storage).__name__} has no room for {len(lost)} of the messages, which are lost."
            if settings.DEBUG:
                raise ValueError(f"Not all temporary messages could be stored. {told} FallbackStorage has more.")
            logger.warning("%s", told)
        return response
