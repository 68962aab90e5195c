"""The servers, each started on what `deploy` has written, or as its own documentation says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.waiting import PATIENCE, free_port, until

from . import project
from .certificate import make_certificate
from .client import Address, ask
from .nginx import Nginx
from .processes import kill, members
from .units import Service, read_environment

BIN = Path(sys.executable).parent


class NotInstalled(Exception):
    """A server is not on this machine; the message says how to get it."""


def need(program: str, how: str) -> str:
    """Return where a program is."""
    found = shutil.which(program, path=f"{BIN}:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
    if found is None:
        raise NotInstalled(f"{program} is not installed: {how}")
    return found


class Row:
    """A project and what serves it."""

    proxied = False
    """Whether nginx stands in front."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder = folder
        self.prefix = prefix
        self.root = folder / project.PACKAGE
        self.log_path = folder / "server.log"
        self.log_path.touch()
        self.port = free_port()
        self.address = Address(self.port, project.NAME, prefix=prefix)
        self.plain_address: Address | None = None
        """Where the same site is found without encryption, if it is encrypted."""

    def build(self) -> None:
        """Make the project, with what serves it."""
        project.make_project(self.folder)
        self.configure()

    def configure(self) -> None:
        """Write what the server reads."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it; return when a page is answered."""
        raise NotImplementedError

    def reload(self) -> None:
        """Have it take new code, as its README says."""
        raise NotImplementedError

    def restart(self) -> None:
        """Do what `systemctl restart` does to the application's server."""
        raise NotImplementedError

    def is_settled(self) -> bool:
        """Return whether it has started wholly, and the last reload has ended."""
        return True

    def tell_to_end(self) -> None:
        """Tell the application's server to end as a service manager does, and return at once."""
        raise NotImplementedError

    def has_ended(self) -> bool:
        """Return whether all of the application's server is gone."""
        raise NotImplementedError

    def close(self) -> None:
        """End whatever is left."""
        raise NotImplementedError

    @property
    def log(self) -> str:
        """What the application's server has written until now."""
        return self.log_path.read_text(errors="replace")

    def static(self, name: str) -> str:
        """Return the address of a static file, as pages have it, below the site's own address."""
        return ask(self.address, path=f"/assets/{name}").body.decode().removeprefix(self.prefix)

    def var(self, name: str) -> Path:
        """Return a file by which a test and a view speak to each other."""
        return self.root / "var" / name

    def allow(self, name: str) -> None:
        """Let a view go on that waits for this name."""
        self.var(name).touch()

    def wait_for(self, name: str) -> None:
        """Return when a view has said this name."""
        self.until(self.var(name).exists, f"the application never said {name}")

    def until(self, condition: Callable[[], bool], complaint: str) -> None:
        """Wait until `condition()` holds."""
        until(condition, lambda: f"{complaint}\n{self.log[-3000:]}")

    def until_it_answers(self) -> None:
        """Wait for the first page."""

        def answers() -> bool:
            try:
                return ask(self.address).status == 200
            except OSError:
                return False

        self.until(answers, "no page was answered")


class Deployed(Row):
    """A project with what `deploy KIND` has written for it, not a letter of it changed."""

    kind = ""
    tls = True

    def __init__(self, folder: Path, prefix: str) -> None:
        super().__init__(folder, prefix)
        self.http_port = free_port()
        # The one at the root is reached by a file, the one below /app by a port: both are usual.
        self.backend = f"127.0.0.1:{free_port()}" if prefix else f"unix:{folder}/app.sock"

    def options(self) -> list[str]:
        """Return the options of `deploy`."""
        options = ["--domain", project.NAME, "--path", str(self.root), "--venv", sys.prefix]
        options += ["--http-port", str(self.http_port), "--https-port", str(self.port)]
        if self.prefix:
            options += ["--script-name", self.prefix]
        if self.proxied:
            options += ["--backend", self.backend]
        if self.tls:
            certificate, key = make_certificate(self.folder, project.NAME)
            options += ["--certificate", str(certificate), "--key", str(key)]
            self.address = self.address._replace(authority=str(certificate))
        return options

    def configure(self) -> None:
        project.manage(self.root, "deploy", self.kind, *self.options())
        self.environ = read_environment(self.root / "deploy" / "production.env")
        project.manage(self.root, "collectstatic", "--no-input", environ=self.environ)
        if not self.proxied:
            # A step of the README, and a line of the Dockerfile.
            static = self.root / "staticfiles"
            command = [sys.executable, "-m", "whitenoise.compress", "--quiet", str(static)]
            subprocess.run(command, check=True, timeout=PATIENCE)
        if self.tls and self.proxied:
            self.plain_address = Address(self.http_port, project.NAME, prefix=self.prefix)


