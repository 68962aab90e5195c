"""The house stands on its floors: imports run down, faces are used, heavy things stay where they belong.

The table below is the one place that says who may import whom; ARCHITECTURE.md explains it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import miniframe

PACKAGE = Path(miniframe.__file__).parent

# The longest name that fits decides.
FLOORS = {
    10: [
        "management",
        "test",
        "__main__",
        "pytest_plugin",
        "pytest_database",
        "pytest_fixtures",
        "staticfiles.management",
        "staticfiles.testing",
        "sessions.management",
        "messages.test",
    ],
    9: ["servers.basehttp"],
    8: ["wsgi", "staticfiles"],
    7: ["handlers"],
    6: ["views", "shortcuts", "sessions", "messages", "checks.security", "template.checks", "conf.urls"],
    5: ["template", "templatetags", "middleware", "utils.cache"],
    4: ["http", "checks.urls", "checks.caches", "checks.databases", "bootstrap"],
    3: ["urls", "signing", "apps", "files", "cache", "db"],
    2: [
        "conf",
        "signals",
        "utils.log",
        "utils.crypto",
        "utils.timezone",
        "utils.dateparse",
        "checks.settings",
        "checks.files",
    ],
    1: [
        "exceptions",
        "types",
        "utils",
        "dispatch",
        "checks",
        "autoreload",
        "servers",
        "serializers",
        "paginator",
        "validators",
    ],
}

# Seen from outside, these packages are imported by their face only.
FACED = ("apps", "checks", "conf", "http", "urls")
NOT_BY_THE_FACE = {
    "conf.urls.static": "where Django has it, and floors above `conf`: it needs routes and a view",
    "conf.databases": "a site without databases does not load it",
    "conf.global_settings": "the module itself is what is wanted: the defaults as a namespace",
    "urls.checking": "for the checks; a site that serves does not load it",
    "urls.listing": "for commands, checks and pages that explain; a site that serves does not load it",
    "urls.places": "for checks and `explain`",
    "urls.routing": "for `explain`, which tells where the table stands",
    "urls.patterns": "for checks only: what kind a pattern is of",
    "urls.converters": "for checks only: which converter is ours",
    "checks.registry": "the one registry, which Django's users import from there too",
}

# A heavy library and the only rooms that may import it.
OWNERS = {
    "jinja2": ("template", "management"),
    "click": ("management",),
    "watchdog": ("autoreload",),
    "multipart": ("http",),
    "itsdangerous": ("signing",),
    "redis": ("cache",),
    "cryptography": ("management",),
    "sqlalchemy": ("db", "test.database", "test.rows"),
}

# What a service pays for at start must be what it needs: each of these costs 1 to 35 ms.
TOO_HEAVY_FOR_WSGI = [
    "argparse",
    "asyncio",
    "base64",
    "click",
    "concurrent.futures",
    "cryptography",
    "dataclasses",
    "datetime",
    "email",
    "http.cookies",
    "http.server",
    "importlib.metadata",
    "inspect",
    "itsdangerous",
    "jinja2",
    "logging.config",
    "miniframe.checks",
    "miniframe.files",
    "miniframe.http.multipartparser",
    "miniframe.signing",
    "miniframe.template",
    "miniframe.urls.listing",
    "miniframe.urls.reversing",
    "miniframe.views",
    "multipart",
    "pathlib",
    "pickle",
    "redis",
    "socketserver",
    "sqlalchemy",
    "ssl",
    "subprocess",
    "tempfile",
    "unicodedata",
    "unittest",
    "watchdog",
]


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def trees() -> dict[str, ast.Module]:
    paths = (path for path in PACKAGE.rglob("*.py") if "_template" not in str(path))
    return {module_name(path): ast.parse(path.read_text(), str(path)) for path in sorted(paths)}


def imports_of(module: str, tree: ast.Module) -> set[str]:
    """Return every module of ours that `module` imports, at the top, in functions and for typing alike."""
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{_absolute(node, module)}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("miniframe."):
                found.add(_longest_module(name.removeprefix("miniframe.")))
    return found - {module, ""}


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    is_package = (PACKAGE / module.replace(".", "/") / "__init__.py").exists()
    parts = ["miniframe", *module.split(".")]
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _longest_module(name: str) -> str:
    while name and name not in trees():
        name = name.rpartition(".")[0]
    return name


def floor_of(module: str) -> int:
    fits = [
        (len(room), floor)
        for floor, rooms in FLOORS.items()
        for room in rooms
        if module == room or module.startswith(f"{room}.")
    ]
    assert fits, f"miniframe.{module} stands on no floor: add it to the table in tests/test_architecture.py"
    return max(fits)[1]


MODULES = sorted(set(trees()) - {""})


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_down_only(module: str) -> None:
    wrong = [
        f"miniframe.{module} (floor {floor_of(module)}) may not import miniframe.{other} (floor {floor_of(other)})"
        for other in sorted(imports_of(module, trees()[module]))
        if floor_of(other) > floor_of(module)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", MODULES)
def test_other_packages_are_imported_by_their_face(module: str) -> None:
    wrong = [
        f"miniframe.{module} imports miniframe.{other}: take it from miniframe.{room}"
        for other in sorted(imports_of(module, trees()[module]))
        for room in FACED
        if other.startswith(f"{room}.")
        and other not in NOT_BY_THE_FACE
        and not module.startswith(room)
        and floor_of(other) == floor_of(room)
    ]
    assert not wrong, "\n".join(wrong)


def test_http_and_urls_never_meet() -> None:
    for module in MODULES:
        imported = {name.partition(".")[0] for name in imports_of(module, trees()[module])}
        if module.startswith("http"):
            assert "urls" not in imported
        if module.startswith("urls"):
            assert "http" not in imported


@pytest.mark.parametrize(
    "module", [name for name in MODULES if name.startswith("servers.") and name != "servers.basehttp"]
)
def test_of_the_server_only_basehttp_knows_the_framework(module: str) -> None:
    ours = {name for name in imports_of(module, trees()[module]) if not name.startswith("servers.")}
    assert not ours


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: imports_of(module, tree) for module, tree in trees().items() if module}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_is_imported_by_its_owner_only(library: str) -> None:
    for module, tree in trees().items():
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] == library for name in names):
                assert module.startswith(OWNERS[library]), f"miniframe.{module} imports {library}"


def test_importing_the_wsgi_application_imports_nothing_heavy() -> None:
    code = "import sys, miniframe.wsgi; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in TOO_HEAVY_FOR_WSGI if name in loaded] == []


@pytest.mark.parametrize("module", ["", *MODULES])
def test_every_module_says_what_it_is_for_in_its_first_line(module: str) -> None:
    doc = ast.get_docstring(trees()[module])
    assert doc, f"miniframe.{module} has no docstring"
    assert doc.splitlines()[0].endswith((".", "?", "!")), f"miniframe.{module}: the first line is no sentence"


# Packages whose first page is a map of their rooms.
MAPPED = [
    "autoreload",
    "autoreload.copying",
    "autoreload.pages",
    "autoreload.terminal",
    "autoreload.watching",
    "db",
    "management.deploying",
    "management.explaining",
    "management.serving",
]


@pytest.mark.parametrize("package", MAPPED)
def test_the_map_of_a_package_shows_all_its_rooms(package: str) -> None:
    shown = re.findall(r"^    (\w+)  ", ast.get_docstring(trees()[package], clean=False) or "", re.MULTILINE)
    rooms = [name.rpartition(".")[2] for name in MODULES if name.rpartition(".")[0] == package]
    assert sorted(shown) == sorted(rooms)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_documented(module: str) -> None:
    missing: list[str] = []

    def visit(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            overload = any("overload" in ast.unparse(each) for each in child.decorator_list)
            if child.name.startswith("_") or overload:
                continue
            if not ast.get_docstring(child):
                missing.append(f"{inside}{child.name} (line {child.lineno})")
            if isinstance(child, ast.ClassDef):
                visit(child, f"{inside}{child.name}.")

    visit(trees()[module], "")
    assert not missing, f"miniframe.{module}: undocumented {', '.join(missing)}"
