"""Path converters: what `<int:year>` in a route matches, and what the view is given for it.

A converter has a `regex`, and two methods that undo each other: `to_python` turns the
matched text into a value, `to_url` turns a value into text.  A ValueError from the first
means "no match", from the second "this route cannot be reversed with that value".

Source: Django's topic "URL dispatcher", section "Registering custom path converters".
"""

from __future__ import annotations

import re
from typing import Any, Protocol

__all__ = [
    "Converter",
    "IntConverter",
    "PathConverter",
    "SlugConverter",
    "StringConverter",
    "UUIDConverter",
    "get_converters",
    "is_slug",
    "is_uuid",
    "register_converter",
]


class Converter(Protocol):
    """What a class must offer to be registered as a path converter."""

    regex: str

    def to_python(self, value: str) -> Any:
        """Return the value for the view, or raise ValueError for "no match"."""

    def to_url(self, value: Any) -> Any:
        """Return the text for an address, or raise ValueError for "cannot be reversed"."""


class IntConverter:
    """`<int:n>`: ASCII digits, given to the view as an int."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """Return the number; more digits than Python's limit for int() are no match."""
        return int(value)

    def to_url(self, value: Any) -> str:
        """Return the value as text."""
        return str(value)


class StringConverter:
    """`<str:s>` or `<s>`: one or more characters, up to the next slash."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Return the text as it stands."""
        return value

    def to_url(self, value: Any) -> Any:
        """Return the value as it stands; quoting comes later, for the whole path."""
        return value


class SlugConverter(StringConverter):
    """`<slug:s>`: ASCII letters, digits, hyphens and underscores."""

    regex = "[-a-zA-Z0-9_]+"


class PathConverter(StringConverter):
    """`<path:p>`: one or more characters, slashes too."""

    regex = ".+"


class UUIDConverter:
    """`<uuid:id>`: a UUID in lower case with its hyphens, given to the view as `uuid.UUID`."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> Any:
        """Return the `uuid.UUID`."""
        import uuid  # lazy: few sites have UUIDs in their addresses, and the import costs milliseconds

        return uuid.UUID(value)

    def to_url(self, value: Any) -> str:
        """Return the UUID in its usual form."""
        return str(value)


_converters: dict[str, Converter] = {
    "str": StringConverter(),
    "int": IntConverter(),
    "slug": SlugConverter(),
    "uuid": UUIDConverter(),
    "path": PathConverter(),
}


def is_slug(text: str) -> bool:
    """Return whether `<slug:...>` matches all of `text`; as quick as its regular expression, and ready at once."""
    return text.isascii() and text.replace("-", "x").replace("_", "x").isalnum()


def is_uuid(text: str) -> bool:
    """Return whether `<uuid:...>` matches all of `text`."""
    return len(text) == 36 and re.fullmatch(UUIDConverter.regex, text) is not None


def register_converter(converter: type[Converter], type_name: str) -> None:
    """Make `converter` known as `<type_name:...>` in the routes written from now on.

    Raises:
        ValueError: the name is taken.  (Django 5.2 warns about that, Django 6 raises.)
    """
    if type_name in _converters:
        taken = type(_converters[type_name])
        raise ValueError(
            f"Converter {type_name!r} is already registered: it is {taken.__module__}.{taken.__qualname__}. "
            f"Give {converter.__qualname__} another name."
        )
    _converters[type_name] = converter()


def get_converters() -> dict[str, Converter]:
    """Return all converters by the name that routes call them, ours and the registered ones."""
    return _converters
