"""A new project: where it may go, what is in it, and that it works at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .conftest import Run, environment


@pytest.fixture
def made(miniframe: Run, tmp_path: Path) -> Path:
    """Return the folder of a project named "mysite"."""
    done = miniframe("startproject", "mysite")
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path / "mysite"


def run(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `command` in `folder`."""
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(**env), capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("manage.py", "check", "--fail-level", "WARNING"), id="check"),
        pytest.param(("manage.py", "test", "-q"), id="its-own-tests"),
        pytest.param(("-m", "ruff", "check", "--no-cache", "."), id="ruff-check"),
        pytest.param(("-m", "ruff", "format", "--check", "--no-cache", "."), id="ruff-format"),
        pytest.param(("-m", "mypy", "--strict", "."), id="mypy-strict"),
        pytest.param(("-W", "error", "-c", "import mysite.wsgi; mysite.wsgi.application"), id="wsgi"),
    ],
)
def test_a_new_project_passes(made: Path, command: tuple[str, ...], mypy_cache: str) -> None:
    done = run(made, *command, MYPY_CACHE_DIR=mypy_cache)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("manage.py", "check", "--fail-level", "WARNING"), id="check"),
        pytest.param(("-m", "pytest", "-q", "blog"), id="its-own-tests"),
        pytest.param(("-m", "ruff", "check", "--no-cache", "."), id="ruff-check"),
        pytest.param(("-m", "ruff", "format", "--check", "--no-cache", "."), id="ruff-format"),
        pytest.param(("-m", "mypy", "--strict", "."), id="mypy-strict"),
    ],
)
def test_a_new_app_plugged_in_as_told_passes(made: Path, command: tuple[str, ...], mypy_cache: str) -> None:
    told = run(made, "manage.py", "startapp", "blog").stdout
    assert 'add "blog" to INSTALLED_APPS' in told
    assert 'path("blog/", include("blog.urls"))' in told
    settings, urls = made / "mysite" / "settings.py", made / "mysite" / "urls.py"
    settings.write_text(settings.read_text().replace("INSTALLED_APPS = [\n", 'INSTALLED_APPS = [\n    "blog",\n'))
    urls.write_text(
        urls.read_text()
        .replace("import path", "import include, path")
        .replace('name="home"),\n', 'name="home"),\n    path("blog/", include("blog.urls")),\n')
    )
    done = run(made, *command, MYPY_CACHE_DIR=mypy_cache)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_in_a_new_project(made: Path) -> None:
    found = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    assert found == [
        ".gitignore",
        "README.md",
        "manage.py",
        "mysite/__init__.py",
        "mysite/settings.py",
        "mysite/urls.py",
        "mysite/views.py",
        "mysite/wsgi.py",
        "pyproject.toml",
        "static/site.css",
        "templates/base.html",
        "templates/hello.html",
        "templates/home.html",
        "tests/test_views.py",
    ]


def test_no_page_of_a_new_project_names_another_host(made: Path) -> None:
    for path in [*made.glob("templates/*"), *made.glob("static/*")]:
        assert "//" not in path.read_text(), path.name


def test_manage_py_can_be_run_as_a_program(made: Path) -> None:
    assert os.access(made / "manage.py", os.X_OK)
    assert (made / "manage.py").read_text().startswith("#!/usr/bin/env python\n")


def test_every_project_has_a_secret_key_of_its_own_that_says_it_is_for_development(
    miniframe: Run, tmp_path: Path
) -> None:
    keys = set()
    for name in ("first", "second"):
        miniframe("startproject", name)
        text = (tmp_path / name / name / "settings.py").read_text()
        keys |= set(re.findall(r'"(miniframe-insecure-[a-z0-9!@#$%^&*(\-_=+)]{50})"', text))
    assert len(keys) == 2


def test_the_secret_key_can_come_from_the_environment(made: Path) -> None:
    done = run(made, "manage.py", "shell", "-c", "print(settings.SECRET_KEY)", SECRET_KEY="from outside")
    assert done.stdout == "from outside\n"


