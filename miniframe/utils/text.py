"""Words: names for files and addresses, and the nearest match for a mistyped one.

Source: Django's reference "Utils", section `django.utils.text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.utils.functional import keep_lazy_text, lazy

__all__ = [
    "capfirst",
    "camel_case_to_spaces",
    "compress_sequence",
    "compress_string",
    "did_you_mean",
    "escape_controls",
    "exception_text",
    "format_lazy",
    "get_text_list",
    "get_valid_filename",
    "in_one_line",
    "nearest",
    "normalize_newlines",
    "slugify",
]

# C0 but tab and line feed, DEL, C1; and what turns the direction of writing around (Unicode TR 9, section 2).
# A text, which `re` compiles when it is first used and keeps: 0.4 ms that most starts need not spend.
_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"


def escape_controls(text: str) -> str:
    r"""Return `text` with control characters written out, so that they cannot steer a terminal or hide a word.

    Tabs and line feeds stay.

    >>> escape_controls("\x1b[31mred")
    '\\x1b[31mred'
    """
    return re.sub(_CONTROLS, lambda match: repr(match[0])[1:-1], text)


def in_one_line(advice: str) -> str:
    r"""Return advice, in which backquotes stand around code, as one line for a terminal.

    >>> in_one_line("Did you mean `print`?")
    'Did you mean print?'
    """
    return escape_controls(" ".join(advice.replace("`", "").split()))


def exception_text(error: BaseException) -> str:
    """Return str(error), or words in its place if it has a `__str__` that fails."""
    try:
        return str(error)
    except Exception as broken:
        return f"<its text cannot be had: str() raised {type(broken).__name__}>"


def nearest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the one of `words` that `word` was most likely meant to be, or None.

    `cutoff` is the least likeness, 0 to 1.

    >>> nearest("runservr", ["check", "runserver", "shell"])
    'runserver'
    """
    # difflib costs 3 ms to import, and only people who mistyped something need it.
    from difflib import get_close_matches

    close = get_close_matches(word, list(words), n=1, cutoff=cutoff)
    return close[0] if close else None


def did_you_mean(word: object, words: Iterable[object], cutoff: float = 0.6) -> str:
    """Return a sentence, begun by a blank, that offers the one of `words` that was meant; "" without an idea.

    >>> did_you_mean("runservr", ["check", "runserver", "shell"])
    " Did you mean 'runserver'?"
    """
    near = nearest(str(word), [known for known in words if isinstance(known, str)], cutoff)
    return f" Did you mean {near!r}?" if near else ""


@keep_lazy_text
def capfirst(x: object) -> str:
    """Return a text with its first letter in upper case; what is false (None, "") is returned unchanged."""
    text = str(x) if x else x
    return text[0].upper() + text[1:] if isinstance(text, str) and text else text  # type: ignore[return-value]


def camel_case_to_spaces(value: str) -> str:
    """Return "camelCaseName" as "camel case name"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<!\A)(?=[A-Z](?![A-Z]|\Z))", " ", value).strip().lower()


@keep_lazy_text
def normalize_newlines(text: object) -> str:
    """Return a text whose lines all end with a line feed."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def get_text_list(list_: list[Any], last_word: str = "or") -> str:
    """Return the items in a row: "a, b or c"."""
    if len(list_) < 2:
        return "".join(str(each) for each in list_)
    return f"{', '.join(str(each) for each in list_[:-1])} {last_word} {list_[-1]}"


def format_lazy(format_string: Any, *args: Any, **kwargs: Any) -> Any:
    """Do as `str.format`, when the result is used: for a format or arguments that are lazy."""
    return lazy(_format, str)(format_string, *args, **kwargs)


def _format(format_string: Any, *args: Any, **kwargs: Any) -> str:
    return str(format_string).format(*args, **kwargs)


@keep_lazy_text
def slugify(value: object, allow_unicode: bool = False) -> str:
    """Return `value` in lower case with nothing but letters, digits, "_" and single "-".

    >>> slugify(" Joel is a slug! ")
    'joel-is-a-slug'
    """
    import unicodedata  # a megabyte of tables, and 1 ms at every start

    text = str(value)
    if allow_unicode:
        text = unicodedata.normalize("NFKC", text)
    else:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    kept = re.sub(r"[^\w\s-]", "", text.lower())
    return re.sub(r"[-\s]+", "-", kept).strip("-_")


@keep_lazy_text
def get_valid_filename(name: str) -> str:
    """Return a file name made of `name`'s letters, digits, "_", "." and "-", with blanks as "_".

    Raises:
        SuspiciousFileOperation: nothing usable is left.
    """
    cleaned = re.sub(r"(?u)[^-\w.]", "", str(name).strip().replace(" ", "_"))
    if cleaned in {"", ".", ".."}:
        raise SuspiciousFileOperation(f"Could not derive file name from '{name}'")
    return cleaned


def compress_string(s: bytes, *, max_random_bytes: int | None = None) -> bytes:
    """Return `s` gzipped, with no time stamp in it.

    `max_random_bytes` puts a file name of random length into the header, so that the length of
    the answer no longer tells what is in it (the BREACH attack, "Heal the Breach").
    """
    import gzip  # as `secrets` below: costs every start some milliseconds, and few sites compress here

    packed = gzip.compress(s, compresslevel=6, mtime=0)
    return _with_random_name(packed, max_random_bytes) if max_random_bytes else packed


def _with_random_name(packed: bytes, most: int) -> bytes:
    import secrets  # only for this, and only with GZipMiddleware

    name = b"a" * secrets.randbelow(most + 1)
    # RFC 1952, section 2.3: bit 3 of FLG says that a zero-ended name follows the ten bytes of the header.
    return packed[:3] + bytes([packed[3] | 8]) + packed[4:10] + name + b"\0" + packed[10:]


def compress_sequence(sequence: Iterable[bytes], *, max_random_bytes: int | None = None) -> Iterator[bytes]:
    """Yield `sequence` gzipped, as soon as the packer has something to give."""
    import zlib

    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    head = packer.compress(b"")  # the ten bytes of the header; zlib leaves the time stamp at zero
    yield _with_random_name(head, max_random_bytes) if max_random_bytes else head
    for piece in sequence:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
