"""The commands that look at a project: check, routes, diffsettings, shell, test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from miniframe.management.commands.test import _with_paths

from .conftest import Run, install_apps


class TestCheck:
    """`check` reports on stdout when all is well, and on stderr when it is not."""

    @pytest.fixture
    def project(self, project: Path) -> Path:
        """Return a project whose app has a warning, and an error for deployment."""
        (project / "polls").mkdir()
        (project / "polls" / "__init__.py").touch()
        (project / "polls" / "apps.py").write_text(
            "from miniframe import checks\n"
            "from miniframe.apps import AppConfig\n"
            "def warn(app_configs=None, **kwargs):\n"
            "    return [checks.Warning('look here', hint='mend it', id='polls.W001')]\n"
            "def fail(app_configs=None, **kwargs):\n"
            "    return [checks.Error('not in production', id='polls.E001')]\n"
            "class PollsConfig(AppConfig):\n"
            "    name = 'polls'\n"
            "    def ready(self):\n"
            "        checks.register(warn, 'polls')\n"
            "        checks.register(fail, 'production', deploy=True)\n"
        )
        return project

    def test_a_project_without_problems(self, manage: Run) -> None:
        done = manage("check")
        assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")
        assert done.stderr == ""

    def test_a_warning_is_told_and_does_not_fail(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        done = manage("check")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == (
            "System check identified some issues:\n\nWARNINGS:\n?: (polls.W001) look here\n\tHINT: mend it\n\n"
            "System check identified 1 issue (0 silenced).\n"
        )

    def test_fail_level_makes_a_warning_fail(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        done = manage("check", "--fail-level", "WARNING")
        assert done.returncode == 1
        assert done.stderr.startswith("SystemCheckError: System check identified some issues:\n\nWARNINGS:\n")

    def test_deploy_adds_the_checks_for_production(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        done = manage("check", "--deploy")
        assert done.returncode == 1
        assert "ERRORS:\n?: (polls.E001) not in production" in done.stderr
        assert done.stderr.index("ERRORS:") < done.stderr.index("WARNINGS:")

    def test_a_silenced_warning_is_counted_only(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        with (project / "settings.py").open("a") as file:
            file.write("SILENCED_SYSTEM_CHECKS = ['polls.W001']\n")
        assert manage("check").stdout == "System check identified no issues (1 silenced).\n"

    def test_tags_choose_the_checks(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        assert manage("check", "--tag", "urls").stdout == "System check identified no issues (0 silenced).\n"
        assert "polls.W001" in manage("check", "-t", "urls", "-t", "polls").stderr

    def test_tags_are_listed(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        plain = manage("check", "--list-tags").stdout.splitlines()
        assert plain == sorted(plain)
        assert {"polls", "urls", "security"} <= set(plain)
        assert "production" not in plain
        assert "production" in manage("check", "--list-tags", "--deploy").stdout.splitlines()

    def test_a_tag_nobody_has_is_refused(self, manage: Run) -> None:
        done = manage("check", "--tag", "nope")
        assert done.returncode == 1
        assert done.stderr.startswith('CommandError: There is no system check with the "nope" tag.')

    def test_an_app_nobody_has_is_refused_with_the_nearest(self, manage: Run, project: Path) -> None:
        install_apps(project, "polls")
        done = manage("check", "pols")
        assert done.returncode == 1
        assert done.stderr == "CommandError: No installed app with label 'pols'. Did you mean 'polls'?\n"


class TestRoutes:
    """`routes` shows the addresses in the order of the search."""

    def test_a_table(self, manage: Run) -> None:
        assert manage("routes").stdout == (
            "Route             Name          View       Where\n"
            "/                 home          urls.home  urls.py:4\n"
            "/polls/<int:pk>/  polls:detail  urls.poll  urls.py:7\n"
        )

    @pytest.mark.parametrize("wanted", ["/polls/", "DETAIL", "urls.poll"], ids=["route", "name", "view"])
    def test_a_filter(self, manage: Run, wanted: str) -> None:
        lines = manage("routes", wanted).stdout.splitlines()
        assert len(lines) == 2
        assert "polls:detail" in lines[1]

    def test_a_filter_that_leaves_nothing(self, manage: Run) -> None:
        done = manage("routes", "nonsense")
        assert (done.returncode, done.stderr) == (1, "CommandError: No route contains 'nonsense'; there are 2.\n")

    def test_json(self, manage: Run, project: Path) -> None:
        home, poll = json.loads(manage("routes", "--json").stdout)
        assert home["route"] == "/"
        assert (poll["name"], poll["view"], poll["file"]) == ("polls:detail", "urls.poll", str(project / "urls.py"))

    def test_json_of_nothing_is_an_empty_list(self, manage: Run) -> None:
        done = manage("routes", "nonsense", "--json")
        assert (done.returncode, json.loads(done.stdout)) == (0, [])

    def test_another_urlconf(self, manage: Run, project: Path) -> None:
        (project / "other.py").write_text("urlpatterns = []\n")
        assert manage("routes", "--urlconf", "other").stderr == "CommandError: There are no routes.\n"


# All the places that passwords have in real settings.
SECRETIVE = """
class Own:
    def __repr__(self):
        return "Own('redis://:geheim@h', password='geheim')"

