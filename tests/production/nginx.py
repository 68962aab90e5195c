"""nginx with one site: the file that `deploy` has written, included as Debian's own nginx.conf includes it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.waiting import until

from .processes import kill

# What has to stand around a site, and nothing that helps it: even the types of files are Debian's.
_AROUND = """\
daemon off;
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log notice;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    tcp_nopush on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/temporary-body;
    proxy_temp_path {folder}/temporary-proxy;
    uwsgi_temp_path {folder}/temporary-uwsgi;
    fastcgi_temp_path {folder}/temporary-fastcgi;
    scgi_temp_path {folder}/temporary-scgi;
    include {site};
}}
"""


class Nginx:
    """One nginx, with its files in a folder."""

    def __init__(self, program: str, folder: Path, site: Path) -> None:
        # The workers of root's nginx would be nobody, who cannot look into a folder of tests.
        user = "user root;" if os.geteuid() == 0 else ""
        self._folder = folder
        self._configuration = folder / "nginx.conf"
        self._configuration.write_text(_AROUND.format(user=user, folder=folder, site=site))
        self._program = program
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; return when it listens.

        Raises:
            AssertionError: it does not like its configuration.
        """
        log = self._folder / "nginx.log"
        command = [self._program, "-p", str(self._folder), "-c", str(self._configuration), "-e", str(log)]
        with log.open("ab") as errors:
            self.process = process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True
            )

        def listens() -> bool:
            assert process.poll() is None, f"nginx ended: {log.read_text()[-3000:]}"
            # It writes its number when its sockets listen.
            return (self._folder / "nginx.pid").exists()

        until(listens, lambda: f"nginx does not start: {log.read_text()[-3000:]}")

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            kill(self.process)
            (self._folder / "nginx.pid").unlink(missing_ok=True)
