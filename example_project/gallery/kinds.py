"""Which files are pictures: told by their first bytes, never by the name or type that the browser sent."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A picture format that we take."""

    name: str
    extension: str
    content_type: str


PNG = Kind("PNG", ".png", "image/png")
JPEG = Kind("JPEG", ".jpg", "image/jpeg")
GIF = Kind("GIF", ".gif", "image/gif")
WEBP = Kind("WebP", ".webp", "image/webp")
KINDS = (JPEG, PNG, GIF, WEBP)

# As many bytes as `kind_of` needs to see.
HEAD = 16


def kind_of(head: bytes) -> Kind | None:
    """Return the format of a file that begins with `head`, None if it is no picture that we take.

    SVG is left out on purpose: it may carry scripts, which would then run on our own address.
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return None
