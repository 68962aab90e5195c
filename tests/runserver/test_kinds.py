"""Each kind of file has its own effect when it changes: a new worker, new templates, or a word to open pages."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Running, Start

SETTINGS = """\
from pathlib import Path

BASE_DIR = Path(__file__).parent.parent
WORD = (BASE_DIR / ".env").read_text()
INSTALLED_APPS = ["miniframe.staticfiles", "shop"]
STATIC_URL = "static/"
STATICFILES_DIRS = [("made", BASE_DIR / "node_modules/made")]
TEMPLATES = [{
    "BACKEND": "miniframe.template.backends.jinja2.Jinja2",
    "DIRS": [BASE_DIR / "pages"],
    "APP_DIRS": True,
    # So that only what is forgotten is read anew.
    "OPTIONS": {"auto_reload": False},
}]
"""
VIEWS = """\
import os

import lib
from miniframe.conf import settings
from miniframe.http import HttpResponse
from miniframe.shortcuts import render


def home(request):
    return render(request, "home.html", {"pid": os.getpid(), "word": settings.WORD, "lib": lib.WORD})


def named(request, name):
    return HttpResponse("")
"""
FILES = {
    ".env": "red",
    "pages/home.html": "{% extends 'shop/base.html' %}{% block home %}one{% endblock %}",
    "shop/__init__.py": "",
    "shop/templates/shop/base.html": "base {% block home %}{% endblock %} {% include 'shop/part.html' %}",
    "shop/templates/shop/part.html": "part {{ word }} {{ lib }} pid={{ pid }}",
    "shop/static/shop/site.css": "h1 { color: red }",
    "shop/static/shop/site.js": "1",
    "node_modules/made/grid.css": "",
    "mysite/views.py": VIEWS,
    "env/site-packages/lib/__init__.py": "WORD = 'old'\n",
}


@pytest.fixture
def shop(start: Start, project: Project) -> Running:
    """A running project with templates, static files and a package of its own."""
    for name, text in FILES.items():
        project.save(name, text)
    project.save("mysite/settings.py", project.SETTINGS.replace("INSTALLED_APPS = []\n", "") + SETTINGS)
    return start("runserver", "0", PYTHONPATH=str(project.root / "env/site-packages")).ready()


def pid_of(running: Running) -> str:
    found = re.search(r"pid=(\d+)", running.get().body)
    assert found, running.get().body
    return found[1]


def until_told(running: Running, *messages: str) -> None:
    running.until(lambda: all(message in running.err for message in messages))


def test_templates_and_static_files_leave_the_worker_in_place(shop: Running, project: Project) -> None:
    worker = pid_of(shop)
    assert "base one part red old" in shop.get().body
    for name, text, shown in [
        ("pages/home.html", FILES["pages/home.html"].replace("one", "two"), "base two part"),
        ("shop/templates/shop/part.html", "piece pid={{ pid }}", "base two piece"),
        ("shop/templates/shop/base.html", "{% block home %}{% endblock %} pid={{ pid }}", "two pid"),
    ]:
        project.save(name, text)
        shop.until_it_says(shown)
        until_told(shop, f"{name} changed: open pages reload.")
    # Closed, so that the folder's own change is not the news.
    project.save("shop/static/shop/site.js", "2")
    until_told(shop, "shop/static/shop/site.js changed: open pages reload.")
    project.save("shop/static/shop/site.css", "h1 { color: blue }")
    until_told(shop, "shop/static/shop/site.css changed: open pages take the new style.")
    project.save("node_modules/made/grid.css", "p {}")
    until_told(shop, "node_modules/made/grid.css changed: open pages take the new style.")
    assert pid_of(shop) == worker
    assert "reloaded in" not in shop.err


def test_what_the_process_is_made_of_starts_another_one(shop: Running, project: Project) -> None:
    project.save(".env", "green")
    shop.until_it_says("part green old")
    until_told(shop, ".env changed: reloaded in")
    # Packages are told of after a moment; what was saved before that is seen all the same.
    project.save("env/site-packages/lib/__init__.py", "WORD = 'mended'\n")
    shop.until_it_says("part green mended")
    worker = pid_of(shop)
    (project.root / "env/site-packages/httpx-1.0.dist-info").mkdir()
    shop.until(lambda: pid_of(shop) != worker)
    until_told(shop, "env/site-packages/httpx-1.0.dist-info changed: reloaded in")
    worker = pid_of(shop)
    project.save("pyproject.toml", "")
    shop.until(lambda: pid_of(shop) != worker)


def test_while_the_project_is_broken_any_file_may_be_what_mends_it(start: Start, project: Project) -> None:
    project.save("pages/word.txt", "{{")
    project.save("mysite/settings.py", project.SETTINGS + SETTINGS[SETTINGS.index("TEMPLATES") :])
    project.save(
        "mysite/settings.py",
        "from pathlib import Path\nBASE_DIR = Path(__file__).parent.parent\n"
        + (project.root / "mysite/settings.py").read_text(),
    )
    running = start("runserver", "0").ready()
    assert running.get().body == "one"
    project.save(
        "mysite/urls.py",
        "from pathlib import Path\nassert '{{' not in Path('pages/word.txt').read_text()\n" + project.URLS,
    )
    running.until_it_says("AssertionError", status=500)
    project.save("pages/word.txt", "{}")
    running.until_it_says("one")
    until_told(running, "pages/word.txt changed: reloaded in")


# As setuptools does it where a .pth file cannot tell.
FINDER = """\
import sys
from importlib.util import spec_from_file_location

