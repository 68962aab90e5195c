"""Links on an error page that open a place of the source in the developer's own editor.

    MINIFRAME_EDITOR=pycharm                                        one of the names in `TEMPLATES`
    MINIFRAME_EDITOR='vscode://file/home/me/shop/{relative}:{line}' an address of one's own

`{file}` is the whole path, `{line}` and `{column}` count from 1, and `{relative}` is the path from the folder where
the server runs: in a container that folder has another name than on the developer's desk.  Without the variable the
terminal tells which editor it is part of; an empty one turns links off.

Source: the editors' manuals, on the addresses that they register with the system.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from miniframe.utils.text import did_you_mean
from miniframe.views.report.data import Frame

__all__ = ["EDITOR", "TEMPLATES", "Editor", "editor_of"]

EDITOR = "MINIFRAME_EDITOR"

TEMPLATES = {
    **{
        name: name + "://file{file}:{line}:{column}"
        for name in ("vscode", "vscode-insiders", "vscodium", "cursor", "windsurf", "zed")
    },
    **{name: name + "://open?file={file}&line={line}" for name in ("pycharm", "idea")},
    # An address that many took over from TextMate; Vim needs a handler that knows it.
    **{
        name: scheme + "://open?url=file://{file}&line={line}&column={column}"
        for name, scheme in {
            "sublime": "subl",
            "textmate": "txmt",
            "macvim": "mvim",
            "vim": "vim",
            "emacs": "emacs",
        }.items()
    },
}
"""Names of editors, and the address that opens a file in each."""

_ADDRESS = re.compile(r"(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Editor(NamedTuple):
    """How to open a file: by `template`, or not at all; `complaint` says what is wrong with the variable."""

    template: str = ""
    complaint: str = ""

    def link(self, frame: Frame) -> str:
        """Return the address that opens the frame's line; "" if there is none."""
        if not self.template or not os.path.isabs(frame.file):
            return ""
        relative = os.path.relpath(frame.file)
        if "{relative}" in self.template and relative.startswith(".."):
            return ""  # a library's file, which is nowhere below the folder that they know
        # As octets: a name that is no UTF-8 has parts which could not be encoded.
        parts = {
            "{file}": quote(os.fsencode("/" + frame.file.replace(os.sep, "/").lstrip("/")), safe="/:"),
            "{relative}": quote(os.fsencode(relative.replace(os.sep, "/"))),
            "{line}": str(frame.line),
            "{column}": str(frame.marks.column + 1 if frame.marks and frame.marks.line == frame.line else 1),
        }
        return re.sub(r"\{\w+\}", lambda match: parts.get(match[0], match[0]), self.template)


def editor_of(environ: Mapping[str, str]) -> Editor:
    """Return the editor that the environment names, by `EDITOR` or by the terminal that it belongs to.

    >>> editor_of({"MINIFRAME_EDITOR": "pycharm"}).template
    'pycharm://open?file={file}&line={line}'
    >>> editor_of({"MINIFRAME_EDITOR": "vscod"}).complaint
    "MINIFRAME_EDITOR is 'vscod', which is no editor known here. Did you mean 'vscode'?"
    """
    wanted = environ.get(EDITOR)
    if wanted is None:
        return Editor(TEMPLATES.get(_editor_of_terminal(environ), ""))
    if not wanted or wanted in TEMPLATES:
        return Editor(TEMPLATES.get(wanted, ""))
    if ":" not in wanted:
        return Editor(
            complaint=f"{EDITOR} is {wanted!r}, which is no editor known here."
            + (did_you_mean(wanted, TEMPLATES) or f" Known are {', '.join(TEMPLATES)}.")
        )
    if not _ADDRESS.match(wanted) or not ("{file}" in wanted or "{relative}" in wanted):
        return Editor(
            complaint=f"{EDITOR} is {wanted!r}: an address needs a scheme, as in vscode:, and {{file}} or {{relative}}."
        )
    return Editor(wanted)


def _editor_of_terminal(environ: Mapping[str, str]) -> str:
    if "CURSOR_TRACE_ID" in environ:  # it calls itself vscode as well
        return "cursor"
    if environ.get("TERMINAL_EMULATOR", "").startswith("JetBrains"):
        return "pycharm"
    return environ.get("TERM_PROGRAM", "")