class AsService(Deployed):
    """A kind that systemd runs."""

    has_socket = False
    service: Service
    nginx: Nginx | None = None

    def program(self) -> str:
        """Return the program that has to be there."""
        raise NotImplementedError

    def configure(self) -> None:
        self.program()
        if self.proxied:
            program = need("nginx", "sudo apt-get install nginx")
        super().configure()
        deploy = self.root / "deploy"
        self.service = self.make_service(deploy)
        if self.proxied:
            self.nginx = Nginx(program, self.folder, deploy / "nginx.conf")

    def make_service(self, deploy: Path) -> Service:
        """Return the service, from its unit files."""
        unit = deploy / f"{project.PACKAGE}.service"
        return Service(unit, self.log_path, unit.with_suffix(".socket") if self.has_socket else None)

    def start(self) -> None:
        self.service.start()
        if self.nginx is not None:
            self.nginx.start()
        self.until_it_answers()

    def reload(self) -> None:
        self.service.reload()

    def restart(self) -> None:
        self.service.tell_to_end()
        self.until(self.service.has_ended, "it has not ended")
        self.service.start()

    def tell_to_end(self) -> None:
        self.service.tell_to_end()

    def has_ended(self) -> bool:
        return self.service.has_ended()

    def close(self) -> None:
        if self.nginx is not None:
            self.nginx.close()
        if hasattr(self, "service"):
            self.service.close()


class UwsgiNginx(AsService):
    """uWSGI behind nginx."""

    kind = "uwsgi-nginx"
    proxied = True

    def is_settled(self) -> bool:
        # A worker that starts when the master is told to end is not told; docs/production.md says what that means.
        log = self.log
        started = re.findall(r"^(?:spawned|Respawned) uWSGI worker \d+ \((?:new )?pid: (\d+)", log, re.MULTILINE)
        ready = re.findall(r"^WSGI app 0 .* pid: (\d+) ", log, re.MULTILINE)
        is_reloading = log.count("chain reload starting") > log.count("chain reloading complete")
        return bool(started) and set(started) <= set(ready) and not is_reloading

    def program(self) -> str:
        return need("uwsgi", "pip install pyuwsgi")


class GunicornNginx(AsService):
    """gunicorn behind nginx, with a socket that systemd holds."""

    kind = "gunicorn-nginx"
    proxied = True
    has_socket = True

    def program(self) -> str:
        return need("gunicorn", "pip install gunicorn")


class Granian(AsService):
    """granian, straight on the network, with TLS of its own."""

    kind = "granian"

    def program(self) -> str:
        return need("granian", "pip install granian")


class Program(Deployed):
    """A server that is one command."""

    process: subprocess.Popen[bytes] | None = None
    nginx: Nginx | None = None

    def command(self) -> list[str]:
        """Return what starts it."""
        raise NotImplementedError

    def configure(self) -> None:
        super().configure()
        if self.proxied:
            self.nginx = Nginx(
                need("nginx", "sudo apt-get install nginx"), self.folder, self.root / "deploy" / "nginx.conf"
            )

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.root,
                env={**project.environment(), **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self.nginx is not None:
            self.nginx.start()
        self.until_it_answers()

    def tell_to_end(self) -> None:
        assert self.process is not None
        self.process.terminate()

    def has_ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None and not members(self.process.pid)

    def close(self) -> None:
        if self.nginx is not None:
            self.nginx.close()
        if self.process is not None:
            kill(self.process)


class Runserver(Program):
    """Our own development server, for comparison: it is not meant for strangers."""

    def configure(self) -> None:
        settings = project.write_plain_settings(self.root, self.prefix)
        self.environ = {"MINIFRAME_SETTINGS_MODULE": settings}

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "runserver", f"127.0.0.1:{self.port}", "--noreload"]


class Waitress(Program):
    """waitress, straight on the network, with what `deploy granian --plain-http` has written."""

    kind = "granian"
    tls = False

    def command(self) -> list[str]:
        program = need("waitress-serve", "pip install waitress")
        return [program, *self.listening(), f"{project.PACKAGE}.production_wsgi:application"]

    def listening(self) -> list[str]:
        """Return the options that say where."""
        return [f"--listen=127.0.0.1:{self.port}"]

    def options(self) -> list[str]:
        return [*super().options(), *([] if self.tls else ["--plain-http"])]


class WaitressNginx(Waitress):
    """waitress in the place of gunicorn."""

    kind = "gunicorn-nginx"
    tls = True
    proxied = True

    def listening(self) -> list[str]:
        path = self.backend.removeprefix("unix:")
        where = f"--listen={path}" if path == self.backend else f"--unix-socket={path}"
        # It would drop the fields that nginx sets: only the settings decide whom to believe.
        return [where, "--no-clear-untrusted-proxy-headers"]


class Container(Program):
    """The command of the container, in the project's folder; a balancer in front ends TLS."""

    kind = "container"
    tls = False

    def __init__(self, folder: Path, prefix: str) -> None:
        super().__init__(folder, prefix)
        self.port = self.http_port
        via = (("X-Forwarded-Proto", "https"),)
        self.address = self.address._replace(port=self.port, via=via)
        self.plain_address = self.address._replace(via=())

    def configure(self) -> None:
        need("granian", "pip install granian")
        super().configure()
        self.environ["PROXY_SSL_HEADER"] = "X-Forwarded-Proto"

    def command(self) -> list[str]:
        [line] = re.findall(r"^CMD (.*)$", (self.root / "Dockerfile").read_text(), re.MULTILINE)
        command: list[str] = json.loads(line)
        return [need(command[0], "pip install granian"), *command[1:]]


ROWS: dict[str, type[Row]] = {
    "uwsgi-nginx": UwsgiNginx,
    "gunicorn-nginx": GunicornNginx,
    "granian": Granian,
    "container": Container,
    "waitress-nginx": WaitressNginx,
    "waitress": Waitress,
    "runserver": Runserver,
}
