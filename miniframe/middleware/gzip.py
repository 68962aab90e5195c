"""Compress responses for clients that take gzip.

Compressed pages that hold both a secret and what a stranger can choose are open to the BREACH attack; random bytes in
the gzip header blur the length, and CSRF tokens are masked anew for each page.

Source: RFC 9110, sections 8.4 and 12.5.3; "Heal the Breach"; Django's reference "Middleware", section
"GZip middleware".
"""

from __future__ import annotations

import re
from typing import Any

from miniframe.http import HttpRequest
from miniframe.utils.cache import patch_vary_headers
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.text import compress_sequence, compress_string

#: "gzip" among the codings that the client takes; "gzip;q=0" says that it does not (RFC 9110, section 12.5.3).
re_accepts_gzip: re.Pattern[str] = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")

#: Below this many bytes there is little to gain.
SHORTEST = 200


def _is_event_stream(response: Any) -> bool:
    """Return whether each piece has to leave at once: the packer would hold events back until it has a block."""
    return (response.get("Content-Type") or "").startswith("text/event-stream")


class GZipMiddleware(MiddlewareMixin):
    """Compress what is long enough and not compressed yet; put it before middleware that reads or changes content."""

    #: At most so many random bytes go into each response's gzip header.
    max_random_bytes = 100

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Return the response with its content compressed, if that is wanted and makes it shorter."""
        if not response.streaming and len(response.content) < SHORTEST:
            return response
        if "Content-Encoding" in response or _is_event_stream(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response
        if response.streaming:
            self._compress_stream(response)
        elif not self._compress_content(response):
            return response
        etag = response.get("ETag") or ""
        if etag.startswith('"'):
            # The bytes are others now, so the tag holds in the weak sense only (RFC 9110, section 8.8.1).
            response.headers["ETag"] = f"W/{etag}"
        response.headers["Content-Encoding"] = "gzip"
        return response

    def _compress_content(self, response: Any) -> bool:
        """Compress, and return whether that made it any shorter."""
        compressed = compress_string(response.content, max_random_bytes=self.max_random_bytes)
        if len(compressed) >= len(response.content):
            return False
        response.content = compressed
        response.headers["Content-Length"] = str(len(compressed))
        return True

    def _compress_stream(self, response: Any) -> None:
        chunks = response.streaming_content
        if response.is_async:

            async def compressed() -> Any:
                async for chunk in chunks:
                    yield compress_string(chunk, max_random_bytes=self.max_random_bytes)

            response.streaming_content = compressed()
        else:
            response.streaming_content = compress_sequence(chunks, max_random_bytes=self.max_random_bytes)
        # How long it gets is known only at its end.
        del response.headers["Content-Length"]
