"""Each kind of file calls for its own reaction, and files that nobody reads for none."""

from __future__ import annotations

import pytest

from miniframe.autoreload.watching.changes import Kinds, Reaction, Role

LIBRARY = "/venv/lib/python3.12/site-packages"


@pytest.fixture(scope="module")
def kinds() -> Kinds:
    kinds = Kinds()
    for role, folder in (
        (Role.CODE, "/site"),
        (Role.TEMPLATES, "/site/templates"),
        (Role.TEMPLATES, "/shared/base.html"),
        (Role.STATIC, "/site/static"),
        (Role.STATIC, "/site/static/vendor"),
        (Role.INSTALLED, LIBRARY),
        (Role.LIBRARY, f"{LIBRARY}/httpx"),
    ):
        kinds.add(role, folder)
    return kinds


@pytest.mark.parametrize(
    ("path", "reaction"),
    [
        pytest.param("/site/shop/views.py", Reaction.RESTART, id="python"),
        pytest.param("/site/fast.cpython-311-x86_64-linux-gnu.so", Reaction.RESTART, id="compiled-extension"),
        pytest.param("/site/fast.pyd", Reaction.RESTART, id="compiled-extension-of-windows"),
        pytest.param("/site/shop.toml", Reaction.RESTART, id="toml-of-the-project"),
        pytest.param("/site/templates/tags.py", Reaction.RESTART, id="python-among-templates"),
        pytest.param("/site/static/build.py", Reaction.RESTART, id="python-among-static-files"),
        pytest.param("/site/.env", Reaction.COLD, id="environment"),
        pytest.param("/site/.env.local", Reaction.COLD, id="local-environment"),
        pytest.param("/site/.envrc", None, id="the-shells-environment"),
        pytest.param("/site/pyproject.toml", Reaction.COLD, id="pyproject"),
        pytest.param("/site/uv.lock", Reaction.COLD, id="lock-file"),
        pytest.param("/site/requirements.txt", Reaction.COLD, id="requirements"),
        pytest.param("/site/requirements-dev.txt", Reaction.COLD, id="requirements-for-work"),
        pytest.param("/site/requirements/dev.txt", Reaction.COLD, id="folder-of-requirements"),
        pytest.param("/site/notes.txt", None, id="other-text"),
        pytest.param(f"{LIBRARY}/httpx-1.0.dist-info", Reaction.COLD, id="package-installed"),
        pytest.param(f"{LIBRARY}/__editable__.shop.pth", Reaction.COLD, id="package-installed-editable"),
        pytest.param(f"{LIBRARY}/~ttpx-1.0.dist-info", None, id="pip-moves-it-out-of-the-way"),
        pytest.param(f"{LIBRARY}/httpx/client.py", Reaction.COLD, id="library-edited"),
        pytest.param(f"{LIBRARY}/httpx/_transports/wsgi.py", Reaction.COLD, id="library-edited-deep-down"),
        pytest.param(f"{LIBRARY}/httpx/py.typed", None, id="other-file-of-a-library"),
        pytest.param("/site/templates/shop/cart.html", Reaction.TEMPLATE, id="template"),
        pytest.param("/site/templates/mail.txt", Reaction.TEMPLATE, id="template-of-a-mail"),
        pytest.param("/shared/base.html", Reaction.TEMPLATE, id="template-behind-a-link"),
        pytest.param("/site/templates_old/cart.html", None, id="folder-that-begins-alike"),
        pytest.param("/site/cart.html", None, id="page-outside-of-templates"),
        pytest.param("/site/static/css/site.css", Reaction.STYLE, id="style"),
        pytest.param("/site/site.css", None, id="style-outside-of-static-files"),
        pytest.param("/site/static/js/site.js", Reaction.ASSET, id="script"),
        pytest.param("/site/static/logo.svg", Reaction.ASSET, id="picture"),
        pytest.param("/site/static/site.scss", None, id="what-a-style-is-made-from"),
        pytest.param("/site/static/site.css.map", None, id="map-beside-a-style"),
        pytest.param("/site/static/sedXa2b1c", None, id="half-written-by-sed"),
        pytest.param("/site/static/db.sqlite3-journal", None, id="database-among-static-files"),
        pytest.param("/site/db.sqlite3", None, id="database"),
        pytest.param("/site/.#views.py", None, id="emacs-lock"),
        pytest.param("/site/templates/#cart.html#", None, id="emacs-half-saved"),
        pytest.param("/site/views.py~", None, id="backup"),
        pytest.param("/site/templates/cart.html~", None, id="backup-of-a-template"),
        pytest.param("/site/templates/.cart.html.swp", None, id="vim-swap"),
        pytest.param("/site/templates/4913", None, id="vim-tries-the-folder"),
        pytest.param("/site/templates/cart.html___jb_tmp___", None, id="half-written-by-pycharm"),
        pytest.param("/site/static/.site.css.1234", None, id="half-written-and-hidden"),
        pytest.param("/site/views.cpython-311.pyc", None, id="bytecode"),
    ],
)
def test_a_change_calls_for(kinds: Kinds, path: str, reaction: Reaction | None) -> None:
    assert kinds.reaction_to(path) is reaction


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/site/static/css/site.css", "css/site.css", id="below-its-folder"),
        pytest.param("/site/static/vendor/grid.css", "grid.css", id="below-the-deepest-folder"),
        pytest.param("/elsewhere/site.css", "site.css", id="elsewhere"),
    ],
)
def test_a_style_is_named_as_its_url_ends(kinds: Kinds, path: str, name: str) -> None:
    assert kinds.static_name(path) == name


def test_a_more_thorough_reaction_comes_first_and_includes_the_others() -> None:
    assert list(Reaction) == [Reaction.COLD, Reaction.RESTART, Reaction.TEMPLATE, Reaction.ASSET, Reaction.STYLE]
    assert [reaction for reaction in Reaction if reaction.restarts] == [Reaction.COLD, Reaction.RESTART]