DATABASES = {
    "default": {"URL": "postgresql+psycopg://db/shop?user=ann&password=geheim"},
    "blank": {"URL": "postgresql+psycopg://ann:ge heim geheim@db/shop"},
    "arguments": {"OPTIONS": {"connect_args": {"user": "ann", "password": "geheim"}}},
    "libpq": {"OPTIONS": {"connect_args": {"conninfo": "host=db user=ann password=geheim"}}},
    "quoted": {"OPTIONS": {"connect_args": {"conninfo": "host=db password='my geheim' user=ann"}}},
}
CACHES = {
    "default": {"LOCATION": ["redis://h/0?password=geheim", "redis://h:6379/0;redis://:geheim@h2"]},
    "options": {"LOCATION": {"redis://ann:geheim@h"}, "OPTIONS": {"password": b"geheim"}},
}
SERVICE_TOKEN = Own(), "geheim"
OWN = Own()
"""


class TestDiffsettings:
    """`diffsettings` tells what a project changes."""

    def test_changes_and_additions(self, manage: Run, project: Path) -> None:
        with (project / "settings.py").open("a") as file:
            file.write("MINE = 1\n")
        lines = manage("diffsettings").stdout.splitlines()
        assert lines == [
            "DEBUG = True",
            "MINE = 1  ###",
            "ROOT_URLCONF = 'urls'",
            "SECRET_KEY = '********************'",
            "SETTINGS_MODULE = 'settings'  ###",
        ]

    @pytest.mark.parametrize("arguments", [(), ("--output", "unified"), ("--all",), ("--default", "other")], ids=str)
    def test_no_way_of_it_shows_a_password(self, manage: Run, project: Path, arguments: tuple[str, ...]) -> None:
        (project / "other.py").write_text("DATABASES = {'default': {'URL': 'postgresql://ann:geheim@db/old'}}\n")
        with (project / "settings.py").open("a") as file:
            file.write(SECRETIVE)
        done = manage("diffsettings", *arguments)
        assert "'postgresql+psycopg://db/shop?user=ann&password=********************'" in done.stdout
        assert "geheim" not in done.stdout
        assert done.stderr == ""

    def test_as_a_diff(self, manage: Run) -> None:
        lines = manage("diffsettings", "--output", "unified").stdout.splitlines()
        assert lines[:2] == ["- DEBUG = False", "+ DEBUG = True"]
        assert "+ SETTINGS_MODULE = 'settings'" in lines

    def test_everything(self, manage: Run) -> None:
        assert "### APPEND_SLASH = True" in manage("diffsettings", "--all").stdout.splitlines()
        assert "  APPEND_SLASH = True" in manage("diffsettings", "--all", "--output", "unified").stdout.splitlines()

    def test_against_another_module(self, manage: Run, project: Path) -> None:
        (project / "other.py").write_text("from settings import *\nDEBUG = False\n")
        lines = manage("diffsettings", "--default", "other").stdout.splitlines()
        assert "DEBUG = True" in lines
        assert "ROOT_URLCONF = 'urls'" not in lines

    def test_against_a_module_that_is_missing(self, manage: Run) -> None:
        done = manage("diffsettings", "--default", "nope")
        assert done.returncode == 1
        assert done.stderr.startswith("CommandError: --default: the settings module 'nope' cannot be imported")


class TestShell:
    """`shell` runs Python in the project."""

    @pytest.mark.parametrize("way", ["-c", "stdin"])
    def test_code_is_run_with_the_settings_at_hand(self, manage: Run, way: str) -> None:
        code = "def show():\n    return reverse('home'), settings.DEBUG\nprint(*show())\n"
        done = manage("shell", "-c", code) if way == "-c" else manage("shell", input=code)
        assert (done.returncode, done.stdout, done.stderr) == (0, "/ True\n", "")

    def test_a_page_can_be_asked_for(self, manage: Run) -> None:
        assert manage("shell", "-c", "print(client.get('/').text)").stdout == "home\n"

    def test_without_imports_nothing_is_at_hand(self, manage: Run) -> None:
        done = manage("shell", "--no-imports", "-c", "print(sorted(n for n in globals() if n[0] != '_'))")
        assert done.stdout == "[]\n"

    def test_a_mistake_in_the_code_is_an_ordinary_traceback(self, manage: Run) -> None:
        done = manage("shell", "-c", "1/0")
        assert done.returncode == 1
        assert 'File "<command>", line 1' in done.stderr

    def test_a_shell_that_is_not_installed_is_said_to_be_missing(self, manage: Run) -> None:
        done = manage("shell", "-i", "bpython")
        assert done.returncode == 1
        assert done.stderr.startswith("CommandError: Couldn't import bpython interface")

    def test_plain_python_reads_lines(self, manage: Run) -> None:
        done = manage("shell", "-i", "python", "--no-startup", input="settings.ROOT_URLCONF\n")
        assert done.returncode == 0
        assert "'urls'" in done.stdout
        assert "Ready to use: client, reverse, settings." in done.stderr

    def test_mistakes_while_typing_are_shown_as_python_shows_them(self, manage: Run) -> None:
        done = manage("shell", "-i", "python", "--no-startup", input="1/0\nsettings.NO_SUCH_ONE\n")
        assert "ZeroDivisionError" in done.stderr
        assert "NO_SUCH_ONE" in done.stderr
        assert "--traceback" not in done.stderr


class TestTest:
    """`test` hands everything to pytest."""

    @pytest.fixture
    def project(self, project: Path) -> Path:
        """Return a project with a test that passes and one that fails."""
        (project / "test_it.py").write_text(
            "from miniframe.test import tag\n@tag('quick')\ndef test_good(): pass\ndef test_bad(): assert False\n"
        )
        (project / "tests" / "shop").mkdir(parents=True)
        (project / "tests" / "shop" / "test_page.py").write_text(
            "class TestPage:\n    def test_good(self): pass\n    def test_bad(self): assert False\n"
        )
        return project

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            pytest.param(("-k", "good"), 0, id="passes"),
            pytest.param(("-k", "bad"), 1, id="fails"),
            pytest.param(("-k", "no_such_test"), 5, id="finds-none"),
            pytest.param(("--settings", "settings", "-v", "-k", "good", "test_it.py"), 0, id="options-of-both"),
            pytest.param(("--tag", "quick"), 0, id="tag"),
            pytest.param(("-q", "tests.shop.test_page.TestPage.test_good"), 0, id="dotted-name-of-a-method"),
            pytest.param(("--tag=quick", "--exclude-tag=quick"), 5, id="excluded-tag"),
        ],
    )
    def test_the_exit_status_is_that_of_pytest(self, manage: Run, words: tuple[str, ...], status: int) -> None:
        done = manage("test", *words)
        assert done.returncode == status, done.stdout + done.stderr

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            pytest.param("test_it", "test_it.py", id="module"),
            pytest.param("test_it.test_good", "test_it.py::test_good", id="function"),
            pytest.param("tests.shop", "tests/shop", id="package"),
            pytest.param("-x tests.shop.test_page.TestPage", "-x tests/shop/test_page.py::TestPage", id="class"),
            pytest.param("tests/shop test_it.py", "tests/shop test_it.py", id="paths"),
            pytest.param("tests.no_such_module tests.shop.TestPage", None, id="leading-nowhere"),
            pytest.param("-k test_it -m test_it", None, id="words-of-options"),
        ],
    )
    def test_dotted_names_of_tests_become_those_of_pytest(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str | None
    ) -> None:
        monkeypatch.chdir(project)
        assert _with_paths(words.split()) == (words if said is None else said).split()

    def test_a_project_whose_tests_are_named_as_djangos_is_told_how_pytest_finds_them(
        self, manage: Run, project: Path
    ) -> None:
        (project / "shop").mkdir()
        (project / "shop" / "tests.py").write_text("def test_good():\n    pass\n")
        (project / "pytest.ini").write_text("[pytest]\ntestpaths = shop\n")
        done = manage("test")
        assert done.returncode == 5
        assert "this project has shop/tests.py" in done.stderr
        (project / "pytest.ini").write_text("[pytest]\ntestpaths = shop\npython_files = test*.py\n")
        assert manage("test").returncode == 0

    def test_help_is_ours(self, manage: Run) -> None:
        done = manage("test", "--help")
        assert done.stdout.startswith("usage: manage.py test")

    def test_pytest_missing_is_one_line_that_says_how_to_get_it(self, manage: Run, project: Path) -> None:
        with (project / "settings.py").open("a") as file:
            file.write("import importlib.util as u\nfind = u.find_spec\n")
            file.write("u.find_spec = lambda name, *rest: None if name == 'pytest' else find(name, *rest)\n")
        done = manage("test")
        assert done.returncode == 1
        assert "pip install pytest" in done.stderr
        assert done.stderr.count("\n") == 1