def test_manage_py_says_so_when_miniframe_is_not_installed(made: Path) -> None:
    # -S leaves site-packages out, and -I the folder's own path: a Python with nothing installed.
    done = run(made, "-I", "-S", "manage.py", "check")
    assert done.returncode == 1
    assert done.stderr.startswith("miniframe is not installed for ")
    assert "pip install miniframe" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("3site", "'3site' is not a valid project name. Please make sure", id="begins-with-a-digit"),
        pytest.param("my-site", "make sure the name is a valid identifier. Perhaps 'my_site'?", id="dash"),
        pytest.param("my/site", "valid identifier", id="slash"),
        pytest.param("", "'' is not a valid project name", id="empty"),
        pytest.param("class", "It is a keyword of Python", id="keyword"),
        pytest.param("json", "'json' conflicts with the name of an existing Python module", id="standard-library"),
        pytest.param("jinja2", "cannot be used as a project name. Please try another name.", id="installed"),
        pytest.param("miniframe", "'miniframe' conflicts with the name of an existing Python module", id="miniframe"),
        pytest.param("test", "'test' conflicts with the name of an existing Python module", id="test"),
    ],
)
def test_a_name_that_could_not_be_imported_is_refused(miniframe: Run, tmp_path: Path, name: str, said: str) -> None:
    done = miniframe("startproject", name)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: ")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_an_app_is_refused_in_the_same_words(miniframe: Run) -> None:
    assert "'3app' is not a valid app name." in miniframe("startapp", "3app").stderr
    assert "cannot be used as an app name." in miniframe("startapp", "json").stderr


def test_a_folder_that_holds_something_is_not_touched(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / "mysite").mkdir()
    (tmp_path / "mysite" / "notes.txt").write_text("mine")
    done = miniframe("startproject", "mysite")
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: 'mysite' conflicts with the name of an existing Python module")
    assert f"\n'{tmp_path}/mysite' already exists, and is not empty: it holds notes.txt.\n" in done.stderr
    assert [path.name for path in (tmp_path / "mysite").iterdir()] == ["notes.txt"]


def test_of_many_files_in_the_way_three_are_named(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / "mysite").mkdir()
    for name in "edcba":
        (tmp_path / "mysite" / name).touch()
    assert "is not empty: it holds a, b, c and 2 more.\n" in miniframe("startproject", "mysite").stderr


def test_an_app_that_is_there_is_said_to_be_there(miniframe: Run, tmp_path: Path) -> None:
    assert miniframe("startapp", "blog").returncode == 0
    done = miniframe("startapp", "blog")
    assert done.returncode == 1
    assert "'blog' conflicts with the name of an existing Python module" in done.stderr
    assert f"(The module is {tmp_path / 'blog'}/__init__.py.)" in done.stderr


def test_a_new_project_names_no_command_that_does_not_exist(made: Path) -> None:
    text = (made / "mysite" / "settings.py").read_text()
    assert not any(word in text for word in ("collectstatic", "STATIC_ROOT"))


def test_a_file_in_the_place_is_not_touched(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / "mysite").write_text("mine")
    assert "already exists, and is no folder" in miniframe("startproject", "mysite").stderr
    assert (tmp_path / "mysite").read_text() == "mine"


def test_an_empty_folder_is_filled(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / "mysite").mkdir()
    assert miniframe("startproject", "mysite").returncode == 0
    assert (tmp_path / "mysite" / "manage.py").is_file()


def test_a_folder_may_be_chosen_and_is_made(miniframe: Run, tmp_path: Path) -> None:
    done = miniframe("startproject", "config", "deep/shop")
    assert done.returncode == 0
    assert "cd deep/shop" in done.stdout
    assert (tmp_path / "deep" / "shop" / "config" / "settings.py").is_file()


