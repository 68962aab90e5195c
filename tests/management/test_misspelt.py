"""A slip of the keyboard in a setting ends a command with what is wrong, where, and what was meant: no frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run


@pytest.fixture
def blog(project: Path) -> Path:
    """The project with an app "blog", not installed."""
    (project / "blog").mkdir()
    (project / "blog" / "__init__.py").touch()
    (project / "blog" / "apps.py").write_text(
        "from miniframe.apps import AppConfig\nclass BlogConfig(AppConfig):\n    name = 'blog'\n"
    )
    (project / "blog" / "urls.py").write_text("urlpatterns = []\n")
    return project


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


@pytest.mark.parametrize("command", ["check", "routes"])
@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "ROOT_URLCONF = 'url'",
            "ModuleNotFoundError: ROOT_URLCONF in settings is 'url': there is no module 'url'. Did you mean 'urls'?",
            id="urlconf",
        ),
        pytest.param(
            "ROOT_URLCONF = 'blog.url'",
            "ModuleNotFoundError: ROOT_URLCONF in settings is 'blog.url': there is no module 'blog.url'. "
            "Did you mean 'blog.urls'?",
            id="urlconf-in-a-package",
        ),
        pytest.param(
            "INSTALLED_APPS = ['blogg']",
            "ModuleNotFoundError: No module named 'blogg'. INSTALLED_APPS in settings has the entry 'blogg'. "
            "Did you mean 'blog'?",
            id="app",
        ),
        pytest.param(
            "INSTALLED_APPS = ['miniframe.staticfile']",
            "ModuleNotFoundError: No module named 'miniframe.staticfile'. INSTALLED_APPS in settings has the entry "
            "'miniframe.staticfile'. Did you mean 'miniframe.staticfiles'?",
            id="app-of-ours",
        ),
        pytest.param(
            "INSTALLED_APPS = ['miniframe.staticfiles' 'blog']",
            "ModuleNotFoundError: No module named 'miniframe.staticfilesblog'. INSTALLED_APPS in settings has the "
            "entry 'miniframe.staticfilesblog'. Was a comma forgotten between 'miniframe.staticfiles' and 'blog'?",
            id="comma",
        ),
        pytest.param(
            "INSTALLED_APPS = ['blog.apps.BlgConfig']",
            "AppConfigNotFound: Module 'blog.apps' does not contain a 'BlgConfig' class. Choices are: 'BlogConfig'. "
            "INSTALLED_APPS in settings has the entry 'blog.apps.BlgConfig'. Did you mean 'blog.apps.BlogConfig'?",
            id="app-config",
        ),
        pytest.param(
            "TIME_ZONE = 'Nowhere/Land'",
            "TimeZoneNotFound: Incorrect timezone setting: Nowhere/Land",
            id="time-zone",
        ),
    ],
)
def test_a_wrong_path_in_the_settings_is_one_line(manage: Run, blog: Path, command: str, text: str, line: str) -> None:
    add(blog / "settings.py", text)
    done = manage(command)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{line}\n")


def test_the_settings_module_itself_gets_the_nearest_name(manage: Run) -> None:
    assert "No module named 'setings'. Did you mean 'settings'?" in manage("check", "--settings", "setings").stderr


def test_two_default_configs_are_one_line(manage: Run, blog: Path) -> None:
    (blog / "blog" / "apps.py").write_text(
        "from miniframe.apps import AppConfig\n"
        "class A(AppConfig):\n    name = 'blog'\n    default = True\n"
        "class B(AppConfig):\n    name = 'blog'\n    default = True\n"
    )
    add(blog / "settings.py", "INSTALLED_APPS = ['blog']\n")
    done = manage("check")
    assert done.stderr == "TooManyDefaults: 'blog.apps' declares more than one default AppConfig: 'A', 'B'.\n"


def test_a_wrong_include_is_one_line_with_the_place(manage: Run, blog: Path) -> None:
    urls = blog / "urls.py"
    add(urls, "urlpatterns += [\n    path('blog/', include('blog.url')),\n]\n")
    number = len(urls.read_text().splitlines()) - 1
    assert manage("check").stderr == (
        f"ModuleNotFoundError: include('blog.url') in {urls}, line {number}: there is no module 'blog.url'. "
        "Did you mean 'blog.urls'?\n"
    )


def test_an_import_that_fails_inside_an_included_urlconf_is_shown_where_it_is(manage: Run, blog: Path) -> None:
    add(blog / "blog" / "urls.py", "import not_installed_anywhere\n")
    add(blog / "urls.py", "urlpatterns += [path('blog/', include('blog.urls'))]\n")
    done = manage("check")
    assert 'blog/urls.py", line 2' in done.stderr
    assert "No module named 'not_installed_anywhere'" in done.stderr


def test_what_the_checks_find_in_the_settings_comes_all_at_once(manage: Run, blog: Path) -> None:
    add(blog / "settings.py", "MIDDLEWARE = ['']\nWSGI_APPLICATION = 'nowhere.application'\nSECRET_KEY = ''\n")
    done = manage("check")
    assert done.returncode == 1
    assert {f"settings.E10{number}" in done.stderr for number in (0, 1, 2)} == {True}


def test_the_server_refuses_an_empty_secret_key(manage: Run, blog: Path) -> None:
    add(blog / "settings.py", "SECRET_KEY = ''\n")
    done = manage("runserver", "--noreload", "0")
    assert done.returncode == 1
    assert "(settings.E100) The SECRET_KEY setting must not be empty." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_names_the_entry_of_middleware_even_unchecked(manage: Run, blog: Path) -> None:
    (blog / "wsgi.py").write_text(
        "from miniframe.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
    )
    add(blog / "settings.py", "WSGI_APPLICATION = 'wsgi.application'\nMIDDLEWARE = ['blog.layers.Timer']\n")
    done = manage("runserver", "--noreload", "--skip-checks", "0")
    assert done.stderr == (
        "PathNotFound: MIDDLEWARE in settings has the entry 'blog.layers.Timer': No module named 'blog.layers'.\n"
    )


def test_the_server_says_what_the_application_may_have_been(manage: Run, blog: Path) -> None:
    (blog / "wsgi.py").write_text("application = None\n")
    add(blog / "settings.py", "WSGI_APPLICATION = 'wsgy.application'\n")
    done = manage("runserver", "--noreload", "--skip-checks", "0")
    assert done.stderr == (
        "ImproperlyConfigured: WSGI application 'wsgy.application' could not be loaded; Error importing module.\n"
        "WSGI_APPLICATION in settings leads nowhere. Did you mean 'wsgi.application'?\n"
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(("check", "--depoy"), "--depoy (did you mean --deploy?)", id="near"),
        pytest.param(("check", "--settngs=x"), "--settngs=x (did you mean --settings?)", id="with-a-value"),
        pytest.param(
            ("runserver", "--noreload", "--port", "80"), "(did you mean addrport? It is written ", id="by-place"
        ),
        pytest.param(("check", "--quite-another"), "unrecognized arguments: --quite-another\n", id="nothing-near"),
        pytest.param(("check", "-q"), "unrecognized arguments: -q\n", id="short"),
    ],
)
def test_an_unknown_option_gets_the_nearest(manage: Run, args: tuple[str, ...], said: str) -> None:
    done = manage(*args)
    assert done.returncode == 2
    assert said in done.stderr
