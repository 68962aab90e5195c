"""Which files are installed, and where in their folder of packages they lie."""

from __future__ import annotations

import pytest

from miniframe.utils.installed import in_library, is_installed


@pytest.mark.parametrize(
    ("path", "installed", "rest"),
    [
        pytest.param("/venv/lib/python3.11/site-packages/jinja2/nodes.py", True, "jinja2/nodes.py", id="in-a-package"),
        pytest.param("/usr/lib/python3/dist-packages/six.py", True, "six.py", id="debian"),
        pytest.param("/a/site-packages/b/site-packages/c.py", True, "c.py", id="the-innermost-counts"),
        pytest.param("/venv/lib/python3.11/site-packages", True, "", id="the-folder-itself"),
        pytest.param("/srv/site-packages-of-mine/views.py", False, "", id="a-name-that-only-begins-so"),
        pytest.param("<frozen importlib._bootstrap>", False, "", id="no-file"),
    ],
)
def test_a_path_is_told_apart(path: str, installed: bool, rest: str) -> None:
    assert is_installed(path) is installed
    assert in_library(path)[1] == rest
    assert not rest or "".join(in_library(path)) == path
