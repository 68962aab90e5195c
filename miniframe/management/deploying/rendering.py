"""The files of a deployment as texts: which there are for each kind, and their templates filled in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2

import miniframe
from miniframe.conf import settings
from miniframe.management.deploying.plan import Plan
from miniframe.management.deploying.project import Project

__all__ = ["ENVIRONMENT_FILE", "render"]

TEMPLATES = Path(miniframe.__file__).parent / "conf" / "deploy_template"
ENVIRONMENT_FILE = "deploy/production.env"

SECURITY_MIDDLEWARE = "miniframe.middleware.security.SecurityMiddleware"
XFRAME_MIDDLEWARE = "miniframe.middleware.clickjacking.XFrameOptionsMiddleware"
PLAIN_STORAGE = "miniframe.staticfiles.storage.StaticFilesStorage"

# Settings that some project switches off, and the Python of what `check --deploy` asks for.
STRICT = {
    "SECURE_CONTENT_TYPE_NOSNIFF": "True",
    "SECURE_REFERRER_POLICY": '"same-origin"',
    "SESSION_COOKIE_HTTPONLY": "True",
}

# Where an operator changes the number of threads; for granian it is the service.
THREADS_AT = {
    "uwsgi-nginx": "deploy/uwsgi.ini",
    "gunicorn-nginx": "deploy/gunicorn.conf.py",
    "container": "the Dockerfile",
}

LIST_DEPENDENCIES = (
    "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\\n')"
)


def render(project: Project, plan: Plan) -> dict[str, str]:
    """Return the text of each file, by its path below the project's folder."""
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    context = _context(project, plan)
    return {path: engine.get_template(name).render(context) for path, name in _files(project, plan)}


def _files(project: Project, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield path and template of each file."""
    yield project.module_path(project.production_module), "production.py-tpl"
    yield project.module_path(project.wsgi_module), "production_wsgi.py-tpl"
    yield ENVIRONMENT_FILE, "production.env-tpl"
    yield "deploy/requirements.txt", "requirements.txt-tpl"
    if plan.kind == "uwsgi-nginx":
        yield "deploy/uwsgi.ini", "uwsgi.ini-tpl"
    if plan.kind == "gunicorn-nginx":
        yield "deploy/gunicorn.conf.py", "gunicorn.conf.py-tpl"
        yield f"deploy/{project.unit}.socket", "gunicorn.socket-tpl"
    if plan.nginx:
        yield "deploy/nginx.conf", "nginx.conf-tpl"
    if plan.kind == "container":
        yield "Dockerfile", "Dockerfile-tpl"
        yield ".dockerignore", "dockerignore-tpl"
    else:
        yield f"deploy/{project.unit}.service", "service-tpl"
    yield "deploy/README.md", "README.md-tpl"


def _context(project: Project, plan: Plan) -> dict[str, Any]:
    middleware = [name for name in (SECURITY_MIDDLEWARE, XFRAME_MIDDLEWARE) if name not in project.middleware]
    manifest = _storage() == PLAIN_STORAGE
    silenced = list(_silenced(plan))
    laid_over = {"CACHES", "SILENCED_SYSTEM_CHECKS"} | ({"STORAGES"} if manifest else set())
    return {
        "project": project,
        "plan": plan,
        "middleware": middleware,
        "stricter": [(name, value) for name, value in STRICT.items() if not getattr(settings, name)],
        "silenced": silenced,
        "manifest": manifest,
        "needs_base": bool(middleware or project.databases or laid_over & project.explicit),
        "import_base": _import(project.settings_module, "base"),
        "import_application": _import(project.application or "", "_project"),
        # What the site itself makes, below the project's folder: never copied to the machine, or into an image.
        "own_folders": [
            folder
            for folder in dict.fromkeys(["var", project.media_root, project.private_root, project.static_root])
            if folder and not folder.startswith(("/", "var/"))
        ],
        "whitenoise": plan.whitenoise and bool(project.static_path),
        "static_prefix": plan.static_path.removeprefix(plan.script_name),
        "list_dependencies": f'python -c "{LIST_DEPENDENCIES}"',
        "install": _install(project),
        "threads_at": THREADS_AT.get(plan.kind, f"deploy/{project.unit}.service"),
    }


def _silenced(plan: Plan) -> Iterator[str]:
    """Yield the ids of warnings that this deployment answers otherwise."""
    yield from ("security.W005", "security.W021")
    if not plan.tls:
        yield from (
            "security.W004",
            "security.W008",
            "security.W010",
            "security.W011",
            "security.W012",
            "security.W016",
        )
    if settings.X_FRAME_OPTIONS != "DENY":
        yield "security.W019"


def _storage() -> str:
    found: dict[str, Any] = settings.STORAGES.get("staticfiles", {})
    return str(found.get("BACKEND", PLAIN_STORAGE))


def _import(path: str, name: str) -> str:
    """Return the statement that imports what a dotted path names, by another name."""
    package, dot, last = path.rpartition(".")
    return f"from {package} import {last} as {name}" if dot else f"import {last} as {name}"


def _install(project: Project) -> str:
    """Return what pip is told: the project's own requirements, wherever it keeps them, and the server's."""
    files = ["requirements.txt"] * project.requirements + ["deploy/project.txt"] * project.pyproject
    return " ".join(["pip", "install", *(f"-r {file}" for file in [*files, "deploy/requirements.txt"])])
