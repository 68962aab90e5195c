"""Where an application server listens: HOST:PORT or unix:/PATH, and how each program writes that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from miniframe.management.errors import CommandError

__all__ = ["Address"]

_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):([0-9]{1,5})")


@dataclass(frozen=True)
class Address:
    """One address, as it was typed: "10.0.0.1:8000", "[::1]:8000" or "unix:/run/mysite/mysite.sock"."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what was typed.

        Raises:
            CommandError: it is neither of the two forms.
        """
        found = _HOST_AND_PORT.fullmatch(text)
        if text.startswith("unix:/") or (found and 0 < int(found[3]) < 65536):
            return cls(text)
        raise CommandError(
            f"--backend is {text!r}; write HOST:PORT (10.0.0.1:8000, [fd00::1]:8000) or unix:/PATH (unix:/run/x.sock)."
        )

    @property
    def path(self) -> str:
        """The path of a unix socket; "" for a port."""
        return self.text.removeprefix("unix:") if self.text.startswith("unix:") else ""

    @property
    def for_nginx(self) -> str:
        """As `server` of an upstream has it."""
        return self.text

    @property
    def for_gunicorn(self) -> str:
        """As `bind` has it."""
        return self.text

    @property
    def for_uwsgi(self) -> str:
        """As `socket` has it."""
        return self.path or self.text

    @property
    def for_systemd(self) -> str:
        """As `ListenStream` has it."""
        return self.path or self.text
