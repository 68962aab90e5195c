"""Temporary files.

Not here: a file of its own for Windows, which cannot open one a second time while it is open.

Source: Python's `tempfile`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["NamedTemporaryFile", "gettempdir"]


def NamedTemporaryFile(*args: Any, **kwargs: Any) -> Any:  # noqa: N802  # tempfile's name
    """Return a file that is deleted when it is closed; arguments as for `tempfile.NamedTemporaryFile`."""
    # tempfile brings random, shutil and the compressors along: 8 ms that only uploads need.
    import tempfile

    return tempfile.NamedTemporaryFile(*args, **kwargs)  # the caller closes it


def gettempdir() -> str:
    """Return the folder for temporary files."""
    import tempfile  # as above

    return tempfile.gettempdir()
