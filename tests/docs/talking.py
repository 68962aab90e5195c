"""A Python that runs the blocks of one page, one after the other, with the same names; a program of its own.

It reads one JSON object a line, {"name": ..., "line": ..., "text": ...}, and answers with one: {"wrong": ""} or what
is.  A text with `>>>` is compared as doctest does, `...` for what varies; any other is simply run.  Where a `manage.py`
of a miniframe project lies in the folder, the project is set up first, as `manage.py shell` does.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import sys
import traceback
from pathlib import Path
from typing import Any

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def main() -> None:
    """Answer until the input ends."""
    sys.path.insert(0, "")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a block prints past `sys.stdout` must not look like an answer
    names: dict[str, Any] = {"__name__": "__main__", **_project()}
    for line in sys.stdin:
        block = json.loads(line)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            wrong = _run(block["text"], names, block["name"], block["line"])
        print(json.dumps({"wrong": wrong}), file=answers, flush=True)


def _project() -> dict[str, Any]:
    """Set up the project that this folder is, if it is one; return the names that `manage.py shell` begins with."""
    manage = Path("manage.py")
    found = re.search(r'"MINIFRAME_SETTINGS_MODULE",\s*"([\w.]+)"', manage.read_text()) if manage.exists() else None
    if not found:
        return {}
    os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", found[1])
    # Imported for projects only: other pages may be about settings that they give themselves.
    import miniframe
    from miniframe.management.commands.shell import Command

    miniframe.setup()
    return Command().get_namespace()


def _run(text: str, names: dict[str, Any], name: str, line: int) -> str:
    if ">>>" not in text:
        try:
            exec(compile("\n" * (line - 1) + text + "\n", name, "exec", dont_inherit=True), names)
        except Exception:
            return traceback.format_exc()
        return ""
    test = doctest.DocTest(doctest.DocTestParser().get_examples(text + "\n", name), names, name, name, line - 1, text)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=told.append, clear_globs=False)
    return "".join(told)


if __name__ == "__main__":
    main()
