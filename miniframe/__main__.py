"""`python -m miniframe`: the same commands as the `miniframe` script."""

from __future__ import annotations

from miniframe.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line()
