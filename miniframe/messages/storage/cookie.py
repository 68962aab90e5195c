"""Messages in a signed cookie: nothing is kept on the server, and there is room for a few.

Source: Django's reference "The messages framework", section "Storage backends".
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from miniframe.conf import settings
from miniframe.http import HttpResponseBase
from miniframe.messages.storage.base import BaseStorage
from miniframe.messages.storage.coding import MessageDecoder, MessageEncoder, MessageSerializer
from miniframe.utils.functional import cached_property

__all__ = ["CookieStorage", "MessageDecoder", "MessageEncoder"]


class CookieStorage(BaseStorage):
    """Messages in the cookie "messages"."""

    cookie_name = "messages"

    #: Characters of the cookie's value; browsers take 4,096 for each, but all cookies of a site travel in one header.
    max_cookie_size = 2048

    #: Stands behind the messages when there are more of them somewhere else.
    not_finished = "__messagesnotfinished__"

    # Django's, so that its cookies are good here and ours there.
    key_salt = "django.contrib.messages"

    @cached_property
    def signer(self) -> Any:
        """What signs the cookie, made when it is needed."""
        from miniframe import signing  # base64 with it, 1 ms

        return signing.get_cookie_signer(salt=self.key_salt)

    def _get(self) -> tuple[list[Any] | None, bool]:
        messages = self._decode(self.request.COOKIES.get(self.cookie_name))
        if messages and messages[-1] == self.not_finished:
            return messages[:-1], False
        return messages, True

    def _store(self, messages: list[Any], response: HttpResponseBase, remove_oldest: bool = True) -> list[Any] | None:
        """Put the messages into the cookie; where there are too many, the oldest stay out, or else the newest."""
        encoded = self._encode(messages)
        if not self._is_too_large(encoded):
            self._update_cookie(encoded, response)
            return []
        kept, left_out = self._divided(messages, remove_oldest)
        self._update_cookie(self._encode([*kept, self.not_finished]), response)
        return left_out

    def _divided(self, messages: list[Any], remove_oldest: bool) -> tuple[list[Any], list[Any]]:
        """Return as many messages as fit, and the rest; found in log n trials, each of which signs them all."""
        count = len(messages)

        def too_many(index: int) -> bool:
            kept = messages[count - index - 1 :] if remove_oldest else messages[: index + 1]
            return self._is_too_large(self._encode([*kept, self.not_finished]))

        fitting = bisect_left(range(count), True, key=too_many)
        if remove_oldest:
            return messages[count - fitting :], messages[: count - fitting]
        return messages[:fitting], messages[fitting:]

    def _is_too_large(self, encoded: str | None) -> bool:
        return bool(self.max_cookie_size) and len(encoded or "") > self.max_cookie_size

    def _encode(self, messages: list[Any], encode_empty: bool = False) -> str | None:
        """Return the messages as signed text; None for none, unless `encode_empty`."""
        if not messages and not encode_empty:
            return None
        text: str = self.signer.sign_object(messages, serializer=MessageSerializer, compress=True)
        return text

    def _decode(self, data: str | None) -> list[Any] | None:
        """Return the messages in signed text; None if there are none, or if it was changed."""
        if not data:
            return None
        try:
            messages = self.signer.unsign_object(data, serializer=MessageSerializer)
            if isinstance(messages, list):
                return messages
        except Exception:
            pass  # whatever is wrong with it, it came from outside
        # So that the cookie is taken back.
        self.used = True
        return None

    def _update_cookie(self, encoded: str | None, response: HttpResponseBase) -> None:
        scope = {"domain": settings.SESSION_COOKIE_DOMAIN, "samesite": settings.SESSION_COOKIE_SAMESITE}
        if not encoded:
            response.delete_cookie(self.cookie_name, **scope)
            return
        secure, httponly = settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY
        response.set_cookie(self.cookie_name, encoded, secure=secure, httponly=httponly, **scope)
