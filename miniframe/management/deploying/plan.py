"""What was asked for on the command line, checked: nothing here could mean something else in a file to be written.

The values end up in files of five languages (systemd's, nginx's, uWSGI's, Python, Docker's), each of which quotes
otherwise.  So what would need quotes in any of them is refused.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from miniframe.conf import settings
from miniframe.management.deploying.addresses import Address
from miniframe.management.deploying.project import Project
from miniframe.management.errors import CommandError
from miniframe.utils.text import did_you_mean
from miniframe.utils.version import get_version

__all__ = ["KINDS", "PLACEHOLDER", "Plan", "make_plan"]

KINDS = {
    "uwsgi-nginx": "uWSGI behind nginx, as a systemd service",
    "gunicorn-nginx": "gunicorn behind nginx, as a systemd service with a socket of its own",
    "granian": "granian alone, as a systemd service; WhiteNoise serves the static files",
    "container": "a container image with granian and WhiteNoise; https ends in front of it",
}

PLACEHOLDER = "example.com"
"""Stands for the domain where none was given."""

MIB = 1024 * 1024
LEAST_BODY = 32 * MIB

_DOMAIN = re.compile(r"(\*?\.)?([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_PATH = re.compile(r"/[\w./@+~-]*")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SCRIPT_NAME = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._~-]*)+")


_HEALTH = ("/healthz/", "load balancers ask there how the site is")
_PRIVATE = ("/protected/", "nginx finds the files of X-Accel-Redirect there")


@dataclass(frozen=True)
class Plan:
    """What the files are made from, beside the project."""

    kind: str
    domains: tuple[str, ...]
    path: str
    code: str
    venv: str
    user: str
    group: str
    script_name: str
    backends: tuple[Address, ...]
    http_port: int
    https_port: int
    certificate: str
    """Its path; "" where our server needs none."""
    key: str
    tls: bool
    timeout: int
    """Seconds that the slowest request may take."""
    body_limit: int
    """Octets of the largest request."""
    secret_key: str
    static_root: str
    media_root: str
    private_root: str
    writable: tuple[str, ...]
    static_path: str
    media_path: str

    @property
    def nginx(self) -> bool:
        """Whether our own nginx stands in front."""
        return self.kind.endswith("-nginx")

    @property
    def whitenoise(self) -> bool:
        """Whether the application serves its static files itself."""
        return not self.nginx

    @property
    def granian(self) -> bool:
        """Whether granian is the server."""
        return not self.nginx

    @property
    def unix(self) -> bool:
        """Whether nginx reaches the server by a file, and so on this machine only."""
        return any(backend.path for backend in self.backends)

    @property
    def runtime_folder(self) -> str:
        """The folder below /run with a unix socket, which is made when the service starts; "" for any other place."""
        found = re.fullmatch(r"/run/(.+)/[^/]+", self.backends[0].path)
        return found[1] if found else ""

    @property
    def hosts(self) -> list[str]:
        """The domains as ALLOWED_HOSTS writes them."""
        return [name.removeprefix("*") for name in self.domains]

    @property
    def code_path(self) -> str:
        """The folder from which modules are imported, where the project will lie."""
        return f"{self.path}/{self.code}" if self.code else self.path

    @property
    def max_body(self) -> str:
        """`body_limit` as nginx writes it."""
        return f"{self.body_limit // MIB}m" if self.body_limit % MIB == 0 else str(self.body_limit)

    @property
    def host(self) -> str:
        """Where granian listens: to everybody, or without TLS to this machine."""
        return "0.0.0.0" if self.tls or self.kind == "container" else "127.0.0.1"

    @property
    def port(self) -> int:
        """The port at which a server without nginx listens."""
        return self.https_port if self.tls and self.kind != "container" else self.http_port

    @property
    def threads(self) -> int:
        """How many requests a process of the server works on at the same time."""
        return 16 if self.granian else 8

    @property
    def needs_low_port(self) -> bool:
        """Whether the service itself binds a port that only root may."""
        return self.kind == "granian" and self.port < 1024

    @property
    def in_home(self) -> bool:
        """Whether the project will lie where services see nothing by default."""
        return self.path.startswith(("/home/", "/root/", "/run/user/")) or self.venv.startswith(("/home/", "/root/"))

    @property
    def python(self) -> str:
        """The Python to pin: the one that runs here."""
        return f"{sys.version_info[0]}.{sys.version_info[1]}"

    @property
    def version(self) -> str:
        """The least miniframe."""
        return get_version()


def make_plan(project: Project, options: dict[str, Any], secret_key: str) -> Plan:
    """Return what the options ask for.

    Raises:
        CommandError: a value cannot be, or would have to be quoted in one of the files; the message names the option.
    """
    kind = _kind(options["kind"])
    domains = _domains(options["domain"])
    path = _path("--path", options["path"] or f"/srv/{project.unit}")
    script_name = _script_name(options["script_name"] or "")
    tls = not options["plain_http"]
    # A container's https ends in front of it.
    certificate, key = _certificate(domains[0], options) if tls and kind != "container" else ("", "")
    writable = dict.fromkeys(["var", project.media_root or "var"])
    static_path = _mounted(project.static_path, "STATIC_URL", script_name)
    media_path = _mounted(project.media_path, "MEDIA_URL", script_name)
    http_port, https_port = _ports(options, kind.endswith("-nginx"))
    _check_addresses(
        [_HEALTH, _PRIVATE] if kind.endswith("-nginx") else [_HEALTH],
        {"--script-name": script_name and f"{script_name}/", "STATIC_URL": static_path, "MEDIA_URL": media_path},
    )
    return Plan(
        kind=kind,
        domains=domains,
        path=path,
        code=project.code,
        venv=_path("--venv", options["venv"] or f"{path}/.venv"),
        user=_name("--user", options["user"] or project.unit),
        group=_name("--group", options["group"]),
        script_name=script_name,
        backends=_backends(kind, options["backend"] or [f"unix:/run/{project.unit}/{project.unit}.sock"]),
        http_port=http_port,
        https_port=https_port,
        certificate=certificate,
        key=key,
        tls=tls,
        timeout=_positive("--timeout", options["timeout"]),
        body_limit=max(LEAST_BODY, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0),
        secret_key=secret_key,
        writable=tuple(str(PurePosixPath(path, folder)) for folder in writable),
        static_root=str(PurePosixPath(path, project.static_root)),
        media_root=str(PurePosixPath(path, project.media_root)),
        private_root=str(PurePosixPath(path, project.private_root)),
        static_path=static_path,
        media_path=media_path,
    )


def _mounted(path: str, setting: str, script_name: str) -> str:
    """Return a path of the site as visitors see it: one that is relative in the settings is below the script name."""
    raw = str(getattr(settings._wrapped, setting, "") or "")
    return script_name + path if path and not raw.startswith("/") else path


def _kind(kind: str) -> str:
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise CommandError(f"There is no kind of deployment {kind!r}; there are {known}.{did_you_mean(kind, KINDS)}")
    return kind


def _domains(given: list[str] | None) -> tuple[str, ...]:
    """Return the names, each once, as a Host header has them: in lower case, an IPv6 address in brackets.

    Of ALLOWED_HOSTS those are left out that only this machine answers to, or everybody.
    """
    source = "--domain" if given else "ALLOWED_HOSTS"
    found = [_domain(name, source) for name in given or settings.ALLOWED_HOSTS if given or name != "*"]
    names = [name for name in found if given or not _is_local(name)] or [PLACEHOLDER]
    # nginx refuses to start with a name that it has already, and ".x" is "x" and "*.x" to it.
    wide = {name: f".{name.removeprefix('*.')}" for name in names}
    return tuple(dict.fromkeys(wide[name] if wide[name] in names else name for name in names))


def _domain(text: str, source: str) -> str:
    name = text.lower()
    address = _address(name)
    if address is not None and address.version == 6:
        return f"[{address}]"
    if not _DOMAIN.fullmatch(name):
        raise CommandError(
            f"{source} has {text!r}, which is no name of a host. Write it without scheme, port and path: "
            f"www.example.com, or .example.com for it and all below."
        )
    return name


def _address(name: str) -> IPv4Address | IPv6Address | None:
    if "%" in name:
        return None  # fe80::1%eth0: what follows may be anything, and means something on one machine only
    try:
        return ip_address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    except ValueError:
        return None


def _is_local(name: str) -> bool:
    address = _address(name)
    return f".{name}".endswith(".localhost") if address is None else address.is_loopback or address.is_unspecified


def _certificate(domain: str, options: dict[str, Any]) -> tuple[str, str]:
    """Return the paths of the certificate and its key."""
    if ":" in domain and not (options["certificate"] and options["key"]):
        raise CommandError(
            f"The first domain is {domain!r}, an address, for which certbot keeps no certificate under a name. Name a "
            f"host first (--domain www.example.com), or say with --certificate and --key where they are."
        )
    folder = f"/etc/letsencrypt/live/{domain.lstrip('*.')}"
    return (
        _path("--certificate", options["certificate"] or f"{folder}/fullchain.pem"),
        _path("--key", options["key"] or f"{folder}/privkey.pem"),
    )


def _path(option: str, text: str) -> str:
    if not _PATH.fullmatch(text) or ".." in text.split("/"):
        raise CommandError(
            f"{option} is {text!r}; it has to be a whole path (/srv/mysite) of letters, digits and ._-+@~/ : blanks "
            f"and other signs mean something else in the files of systemd, nginx and uWSGI."
        )
    if not text.strip("/."):
        raise CommandError(f"{option} is {text!r}, which is the whole machine; name a folder, such as /srv/mysite.")
    return text.rstrip("/")


def _name(option: str, text: str) -> str:
    if not _USER.fullmatch(text):
        raise CommandError(f"{option} is {text!r}; the name of a user or group has letters, digits, _ and - only.")
    return text


def _script_name(text: str) -> str:
    text = text.rstrip("/")
    if text and not _SCRIPT_NAME.fullmatch(text):
        raise CommandError(f"--script-name is {text!r}; write it like /app or /tools/app: ASCII letters, digits, ._~-")
    return text


def _check_addresses(taken: list[tuple[str, str]], addresses: dict[str, str]) -> None:
    """Refuse what would be at an address that is `taken`, or two things at one."""
    for name, path in addresses.items():
        for start, why in taken:
            if path.startswith(start):
                raise CommandError(f"{name} is {path!r}, but {why}. Choose another path.")
    for (one, path), (other, same) in combinations(addresses.items(), 2):
        if path and path == same:
            raise CommandError(f"{one} and {other} are both {path!r}. Choose another path for one of them.")


def _ports(options: dict[str, Any], nginx: bool) -> tuple[int, int]:
    usual = 80 if nginx else 8000
    http = _port("--http-port", usual if options["http_port"] is None else options["http_port"])
    https = _port("--https-port", options["https_port"])
    if http == https and nginx and not options["plain_http"]:
        raise CommandError(f"--http-port and --https-port are both {http}; nginx listens on each, so name two.")
    return http, https


def _port(option: str, number: int) -> int:
    if not 0 < number < 65536:
        raise CommandError(f"{option} is {number}; a port is a number from 1 to 65535.")
    return number


def _positive(option: str, number: int) -> int:
    if number < 1:
        raise CommandError(f"{option} is {number}; it is a number of seconds, 1 or more.")
    return number


def _backends(kind: str, given: list[str]) -> tuple[Address, ...]:
    backends = tuple(Address.parse(text) for text in dict.fromkeys(given))
    for backend in backends:
        if backend.path:
            _path("--backend", backend.path)
    if len(backends) > 1 and any(backend.path for backend in backends):
        raise CommandError(
            "--backend names several servers, so each has to be HOST:PORT: a unix socket is one machine's."
        )
    return backends