def test_a_fresh_repository_with_its_environment_may_become_a_project(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    done = miniframe("startproject", "config", ".")
    assert (done.returncode, done.stderr) == (0, "")
    assert "cd " not in done.stdout
    assert (tmp_path / "manage.py").is_file()
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_what_uv_and_git_have_made_is_kept(miniframe: Run, tmp_path: Path) -> None:
    for name in ("README.md", "pyproject.toml", "main.py"):
        (tmp_path / name).write_text("mine\n")
    done = miniframe("startproject", "config", ".")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Kept your own README.md, pyproject.toml." in done.stdout
    assert (tmp_path / "pyproject.toml").read_text() == "mine\n"
    assert (tmp_path / "config" / "settings.py").is_file()


@pytest.mark.parametrize(
    ("there", "first"),
    [
        pytest.param(["config/urls.py", "manage.py"], "manage.py", id="files"),
        pytest.param(["templates"], "templates/base.html", id="a-file-where-a-folder-has-to-be"),
    ],
)
def test_work_that_would_be_replaced_is_not_touched(
    miniframe: Run, tmp_path: Path, there: list[str], first: str
) -> None:
    for name in there:
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text("mine")
    done = miniframe("startproject", "config", "shop")
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"CommandError: {tmp_path}/shop/{first} already exists. Overlaying a project into an existing directory won't "
        "replace conflicting files."
    )
    assert done.stderr.endswith("Nothing has been written.\n")
    assert sorted(path.name for path in (tmp_path / "shop").rglob("*") if path.is_file()) == sorted(
        Path(name).name for name in there
    )


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        pytest.param("my.blog", "'my.blog' is not a valid app directory. Please make sure the directory", id="dot"),
        pytest.param("parts/7blog", "'7blog' is not a valid app directory", id="digit"),
        pytest.param("os", "Python module and cannot be used as an app directory. Please try another", id="taken"),
    ],
)
def test_the_folder_of_an_app_has_to_be_importable_too(miniframe: Run, folder: str, said: str) -> None:
    assert said in miniframe("startapp", "blog", folder).stderr


def test_an_app_is_made_in_a_folder_of_folders(miniframe: Run, tmp_path: Path) -> None:
    (tmp_path / "parts" / "blog").mkdir(parents=True)
    assert miniframe("startapp", "blog", "parts/blog/").returncode == 0
    assert (tmp_path / "parts" / "blog" / "apps.py").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no umask on Windows")
