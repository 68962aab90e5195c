#!/usr/bin/env python3
"""The door to this project's commands: `python manage.py runserver 8080`, `seed`, `export`, `test`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command that the terminal asked for."""
    os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "harbour.settings")
    try:
        from miniframe.management import execute_from_command_line
    except ImportError as error:
        raise ImportError(
            "miniframe cannot be imported. Is it installed in this Python, and is your virtual environment active?"
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
