"""`test`: run the project's tests with pytest.

Pytest runs in a process of its own: what it reports about coverage and warnings would be wrong in
one that has the project imported already.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser

_NO_TESTS = 5  # pytest.ExitCode.NO_TESTS_COLLECTED, of a library that may be missing here


class Command(BaseCommand):
    """Run pytest."""

    help = "Run the tests with pytest; all arguments are pytest's."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Show in the help that everything is handed on."""
        parser.add_argument(
            "args", metavar="pytest_args", nargs="*", help='For pytest: "-k name" ...; dotted names of tests will do.'
        )
        parser.add_argument("--tag", metavar="TAG", help="Run the tests with this tag only; may be repeated.")
        parser.add_argument("--exclude-tag", metavar="TAG", help="Leave tests with this tag out; may be repeated.")

    def run_from_argv(self, argv: list[str]) -> None:
        """Take the arguments as they are: -v and -k are pytest's here, and argparse would refuse them."""
        words = _with_marks(_with_paths(_without_settings(argv[2:])))
        if words[:1] in (["-h"], ["--help"]):
            self.print_help(argv[0], argv[1])
            return
        super().run_from_argv([*argv[:2], "--", *words])

    def handle(self, *args: str, **options: Any) -> None:
        """Run pytest here and end as it ends; 0 means that all tests passed."""
        if importlib.util.find_spec("pytest") is None:
            raise CommandError(
                f"The tests run with pytest, and it is not installed for {sys.executable}. "
                f"Install it with: python -m pip install pytest"
            )
        # manage.py's folder is on our own import path; "python -m" gives pytest the same.
        with subprocess.Popen([sys.executable, "-m", "pytest", *args], env=os.environ) as process:
            while True:
                try:
                    returncode = process.wait()
                    break
                except KeyboardInterrupt:
                    continue  # pytest has heard it too, and is writing its summary
        if returncode == _NO_TESTS and not args and (found := next(Path().glob("*/tests.py"), None)):
            self.stderr.write(
                f"pytest looks for files named test_*.py, and this project has {found}. Put a file pytest.ini beside "
                f"manage.py, with the lines [pytest] and python_files = test*.py, or rename the file."
            )
        if returncode:
            sys.exit(returncode)


def _without_settings(words: list[str]) -> list[str]:
    """Drop --settings and --pythonpath, which have been applied before any command was looked for."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        option, equals, _ = word.partition("=")
        if option not in {"--settings", "--pythonpath"}:
            kept.append(word)
        elif not equals:
            next(rest, None)
    return kept


def _with_paths(words: list[str]) -> list[str]:
    """Say Django's labels (shop.tests.PageTest.test_home) as pytest does: shop/tests.py::PageTest::test_home.

    A word is a label if it leads to a module or a package here; what belongs to an option stays as it is.
    """
    before = ["", *words]
    return [word if last in {"-k", "-m", "-p"} else _path_of(word) for last, word in zip(before, words, strict=False)]


def _path_of(label: str) -> str:
    parts = label.split(".")
    if os.path.exists(label) or not all(part.isidentifier() for part in parts):
        return label
    for count in range(len(parts), 0, -1):
        path = os.path.join(*parts[:count])
        if os.path.isfile(f"{path}.py"):
            return "::".join([f"{path}.py", *parts[count:]])
        if os.path.isdir(path):
            return path if count == len(parts) else label
    return label


def _with_marks(words: list[str]) -> list[str]:
    """Put the tags of --tag and --exclude-tag, Django's options, into the one expression that pytest takes for marks.

    >>> _with_marks(["--tag", "slow", "--tag=net", "--exclude-tag", "flaky", "-x"])
    ['-x', '-m', '(slow or net) and not (flaky)']
    """
    tags: dict[str, list[str]] = {"--tag": [], "--exclude-tag": []}
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in tags:
            tags[option].append(value if equals else next(rest, ""))
        else:
            kept.append(word)
    parts = [f"({' or '.join(tags['--tag'])})"] if tags["--tag"] else []
    parts += [f"not ({' or '.join(tags['--exclude-tag'])})"] if tags["--exclude-tag"] else []
    return [*kept, "-m", " and ".join(parts)] if parts else kept