def test_the_umask_decides_who_may_read(miniframe: Run, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert miniframe("startproject", "mysite").returncode == 0
    finally:
        os.umask(before)
    modes = {name: (tmp_path / "mysite" / name).stat().st_mode & 0o777 for name in ("manage.py", "mysite", "README.md")}
    assert modes == {"manage.py": 0o700, "mysite": 0o700, "README.md": 0o600}


class TestOtherSkeletons:
    """--template: somebody else's folder or archive."""

    @pytest.fixture
    def skeleton(self, tmp_path: Path) -> Path:
        """Return a skeleton with one file of each kind."""
        folder = tmp_path / "skeleton"
        (folder / "project_name").mkdir(parents=True)
        (folder / "project_name" / "a.py").write_text("NAME = '{{ project_name }}'\n")
        (folder / "b.html").write_text("{{ left_alone }}\n")
        (folder / "c.toml-tpl").write_text("{{ camel_case_project_name }}\n")
        (folder / "Procfile").write_text("{{ project_name }}\n")
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "a.pyc").touch()
        return folder

    def test_a_folder_is_rendered_where_it_should_be(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        done = miniframe("startproject", "my_site", "--template", "skeleton", "--name", "Procfile,Other")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        made = tmp_path / "my_site"
        assert (made / "my_site" / "a.py").read_text() == "NAME = 'my_site'\n"
        assert (made / "b.html").read_text() == "{{ left_alone }}\n"
        assert (made / "c.toml").read_text() == "MySite\n"
        assert (made / "Procfile").read_text() == "my_site\n"
        assert not (made / "__pycache__").exists()

    def test_extensions_and_folders_can_be_chosen(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        (skeleton / "b.html").write_text("{{ project_name }}")
        (skeleton / "docs").mkdir()
        (skeleton / "docs" / "d.txt").touch()
        miniframe("startproject", "shop", "--template", "skeleton", "-e", "html,txt", "-x", "docs")
        assert (tmp_path / "shop" / "b.html").read_text() == "shop"
        assert (tmp_path / "shop" / "shop" / "a.py").read_text() == "NAME = '{{ project_name }}'\n"
        assert not (tmp_path / "shop" / "docs").exists()

    @pytest.mark.parametrize("kind", ["zip", "tar.gz"])
    def test_an_archive_is_unpacked(self, miniframe: Run, tmp_path: Path, skeleton: Path, kind: str) -> None:
        archive = tmp_path / f"skeleton.{kind}"
        if kind == "zip":
            with zipfile.ZipFile(archive, "w") as packed:
                packed.write(skeleton / "project_name" / "a.py", "top-folder/project_name/a.py")
        else:
            with tarfile.open(archive, "w:gz") as packed_tar:
                packed_tar.add(skeleton / "project_name" / "a.py", "top-folder/project_name/a.py")
        done = miniframe("startproject", "shop", "--template", str(archive))
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / "shop" / "shop" / "a.py").read_text() == "NAME = 'shop'\n"

    def test_an_archive_cannot_write_elsewhere(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as packed:
            packed.add(skeleton / "b.html", "../../../escaped.html")
        done = miniframe("startproject", "shop", "--template", "evil.tar.gz")
        assert done.returncode == 1
        assert done.stderr.startswith("CommandError: couldn't extract file evil.tar.gz")
        assert not (tmp_path / "shop").exists()

    def test_a_skeleton_that_is_not_there_is_said_to_be_missing(self, miniframe: Run) -> None:
        done = miniframe("startproject", "shop", "--template", "nowhere")
        assert done.stderr == (
            "CommandError: couldn't handle project template nowhere: there is no such folder or archive.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "made"), [([], False), (["--exclude"], True), (["-x", "docs"], True), (["-x", ".hidden"], False)]
    )
    def test_hidden_folders_are_left_out_unless_exclude_is_given(
        self, miniframe: Run, tmp_path: Path, skeleton: Path, arguments: list[str], made: bool
    ) -> None:
        (skeleton / ".hidden").mkdir()
        (skeleton / ".hidden" / "a.py").write_text("{{ project_name }}")
        assert miniframe("startproject", "shop", "--template", "skeleton", *arguments).returncode == 0
        assert (tmp_path / "shop" / ".hidden" / "a.py").exists() is made

    def test_an_unknown_name_is_empty_and_told(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        (skeleton / "project_name" / "a.py").write_text("# {{ project_nam }}\n")
        done = miniframe("startproject", "shop", "--template", "skeleton")
        assert done.stdout == "project_name/a.py: nothing is known by the name of project_nam; it was left empty.\n"
        assert (tmp_path / "shop" / "shop" / "a.py").read_text() == "# \n"

    def test_djangos_own_tags_are_known(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        (skeleton / "project_name" / "a.py").write_text(
            '{% load i18n %}{% now "Y" %}{% comment "why" %}no {{ matter }}{% endcomment %} '
            "{% verbatim %}{{ kept }}{% endverbatim %} {% templatetag openblock %} x {% templatetag closeblock %}\n"
        )
        (skeleton / "project_name" / "b.py").write_text("{% templatetag openbloc %}")
        done = miniframe("startproject", "shop", "--template", "skeleton")
        assert "templatetag knows openblock, closeblock" in done.stderr
        (skeleton / "project_name" / "b.py").unlink()
        done = miniframe("startproject", "shop", "--template", "skeleton")
        assert (done.returncode, done.stderr) == (0, "")
        text = (tmp_path / "shop" / "shop" / "a.py").read_text()
        assert re.fullmatch(r"20\d\d {{ kept }} {% x %}\n", text)

    def test_a_skeleton_that_cannot_be_rendered_leaves_nothing_behind(
        self, miniframe: Run, tmp_path: Path, skeleton: Path
    ) -> None:
        (skeleton / "project_name" / "a.py").write_text("{% if %}")
        done = miniframe("startproject", "shop", "--template", "skeleton")
        assert done.returncode == 1
        assert "a.py cannot be rendered" in done.stderr
        assert not (tmp_path / "shop").exists()

    def test_files_are_listed_when_asked_for(self, miniframe: Run, tmp_path: Path, skeleton: Path) -> None:
        done = miniframe("startproject", "shop", "--template", "skeleton", "-v", "2")
        assert f"Creating {tmp_path}/shop/b.html\n" in done.stdout