MAPPING = {{"found": {path!r}}}


class Finder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return spec_from_file_location(fullname, MAPPING[fullname]) if fullname in MAPPING else None


sys.meta_path.append(Finder)
"""


def test_packages_installed_in_editable_mode_are_code_of_the_project(
    start: Start, project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sources = {name: tmp_path_factory.mktemp(name) / "src" / f"{name}.py" for name in ("linked", "noted", "found")}
    for source in sources.values():
        source.parent.mkdir()
        source.write_text("WORD = 'one'\n")
    project.save("env/site-packages/__editable___found_finder.py", FINDER.format(path=str(sources["found"])))
    note = {"url": sources["noted"].parents[1].as_uri(), "dir_info": {"editable": True}}
    project.save("env/site-packages/noted-1.0.dist-info/direct_url.json", json.dumps(note))
    (project.root / "env/site-packages/linked.py").symlink_to(sources["linked"])
    project.save(
        "mysite/views.py",
        "import __editable___found_finder, found, linked\n"
        # By a loader of its own, so that the installer's note alone says where it is.
        f"noted = {{}}\nexec(open({str(sources['noted'])!r}).read(), noted)\n"
        + project.VIEWS.replace('"one"', "f'{linked.WORD} {noted[\"WORD\"]} {found.WORD}'"),
    )
    running = start("runserver", "0", PYTHONPATH=str(project.root / "env/site-packages")).ready()
    assert running.get().body == "one one one"
    for number, source in enumerate(sources.values(), start=1):
        source.write_text("WORD = 'two'\n")
        running.until_it_says(" ".join(["two"] * number + ["one"] * (3 - number)))


def test_a_switch_of_branches_is_one_reload(start: Start, project: Project) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True)

    for number in range(200):
        project.save(f"shop/part{number}.py", "x = 1\n")
    project.save(".gitignore", "*.txt\n__pycache__\n")
    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("switch", "-c", "other")
    for number in range(200):
        project.save(f"shop/part{number}.py", "x = 2\n")
    project.say("two")
    git("commit", "-a", "-m", "two")
    git("switch", "main")
    running = start("runserver", "0").ready()
    assert running.get().body == "one"
    # Once it is heard, files are watched.
    project.save("shop/untracked.py", "x = 1\n")
    until_told(running, "shop/untracked.py changed: reloaded in")
    git("switch", "other")
    running.until_it_says("two")
    until_told(running, "more changed: reloaded in")
    assert re.findall(r"(?:and (\d+) more|\S+) changed: reloaded", running.err) == ["", "200"]
