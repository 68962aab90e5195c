"""What a system check says: a level, a text, a hint, the object it is about, an id.

Source: Django's reference "System check framework".
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "INFO",
    "WARNING",
    "CheckMessage",
    "Critical",
    "Debug",
    "Error",
    "Info",
    "Warning",
]

DEBUG, INFO, WARNING, ERROR, CRITICAL = 10, 20, 30, 40, 50


class CheckMessage:
    """One finding.  `obj` is what it is about; `id` ("urls.W001") names its kind, to look up or to silence.

    `place` is where to mend it, "file:line", and is shown instead of `obj`.  It does not count when messages are
    compared: the same mistake is the same some lines further down.
    """

    def __init__(
        self,
        level: int,
        msg: str,
        hint: str | None = None,
        obj: Any = None,
        id: str | None = None,
        *,
        place: str | None = None,
    ) -> None:
        if not isinstance(level, int):
            raise TypeError("The first argument should be level.")
        self.level: int = level
        self.msg: str = msg
        self.hint: str | None = hint
        self.obj: Any = obj
        self.id: str | None = id
        self.place: str | None = place

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CheckMessage):
            return NotImplemented
        return {**vars(self), "place": None} == {**vars(other), "place": None}

    __hash__: ClassVar[None]  # type: ignore[assignment]  # equal by value and changeable, so not for sets

    def __str__(self) -> str:
        about = self.place or ("?" if self.obj is None else str(self.obj))
        name = f"({self.id}) " if self.id else ""
        hint = f"\n\tHINT: {self.hint}" if self.hint else ""
        return f"{about}: {name}{self.msg}{hint}"

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: level={self.level!r}, msg={self.msg!r}, "
            f"hint={self.hint!r}, obj={self.obj!r}, id={self.id!r}>"
        )

    def is_serious(self, level: int = ERROR) -> bool:
        """Return whether this is at least as bad as `level`."""
        return self.level >= level

    def is_silenced(self, silenced: list[str]) -> bool:
        """Return whether `silenced` (settings.SILENCED_SYSTEM_CHECKS) names this message's id."""
        return self.id in silenced


class _Leveled(CheckMessage):
    fixed_level: int

    def __init__(
        self, msg: str, hint: str | None = None, obj: Any = None, id: str | None = None, *, place: str | None = None
    ) -> None:
        super().__init__(self.fixed_level, msg, hint, obj, id, place=place)


class Debug(_Leveled):
    """A note for the developers of a check."""

    fixed_level = DEBUG


class Info(_Leveled):
    """Nothing to do about it."""

    fixed_level = INFO


class Warning(_Leveled):  # the name is Django's, and shadows the builtin on purpose
    """It works, and will not for long or not for everyone."""

    fixed_level = WARNING


class Error(_Leveled):
    """It cannot work; commands refuse to start."""

    fixed_level = ERROR


class Critical(_Leveled):
    """It must not run."""

    fixed_level = CRITICAL
