"""A small form: what was typed, what is wrong with it, what comes out clean.

miniframe leaves forms to you. This page of code is enough for a site of this size, and the JSON API uses the same
classes, so a rule is written down once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from miniframe.exceptions import ValidationError

_NEVER_MEANT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Typed(Protocol):
    """Anything to look values up in: request.POST, a dict out of JSON."""

    def get(self, key: str, default: Any = None, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in; lengths in characters, `shortest` 0 means it may stay empty."""

    name: str
    label: str
    longest: int = 80
    shortest: int = 1
    rows: int = 1
    choices: Mapping[str, str] = field(default_factory=dict)
    help: str = ""
    autocomplete: str = "off"

    def clean(self, typed: object) -> str:
        """Return the value to keep.

        Raises:
            ValidationError: the value breaks one of the field's rules; the message is for the person who typed it.
        """
        if not isinstance(typed, str):
            raise ValidationError("This must be text.")
        value = tidy(typed, lines=self.rows > 1)
        if not value and self.shortest:
            raise ValidationError("Please choose one." if self.choices else "Please fill this in.")
        if self.choices and value and value not in self.choices:
            raise ValidationError(f"Please choose one of: {', '.join(self.choices.values())}.")
        if len(value) < self.shortest:
            raise ValidationError(f"A little longer, please: at least {self.shortest} characters.")
        if len(value) > self.longest:
            raise ValidationError(f"At most {self.longest} characters; this has {len(value)}.")
        return value


class Form:
    """The fields of one form, bound to what somebody typed (or to nothing yet)."""

    fields: ClassVar[Sequence[Field]] = ()

    def __init__(self, typed: Typed | None = None, initial: Mapping[str, str] | None = None) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}
        self.cleaned: dict[str, str] = {}
        shown: Typed | Mapping[str, str] = typed if typed is not None else (initial or {})
        # What the page shows in the boxes: after a mistake nobody has to type everything anew.
        self.values = {each.name: _as_shown(shown.get(each.name, "")) for each in self.fields}

    def is_valid(self) -> bool:
        """Check every field; fill `cleaned` and `errors`."""
        if self.typed is None:
            return False
        for each in self.fields:
            try:
                self.cleaned[each.name] = each.clean(self.typed.get(each.name, ""))
            except ValidationError as error:
                self.errors[each.name] = " ".join(error.messages)
        return not self.errors


def tidy(typed: str, *, lines: bool) -> str:
    """Return `typed` without the characters nobody means to type.

    Browsers send line ends as CR LF, which would count twice towards `longest`. Other control characters
    (a NUL pasted from somewhere) are dropped.
    """
    typed = typed.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        typed = " ".join(typed.split())
    return _NEVER_MEANT.sub("", typed).strip()


def _as_shown(value: object) -> str:
    return value if isinstance(value, str) else ""
