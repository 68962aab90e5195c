"""`deploy KIND`: what it writes, what it leaves alone, and that the result is what `check --deploy` asks for."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.management.deploying.plan import KINDS

from .conftest import environment

Done = subprocess.CompletedProcess[str]

COMMON = ["mysite/production.py", "mysite/production_wsgi.py", "deploy/production.env", "deploy/requirements.txt"]
FILES = {
    "uwsgi-nginx": ["deploy/uwsgi.ini", "deploy/nginx.conf", "deploy/mysite.service"],
    "gunicorn-nginx": [
        "deploy/gunicorn.conf.py",
        "deploy/mysite.socket",
        "deploy/nginx.conf",
        "deploy/mysite.service",
    ],
    "granian": ["deploy/mysite.service"],
    "container": ["Dockerfile", ".dockerignore"],
}
NGINX_KINDS = ["uwsgi-nginx", "gunicorn-nginx"]
TWO_MACHINES = ["--backend", "127.0.0.1:8001", "--backend", "[::1]:8002"]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project as startproject makes it; it is copied by who changes it."""
    folder = tmp_path_factory.mktemp("new")
    run(folder, "-m", "miniframe", "startproject", "mysite")
    return folder / "mysite"


@pytest.fixture
def site(new: Path, tmp_path: Path) -> Path:
    """Return a new project of one's own."""
    return Path(shutil.copytree(new, tmp_path / "mysite"))


@pytest.fixture(scope="module")
def deployed(new: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a project for each kind, with that kind's files for www.example.org."""
    folders = {}
    for kind in KINDS:
        folders[kind] = shutil.copytree(new, tmp_path_factory.mktemp(kind) / "mysite")
        done = deploy(folders[kind], kind, "--domain", "www.example.org")
        assert (done.returncode, done.stderr) == (0, ""), done
    return folders


def run(folder: Path, *command: str, **env: str) -> Done:
    """Run Python with `command` in `folder`."""
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(**env), capture_output=True, text=True, timeout=120
    )


def deploy(folder: Path, *args: str) -> Done:
    return run(folder, "manage.py", "deploy", *args)


def production(folder: Path) -> dict[str, str]:
    """Return the environment that deploy/production.env asks for."""
    lines = (folder / "deploy/production.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings_of(folder: Path, *names: str, **env: str) -> Any:
    """Return settings as they are in production."""
    code = (
        "import json, sys; from miniframe.conf import settings; "
        "print(json.dumps([getattr(settings, n) for n in sys.argv[1:]], default=str))"
    )
    done = run(folder, "-c", code, *names, **{**production(folder), **env})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def texts(folder: Path) -> dict[str, str]:
    """Return what each file of the folder holds."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def needed(program: str, install: str) -> str:
    """Return a program's path; skip the test where there is none, but not in CI."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"needs {program}: {install}")
    return found


# What is written.


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_writes_its_files_and_tells_their_names(kind: str, new: Path, deployed: dict[str, Path]) -> None:
    written = set(texts(deployed[kind])) - set(texts(new))
    assert written == {*COMMON, *FILES[kind], "deploy/README.md"}


@pytest.mark.parametrize("kind", KINDS)
def test_check_deploy_has_nothing_to_say(kind: str, deployed: dict[str, Path]) -> None:
    env = production(deployed[kind])
    collected = run(deployed[kind], "manage.py", "collectstatic", "--noinput", **env)
    assert collected.returncode == 0, collected.stderr
    done = run(deployed[kind], "manage.py", "check", "--deploy", "--fail-level", "WARNING", **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout == "System check identified no issues (2 silenced).\n"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_formatted_as_the_project_asks(kind: str, deployed: dict[str, Path]) -> None:
    for command in (["check"], ["format", "--check"]):
        done = run(deployed[kind], "-m", "ruff", *command, "--no-cache", ".")
        assert done.returncode == 0, done.stdout


def test_what_is_written_is_typed(deployed: dict[str, Path], mypy_cache: str) -> None:
    for kind in ("gunicorn-nginx", "container"):
        done = run(deployed[kind], "-m", "mypy", ".", MYPY_CACHE_DIR=mypy_cache)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_secret_is_in_one_file_that_its_owner_alone_can_read_and_git_does_not_take(
    kind: str, deployed: dict[str, Path]
) -> None:
    folder = deployed[kind]
    file = folder / "deploy/production.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = production(folder)["SECRET_KEY"]
    assert len(key) >= 50
    assert [name for name, text in texts(folder).items() if key in text] == ["deploy/production.env"]
    assert "deploy/production.env" in (folder / ".gitignore").read_text().splitlines()


def test_two_projects_get_two_keys(deployed: dict[str, Path]) -> None:
    assert len({production(folder)["SECRET_KEY"] for folder in deployed.values()}) == len(deployed)


def test_a_shell_reads_the_environment_as_systemd_does(deployed: dict[str, Path]) -> None:
    folder = deployed["granian"]
    done = subprocess.run(
        ["sh", "-ec", "set -a; . deploy/production.env; printf %s \"$SECRET_KEY,$ALLOWED_HOSTS\""],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == production(folder)["SECRET_KEY"] + ",www.example.org"


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_are_shell_that_can_be_run(kind: str, deployed: dict[str, Path]) -> None:
    text = (deployed[kind] / "deploy/README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)
        # What is quoted inside is shell too.
        for line in block.replace("\\\n", "").splitlines():
            for word in shlex.split(line, comments=True):
                if word.startswith("cd "):
                    subprocess.run(["sh", "-n"], input=word, text=True, check=True)


# What is there already.


def test_a_second_time_nothing_is_to_be_done(deployed: dict[str, Path]) -> None:
    before = texts(deployed["container"])
    done = deploy(deployed["container"], "container", "--domain", "www.example.org")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "All files are there already" in done.stdout
    assert texts(deployed["container"]) == before


def test_files_of_others_are_named_and_nothing_is_written(site: Path) -> None:
    (site / "mysite/production.py").write_text("DEBUG = False  # mine\n")
    (site / ".dockerignore").write_text("mine\n")
    before = texts(site)
    done = deploy(site, "container")
    assert done.returncode == 1
    assert "    mysite/production.py\n    .dockerignore\n" in done.stderr
    assert "--force" in done.stderr
    assert "lines of your own go with them" in done.stderr
    assert texts(site) == before


def test_by_force_they_are_replaced_and_the_key_stays(site: Path) -> None:
    deploy(site, "granian")
    key = production(site)["SECRET_KEY"]
    (site / "mysite/production.py").write_text("DEBUG = False  # mine\n")
    done = deploy(site, "uwsgi-nginx", "--domain", "other.example", "--force")
    assert done.returncode == 0
    assert "mine" not in (site / "mysite/production.py").read_text()
    assert production(site)["SECRET_KEY"] == key
    assert production(site)["ALLOWED_HOSTS"] == "other.example"
    assert stat.S_IMODE((site / "deploy/production.env").stat().st_mode) == 0o600


def test_what_an_operator_has_put_into_production_env_stays(site: Path) -> None:
    deploy(site, "gunicorn-nginx")
    file = site / "deploy/production.env"
    own = file.read_text().replace("HSTS_SECONDS=3600", "HSTS_SECONDS=31536000")
    file.write_text(f"{own}REDIS_URL=redis://10.0.0.5/1\nSHED_PASSWORD=a=b\n")
    before = production(site)
    assert deploy(site, "gunicorn-nginx", "--domain", "other.example", "--force").returncode == 0
    assert production(site) == {**before, "ALLOWED_HOSTS": "other.example"}
    assert file.read_text().count("REDIS_URL") == 1


def test_a_gitignore_is_added_to_once(site: Path) -> None:
    (site / ".gitignore").write_text("*.log")
    for kind in ("granian", "uwsgi-nginx"):
        deploy(site, kind, "--force")
    assert (site / ".gitignore").read_text() == "*.log\ndeploy/production.env\nstaticfiles/\n"


def test_a_production_env_that_cannot_be_read_keeps_the_key_by_stopping_all(site: Path) -> None:
    file = site / "deploy/production.env"
    file.parent.mkdir()
    file.write_bytes(b"SECRET_KEY=mine\nPASSWORD=caf\xe9\n")
    done = deploy(site, "granian", "--force")
    assert done.returncode == 1
    assert "line 2 is not UTF-8" in done.stderr
    assert file.read_bytes() == b"SECRET_KEY=mine\nPASSWORD=caf\xe9\n"
    assert not (site / "mysite/production.py").exists()


def test_a_gitignore_that_cannot_be_read_is_told_and_the_rest_is_written(site: Path) -> None:
    (site / ".gitignore").write_bytes("*.log\n".encode("utf-16"))
    done = deploy(site, "granian")
    assert done.returncode == 0
    assert ".gitignore cannot be added to" in done.stderr
    assert "    .gitignore" not in done.stdout
    assert (site / "mysite/production.py").exists()
    assert (site / ".gitignore").read_bytes() == "*.log\n".encode("utf-16")


def test_a_production_env_that_others_could_read_is_closed_to_them(site: Path) -> None:
    deploy(site, "granian", "--domain", "www.example.org")
    file = site / "deploy/production.env"
    file.chmod(0o644)
    done = deploy(site, "granian", "--domain", "www.example.org")
    assert "All files are there already" in done.stdout
    assert "Others could read deploy/production.env" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["deploy", "deploy/production.env", "mysite/production.py"])
def test_nothing_is_written_through_a_link_out_of_the_project(name: str, site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    kept = outside / Path(name).name
    kept.write_text("SECRET_KEY=mine\n")
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).symlink_to(outside if name == "deploy" else kept)
    before = texts(site)
    done = deploy(site, "granian", "--force")
    assert done.returncode == 1
    assert "by a link that leads out of the project" in done.stderr
    assert texts(site) == before
    assert texts(outside) == {kept.name: "SECRET_KEY=mine\n"}


def test_a_gitignore_that_leads_out_of_the_project_is_told_and_left_alone(site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "gitignore"
    outside.write_text("*.log\n")
    (site / ".gitignore").unlink(missing_ok=True)
    (site / ".gitignore").symlink_to(outside)
    done = deploy(site, "granian")
    assert done.returncode == 0
    assert f".gitignore cannot be added to: it is a link out of the project, to {outside}" in done.stderr
    assert outside.read_text() == "*.log\n"


# What cannot be.


@pytest.mark.parametrize(
    ("kind", "lines", "said"),
    [
        pytest.param("uwsgi-nginx", "MEDIA_ROOT = BASE_DIR", "MEDIA_ROOT is .* holds the whole project", id="all"),
        pytest.param("granian", "STATIC_ROOT = BASE_DIR.parent", "STATIC_ROOT is .* the whole project", id="above"),
        pytest.param("uwsgi-nginx", "MEDIA_ROOT = BASE_DIR / 'deploy'", "MEDIA_ROOT .* the SECRET_KEY", id="secrets"),
        pytest.param("container", "STATIC_ROOT = BASE_DIR / 'mysite'", r"STATIC_ROOT .* code \(mysite\)", id="code"),
        pytest.param(
            "gunicorn-nginx",
            "MEDIA_ROOT = BASE_DIR / 'm'; PRIVATE_MEDIA_ROOT = BASE_DIR / 'm/private'",
            "MEDIA_ROOT is .*/m', and holds PRIVATE_MEDIA_ROOT .*/m/private",
            id="private",
        ),
        pytest.param(
            "uwsgi-nginx", "MEDIA_ROOT = BASE_DIR / 'var'", "holds PRIVATE_MEDIA_ROOT .*/var/private", id="var"
        ),
        pytest.param(
            "granian", "STATIC_ROOT = MEDIA_ROOT = BASE_DIR / 'm'", "STATIC_ROOT .* holds MEDIA_ROOT", id="one"
        ),
    ],
)
def test_a_folder_that_is_served_holds_nothing_else(kind: str, lines: str, said: str, site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(f"{lines}\n")
    before = texts(site)
    done = deploy(site, kind)
    assert done.returncode == 1
    assert re.search(said, done.stderr), done.stderr
    assert "Nothing has been written." in done.stderr
    assert texts(site) == before


def test_a_folder_for_visitors_files_below_var_is_well_placed(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write("MEDIA_ROOT = BASE_DIR / 'var/media'; STATIC_ROOT = BASE_DIR / 'var/static'\n")
    assert deploy(site, "uwsgi-nginx").returncode == 0


REFUSED = [
    pytest.param([], "Enter a kind of deployment: uwsgi-nginx, gunicorn-nginx, granian, container", id="no-kind"),
    pytest.param(["gunicorn"], "no kind of deployment 'gunicorn'.*'gunicorn-nginx'", id="nearest-kind"),
    pytest.param(["granian", "--domain", "https://x.org/"], "--domain has 'https://x.org/'", id="domain"),
    pytest.param(["granian", "--domain", "x.org;"], "--domain has 'x.org;'", id="domain-that-ends-a-line"),
    pytest.param(["granian", "--domain", "fd00::1::2"], "--domain has 'fd00::1::2'", id="address"),
    pytest.param(["granian", "--domain", "fe80::1%x; y"], "--domain has 'fe80::1%x; y'", id="address-of-a-link"),
    pytest.param(["granian", "--domain", "[fd00::1]"], "'\\[fd00::1\\]', an address.*--cert", id="address-for-certbot"),
    pytest.param(["granian", "--certificate", "a b"], "--certificate is 'a b'", id="certificate"),
    pytest.param(["granian", "--path", "/srv/my site"], "--path is '/srv/my site'.*blanks", id="path-with-blank"),
    pytest.param(["granian", "--path", "srv"], "--path is 'srv'.*whole path", id="relative-path"),
    pytest.param(["granian", "--path", "/srv/$HOME"], "--path is '/srv/\\$HOME'", id="path-with-dollar"),
    pytest.param(["granian", "--path", "/srv/%i"], "--path is '/srv/%i'", id="path-with-percent"),
    pytest.param(["granian", "--path", "/x\nUser=root"], "--path is '/x\\\\nUser=root'", id="path-of-lines"),
    pytest.param(["granian", "--venv", "/v/../../x"], "--venv is", id="venv-that-climbs"),
    pytest.param(["granian", "--user", "me you"], "--user is 'me you'", id="user"),
    pytest.param(["granian", "--user", "a$"], "--user is 'a\\$'", id="user-with-dollar"),
    pytest.param(["granian", "--user", "\u017fite"], "--user is '\u017fite'", id="user-that-folds-to-ascii"),
    pytest.param(["granian", "--path", "/"], "--path is '/', which is the whole machine", id="root-path"),
    pytest.param(["granian", "--path", "/./"], "--path is '/./', which is the whole machine", id="root-path-dotted"),
    pytest.param(
        ["uwsgi-nginx", "--script-name", "/protected"], "--script-name is '/protected/', but nginx", id="protected"
    ),
    pytest.param(
        ["granian", "--script-name", "/healthz/x"], "--script-name is '/healthz/x/', but load", id="health-address"
    ),
    pytest.param(
        ["uwsgi-nginx", "--http-port", "8443", "--https-port", "8443"], "are both 8443; nginx", id="one-port-for-both"
    ),
    pytest.param(["granian", "--script-name", "app"], "--script-name is 'app'", id="script-name"),
    pytest.param(["granian", "--script-name", "/ä"], "--script-name is '/ä'.*ASCII", id="script-name-not-ascii"),
    pytest.param(["granian", "--https-port", "70000"], "--https-port is 70000", id="port"),
    pytest.param(["granian", "--http-port", "0"], "--http-port is 0", id="port-zero"),
    pytest.param(["granian", "--timeout", "0"], "--timeout is 0", id="timeout"),
    pytest.param(["uwsgi-nginx", "--backend", "x"], "--backend is 'x'; write HOST:PORT", id="backend"),
    pytest.param(["granian", "--backend", "unix:/a", "--backend", "h:1"], "is one machine's", id="two-kinds"),
]

REFUSE = """\
import json, sys
import miniframe
from miniframe.management import call_command
miniframe.setup()
said = []
for args in json.loads(sys.stdin.read()):
    try:
        call_command("deploy", *args)
    except Exception as error:
        said.append(f"{type(error).__name__}: {error}")
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def refused(new: Path) -> dict[str, str]:
    """Return what is said of each of REFUSED: one process asks for all."""
    before = texts(new)
    questions = json.dumps([row.values[0] for row in REFUSED])
    done = subprocess.run(
        [sys.executable, "-c", REFUSE],
        input=questions, cwd=new, env=environment(MINIFRAME_SETTINGS_MODULE="mysite.settings"),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert texts(new) == before
    return {json.dumps(row.values[0]): text for row, text in zip(REFUSED, said, strict=True)}


@pytest.mark.parametrize(("args", "said"), REFUSED)
def test_an_option_that_cannot_be_is_named_and_nothing_is_written(
    args: list[str], said: str, refused: dict[str, str]
) -> None:
    assert re.match(f"CommandError: .*{said}", refused[json.dumps(args)], re.DOTALL)


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        pytest.param(
            "STATIC_URL = '/static/'", ["--script-name", "/static"], "--script-name and STATIC_URL are both", id="site"
        ),
        pytest.param("MEDIA_URL = STATIC_URL; MEDIA_ROOT = BASE_DIR / 'm'", [], "STATIC_URL and MEDIA_URL", id="media"),
        pytest.param("STATIC_URL = '/protected/'", [], "STATIC_URL is '/protected/', but nginx", id="private"),
    ],
)
def test_two_things_at_one_address_are_refused(lines: str, options: list[str], said: str, site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(f"{lines}\n")
    done = deploy(site, "uwsgi-nginx", *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert not (site / "deploy").exists()


def test_a_relative_address_of_files_is_below_the_sites_own(site: Path) -> None:
    assert deploy(site, "uwsgi-nginx", "--script-name", "/static").returncode == 0
    assert "location /static/static/ {" in (site / "deploy/nginx.conf").read_text()


def test_a_site_that_root_runs_is_warned_of(site: Path) -> None:
    done = deploy(site, "granian", "--domain", "www.example.org", "--user", "root")
    assert done.returncode == 0
    assert "--user is root: whoever finds a weakness" in done.stderr


def test_without_a_project_it_says_where_one_is(new: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "miniframe", "deploy", "granian")
    assert done.returncode == 1
    assert "There is no project in this folder." in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_where_the_folder_should_be_is_told(site: Path) -> None:
    (site / "deploy").write_text("")
    before = texts(site)
    done = deploy(site, "granian")
    assert done.returncode == 1
    assert "deploy is no folder for this user. Nothing has been written." in done.stderr
    assert texts(site) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_files_is_told(site: Path) -> None:
    site.chmod(0o555)
    try:
        done = deploy(site, "granian")
    finally:
        site.chmod(0o755)
    assert done.returncode == 1
    assert "is not writable" in done.stderr


def test_production_settings_are_not_built_upon_themselves(deployed: dict[str, Path]) -> None:
    folder = deployed["granian"]
    done = run(folder, "manage.py", "deploy", "granian", **production(folder))
    assert done.returncode == 1
    assert "mysite.production are the production settings themselves" in done.stderr
    assert "--settings mysite.settings" in done.stderr


def test_without_a_domain_a_placeholder_is_told(site: Path) -> None:
    done = deploy(site, "granian")
    assert done.returncode == 0
    assert "No --domain was given" in done.stderr
    assert production(site)["ALLOWED_HOSTS"] == "example.com"


def test_the_domains_are_those_of_the_settings(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write('ALLOWED_HOSTS = ["a.example.org", ".example.net"]\n')
    done = deploy(site, "uwsgi-nginx")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert production(site)["ALLOWED_HOSTS"] == "a.example.org,.example.net"
    assert "server_name a.example.org .example.net;" in (site / "deploy/nginx.conf").read_text()


@pytest.mark.parametrize(
    ("allowed", "wanted"),
    [
        pytest.param(
            ["localhost", "127.0.0.1", "[::1]", "a.example.org"], "a.example.org", id="a-name-among-local-ones"
        ),
        pytest.param([".localhost", "x.localhost", "LOCALHOST", "127.0.1.1", "::1", "*"], "example.com", id="local"),
        pytest.param(["[FD00:0::1]", "fd00::2", "10.0.0.5"], "[fd00::1],[fd00::2],10.0.0.5", id="addresses"),
    ],
)
def test_a_name_that_only_this_machine_answers_to_stays_here(allowed: list[str], wanted: str, site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(f"ALLOWED_HOSTS = {allowed}\n")
    done = deploy(site, "gunicorn-nginx", "--plain-http")
    assert done.returncode == 0, done.stderr
    assert production(site)["ALLOWED_HOSTS"] == wanted
    assert ("ALLOWED_HOSTS names none" in done.stderr) == (wanted == "example.com")


def test_a_name_that_another_one_includes_is_not_written_beside_it(site: Path) -> None:
    names = ["a.example.org", "b.example.org", ".a.example.org", "*.a.example.org", "B.example.org"]
    assert deploy(site, "gunicorn-nginx", *(word for name in names for word in ("--domain", name))).returncode == 0
    assert production(site)["ALLOWED_HOSTS"] == ".a.example.org,b.example.org"
    assert "/live/a.example.org/fullchain.pem" in (site / "deploy/nginx.conf").read_text()


def test_a_local_name_that_is_asked_for_is_taken(site: Path) -> None:
    assert deploy(site, "granian", "--plain-http", "--domain", "::1", "--domain", "localhost").returncode == 0
    assert production(site)["ALLOWED_HOSTS"] == "[::1],localhost"


@pytest.mark.parametrize("options", [["granian", "--plain-http"], ["container"]], ids=["plain-http", "container"])
def test_who_needs_no_certificate_is_not_asked_for_one(options: list[str], site: Path) -> None:
    assert deploy(site, *options, "--domain", "[fd00::1]").returncode == 0


# The settings of production.


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
@pytest.mark.parametrize("value", ["", " "], ids=["empty", "blank"])
def test_what_production_cannot_do_without_is_asked_for(name: str, value: str, deployed: dict[str, Path]) -> None:
    folder = deployed["granian"]
    done = run(folder, "manage.py", "check", **{**production(folder), name: value})
    assert done.returncode == 1
    assert f"The environment variable {name} is not set, and mysite.production needs it." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_environment_reaches_the_settings(deployed: dict[str, Path]) -> None:
    folder = deployed["gunicorn-nginx"]
    env = {
        "REDIS_URL": "redis://10.0.0.9:6379/1",
        "SECRET_KEY_FALLBACKS": "old,older",
        "ALLOWED_HOSTS": "a.org, b.org,",
        "HSTS_SECONDS": "7",
    }
    names = ["CACHES", "SESSION_ENGINE", "MESSAGE_STORAGE", "SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS"]
    assert settings_of(folder, *names, "SECURE_HSTS_SECONDS", "DEBUG", **env) == [
        {"default": {"BACKEND": "miniframe.cache.backends.redis.RedisCache", "LOCATION": "redis://10.0.0.9:6379/1"}},
        "miniframe.sessions.backends.cache",
        "miniframe.messages.storage.session.SessionStorage",
        ["old", "older"],
        ["a.org", "b.org"],
        7,
        False,
    ]
    [caches] = settings_of(folder, "CACHES")
    assert caches["default"]["BACKEND"] == "miniframe.cache.backends.locmem.LocMemCache"


def test_a_database_url_replaces_the_projects_and_keeps_its_options(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write('DATABASES = {"default": {"URL": "sqlite:///x", "ATOMIC_REQUESTS": True}}\n')
    deploy(site, "granian")
    assert settings_of(site, "DATABASES", DATABASE_URL="sqlite:////srv/x") == [
        {"default": {"URL": "sqlite:////srv/x", "ATOMIC_REQUESTS": True}}
    ]


POOL = {"pool_size": 8, "max_overflow": 0, "pool_pre_ping": True}


@pytest.mark.parametrize(
    ("kind", "own", "wanted"),
    [
        pytest.param("gunicorn-nginx", None, POOL, id="gunicorn-nginx"),
        pytest.param("uwsgi-nginx", None, POOL, id="uwsgi-nginx"),
        pytest.param("granian", None, {**POOL, "pool_size": 16}, id="granian"),
        pytest.param("container", None, {**POOL, "pool_size": 5}, id="container"),
        pytest.param("uwsgi-nginx", {"echo": True}, {"echo": True, **POOL}, id="others-of-its-own"),
        pytest.param("uwsgi-nginx", {"pool_size": 3}, {"pool_size": 3, "pool_pre_ping": True}, id="a-size-of-its-own"),
        pytest.param("uwsgi-nginx", {**POOL, "pool_pre_ping": False}, {**POOL, "pool_pre_ping": False}, id="all"),
        pytest.param("uwsgi-nginx", {"poolclass": None}, {"poolclass": None}, id="another-pool"),
    ],
)
def test_a_server_has_a_connection_for_each_thread_where_the_project_says_nothing(
    kind: str, own: dict[str, Any] | None, wanted: dict[str, Any], site: Path
) -> None:
    entry = {"URL": "sqlite:///x"} if own is None else {"URL": "sqlite:///x", "OPTIONS": own}
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(f"DATABASES = {{'default': {entry}}}\n")
    deploy(site, kind)
    for command in (["check"], ["format", "--check"]):
        done = run(site, "-m", "ruff", *command, "--no-cache", "mysite/production.py")
        assert done.returncode == 0, done.stdout
    [databases] = settings_of(site, "DATABASES", DATABASE_URL="postgresql+psycopg://db/x", GRANIAN_BLOCKING_THREADS="5")
    assert databases == {"default": {"URL": "postgresql+psycopg://db/x", "OPTIONS": wanted}}
    if own is None and kind != "container":
        assert re.search(rf"threads[ =]+{wanted['pool_size']}\b", "".join(texts(site / "deploy").values()))


def test_a_database_of_another_layer_is_its_own_business(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write('DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}}\n')
    deploy(site, "granian")
    written = "".join([*texts(site / "deploy").values(), (site / "mysite/production.py").read_text()])
    assert [word for word in ("createtables", "DATABASE_URL=", "DATABASES") if word in written] == []


def test_an_error_is_logged_once_and_a_404_is_not(deployed: dict[str, Path]) -> None:
    code = (
        "import logging; import mysite.production_wsgi; log = logging.getLogger\n"
        "log('miniframe.request').warning('Not Found'); log('miniframe.request').error('broken')\n"
        "log('mysite').info('hello')"
    )
    folder = deployed["uwsgi-nginx"]
    done = run(folder, "-c", code, **production(folder))
    assert (done.stdout, done.stderr) == ("", "ERROR miniframe.request: broken\nINFO mysite: hello\n")


@pytest.mark.parametrize("kind", ["uwsgi-nginx", "container"])
def test_plain_http_says_what_it_costs_and_check_deploy_is_content(kind: str, site: Path) -> None:
    done = deploy(site, kind, "--plain-http", "--domain", "intranet")
    assert done.returncode == 0
    assert "whoever sees the traffic can read every page and password" in done.stderr
    env = production(site)
    run(site, "manage.py", "collectstatic", "--noinput", **env)
    done = run(site, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "ssl_" not in "".join(texts(site / "deploy").values())


# Projects that startproject has not made.

HAND_MADE = """\
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
DEBUG = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["miniframe.staticfiles"]
STATIC_URL = "/assets/"
STATIC_ROOT = "{root}/public/assets"
MEDIA_URL = "uploads/"
MEDIA_ROOT = "{root}/uploads"
MIDDLEWARE = ["miniframe.middleware.csrf.CsrfViewMiddleware"]
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = False
SESSION_COOKIE_HTTPONLY = False
SECURE_REFERRER_POLICY = None
SILENCED_SYSTEM_CHECKS = ["security.W999"]
CACHES = {{"default": {{"BACKEND": "miniframe.cache.backends.dummy.DummyCache"}}}}
STORAGES = {{
    "default": {{"BACKEND": "miniframe.files.storage.InMemoryStorage"}},
    "staticfiles": {{"BACKEND": "miniframe.staticfiles.storage.StaticFilesStorage"}},
}}
"""


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        pytest.param("gunicorn-nginx", "settings", id="gunicorn-settings-at-the-top"),
        pytest.param("granian", "settings", id="granian-settings-at-the-top"),
        pytest.param("uwsgi-nginx", "conf.env_1.base", id="uwsgi-settings-deep-inside"),
        pytest.param("container", "conf.env_1.base", id="container-settings-deep-inside"),
    ],
)
def test_a_project_made_by_hand_passes_too(kind: str, module: str, tmp_path: Path) -> None:
    root = tmp_path / "Ünser Haus 2"
    file = root / f"{module.replace('.', '/')}.py"
    file.parent.mkdir(parents=True)
    file.write_text(HAND_MADE.format(root=root))
    (root / "urls.py").write_text("urlpatterns = []\n")
    (root / "public").mkdir()
    env = {"MINIFRAME_SETTINGS_MODULE": module, "PYTHONPATH": str(root)}
    done = run(root, "-m", "miniframe", "deploy", kind, "--domain", "www.example.org", **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    env |= production(root)
    assert env["MINIFRAME_SETTINGS_MODULE"] == f"{module.rpartition('.')[0]}.production".lstrip(".")
    collected = run(root, "-m", "miniframe", "collectstatic", "--noinput", **env)
    assert collected.returncode == 0, collected.stderr
    done = run(root, "-m", "miniframe", "check", "--deploy", "--fail-level", "WARNING", **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    [middleware, storages, silenced, static_root] = settings_of(
        root, "MIDDLEWARE", "STORAGES", "SILENCED_SYSTEM_CHECKS", "STATIC_ROOT", PYTHONPATH=str(root)
    )
    assert middleware[0] == "miniframe.middleware.security.SecurityMiddleware"
    assert middleware[-1] == "miniframe.middleware.csrf.CsrfViewMiddleware"
    assert storages["default"]["BACKEND"] == "miniframe.files.storage.InMemoryStorage"
    assert "security.W999" in silenced
    assert static_root == str(root / "public/assets")
    if kind.endswith("-nginx"):
        text = (root / "deploy/nginx.conf").read_text()
        name = "conf" if "." in module else "nser-haus-2"
        assert f"location /assets/ {{\n        alias /srv/{name}/public/assets/;" in text
        assert f"location /uploads/ {{\n        alias /srv/{name}/uploads/;" in text


def test_a_project_whose_code_is_in_a_folder_of_its_own(site: Path) -> None:
    (site / "src").mkdir()
    (site / "mysite").rename(site / "src/mysite")
    manage = site / "manage.py"
    manage.write_text("import sys\nsys.path.insert(0, 'src')\n" + manage.read_text().replace("#!", "# "))
    settings = site / "src/mysite/settings.py"
    settings.write_text(settings.read_text().replace(".parent.parent", ".parent.parent.parent"))
    done = deploy(site, "gunicorn-nginx", "--domain", "www.example.org")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert (site / "src/mysite/production.py").is_file()
    assert settings_of(site, "STATIC_ROOT", PYTHONPATH="src") == [str(site / "staticfiles")]
    assert 'chdir = "/srv/mysite/src"' in (site / "deploy/gunicorn.conf.py").read_text()
    unit = (site / "deploy/mysite.service").read_text()
    assert "WorkingDirectory=/srv/mysite/src\n" in unit
    assert "ExecReload=/srv/mysite/.venv/bin/python ../manage.py check --deploy\n" in unit


def test_a_site_without_the_csrf_middleware_is_told_so_and_its_forms_go_on(site: Path) -> None:
    settings = site / "mysite/settings.py"
    settings.write_text(settings.read_text().replace('    "miniframe.middleware.csrf.CsrfViewMiddleware",\n', ""))
    done = deploy(site, "granian", "--domain", "www.example.org")
    assert done.returncode == 0
    assert "MIDDLEWARE has no miniframe.middleware.csrf.CsrfViewMiddleware" in done.stderr
    assert "csrf" not in str(settings_of(site, "MIDDLEWARE"))


def test_a_single_file_site_is_told_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "site.py").write_text(
        "import sys\nfrom miniframe.conf import settings\nfrom miniframe.management import execute_from_command_line\n"
        "settings.configure(ROOT_URLCONF=__name__)\nurlpatterns = []\nexecute_from_command_line(sys.argv)\n"
    )
    done = run(tmp_path, "site.py", "deploy", "granian")
    assert done.returncode == 1
    assert "settings are in no module of their own" in done.stderr


# The application that servers load.

ASK = """\
import io, json, sys
sys.path.insert(0, ".")
from {module} import application

def ask(path, method="GET", **changes):
    environ = {{
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "x",
        "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "www.example.org", "REMOTE_ADDR": "",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, **changes,
    }}
    head = []
    body = application(environ, lambda status, headers, exc_info=None: head.extend([status, dict(headers)]))
    text = b"".join(body)
    getattr(body, "close", lambda: None)()
    return [*head, text.decode(), environ]

print(json.dumps([ask(path, **changes)[:3] for path, changes in json.loads(sys.argv[1])]))
"""


def ask(folder: Path, *questions: tuple[str, dict[str, str]]) -> list[list[Any]]:
    """Return status, headers and body of each answer of the application that servers load."""
    code = ASK.format(module="mysite.production_wsgi")
    done = run(folder, "-c", code, json.dumps(questions), **production(folder))
    assert done.returncode == 0, done.stderr
    answers: list[list[Any]] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("kind", KINDS)
def test_healthz_answers_whoever_asks_and_the_site_only_by_https_and_its_name(
    kind: str, deployed: dict[str, Path]
) -> None:
    forged = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "https"}
    run(deployed[kind], "manage.py", "collectstatic", "--noinput", **production(deployed[kind]))
    health, head, redirect, refused, page = ask(
        deployed[kind],
        ("/healthz", {"HTTP_HOST": "10.1.2.3:8000"}),
        ("/healthz", {"method": "HEAD"}),
        ("/", {}),
        ("/", forged),
        ("/", {"wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "https"}),
    )
    assert (health[0], health[2]) == ("200 OK", "ok\n")
    assert "Set-Cookie" not in health[1]
    assert (head[0], head[1]["Content-Length"], head[2]) == ("200 OK", "3", "")
    assert (redirect[0][:3], redirect[1]["Location"]) == ("301", "https://www.example.org/")
    assert refused[0][:3] == "400"
    assert page[0] == "200 OK"
    assert page[1]["Strict-Transport-Security"] == "max-age=3600"


def test_below_a_script_name_links_and_cookies_say_so(site: Path) -> None:
    views = site / "mysite/views.py"
    views.write_text(
        views.read_text().replace("    return render(", "    request.session['a'] = 1\n    return render(")
    )
    deploy(site, "granian", "--domain", "www.example.org", "--script-name", "/tools/app")
    run(site, "manage.py", "collectstatic", "--noinput", **production(site))
    https = {"wsgi.url_scheme": "https"}
    page, health, bare, other, style = ask(
        site,
        ("/tools/app/", https),
        ("/tools/app/healthz", {}),
        ("/healthz", {}),
        ("/tools/apple/", https),
        ("/tools/app/static/site.css", https),
    )
    assert page[0] == "200 OK"
    assert 'href="/tools/app/hello/world/"' in page[2]
    assert re.search(r'href="/tools/app/static/site\.[0-9a-f]{12}\.css"', page[2])
    assert "Path=/tools/app;" in page[1]["Set-Cookie"]
    assert (health[0], bare[0], other[0][:3], style[0]) == ("200 OK", "200 OK", "404", "200 OK")


@pytest.mark.parametrize("kind", ["granian", "container"])
def test_static_files_are_kept_for_good_when_their_names_change(kind: str, deployed: dict[str, Path]) -> None:
    folder = deployed[kind]
    run(folder, "manage.py", "collectstatic", "--noinput", **production(folder))
    [hashed] = (path.name for path in (folder / "staticfiles").glob("site.*.css"))
    kept, asked, missing = ask(
        folder,
        (f"/static/{hashed}", {}),
        ("/static/site.css", {}),
        ("/static/../mysite/settings.py", {"wsgi.url_scheme": "https"}),
    )
    assert "immutable" in kept[1]["Cache-Control"]
    assert asked[1]["Cache-Control"] == "max-age=60, public"
    assert missing[0][:3] in ("404", "301")


# The servers' own files.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [needed("openssl", "apt-get install openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


def nginx_around(site: Path, folder: Path) -> Path:
    """Return a configuration of nginx that has this site, and its files in `folder`."""
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "uwsgi", "fastcgi", "scgi")
    )
    (folder / "mime.types").write_text("types { text/html html; }")
    main = folder / "main.conf"
    main.write_text(
        f"pid {folder}/pid; events {{}}\n"
        f'http {{ include mime.types; access_log off; {temporary} include "{site}/deploy/nginx.conf"; }}\n'
    )
    return main


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("uwsgi-nginx", [], id="uwsgi"),
        pytest.param("uwsgi-nginx", ["--script-name", "/app", *TWO_MACHINES], id="uwsgi-below-a-path-on-two-machines"),
        pytest.param("gunicorn-nginx", [], id="gunicorn"),
        pytest.param("gunicorn-nginx", TWO_MACHINES, id="gunicorn-on-two-machines"),
        pytest.param("gunicorn-nginx", ["--plain-http"], id="plain-http"),
        pytest.param("gunicorn-nginx", ["--script-name", "/app"], id="below-a-path"),
        pytest.param("gunicorn-nginx", ["--domain", ".example.net", "--domain", "*.example.com"], id="wildcards"),
        pytest.param(
            "uwsgi-nginx", ["--domain", "WWW.example.org", "--domain", ".www.example.org"], id="names-inside-of-others"
        ),
        pytest.param("gunicorn-nginx", ["--domain", "fd00::1"], id="address"),
        pytest.param("gunicorn-nginx", ["--path", "/srv/é+1/@x~"], id="odd-path"),
    ],
)
def test_nginx_takes_its_file(
    kind: str, options: list[str], site: Path, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    nginx = needed("nginx", "apt-get install nginx-light")
    done = deploy(
        site, kind, "--domain", "www.example.org", "--certificate", str(certificate[0]), "--key", str(certificate[1]),
        "--http-port", "18080", "--https-port", "18443", *options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    main = nginx_around(site, tmp_path)
    done = subprocess.run([nginx, "-t", "-c", main, "-e", "stderr"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr
    assert "[warn]" not in done.stderr.replace('the "user" directive', "")


def test_a_folder_that_begins_with_a_digit_is_a_name_for_nginx_too(tmp_path: Path) -> None:
    site = tmp_path / "9 lives"
    site.mkdir()
    (site / "settings.py").write_text(HAND_MADE.format(root=site))
    env = {"MINIFRAME_SETTINGS_MODULE": "settings", "PYTHONPATH": str(site)}
    options = ["--plain-http", "--http-port", "18080", "--user", "cat"]
    done = run(site, "-m", "miniframe", "deploy", "uwsgi-nginx", *options, **env)
    assert done.returncode == 0, done.stderr
    nginx = needed("nginx", "apt-get install nginx-light")
    main = nginx_around(site, tmp_path)
    done = subprocess.run([nginx, "-t", "-c", main, "-e", "stderr"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


OURS = ["www.example.org", "WWW.Example.org:80", "example.net", "a.b.example.net", "x.example.com", "[fd00::1]:8"]
STRANGERS = ["evil.com", "www.example.org.evil.com", "evil-example.net", "example.com", "[fd00::2]", "127.0.0.1"]


@pytest.fixture(scope="module")
def nginx_port(
    new: Path, certificate: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, int]]:
    """Return the port of http, and that of https, of a running nginx that has one site, of several names."""
    nginx = needed("nginx", "apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    site = shutil.copytree(new, folder / "mysite")
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = one.getsockname()[1], two.getsockname()[1]
    done = deploy(
        site, "gunicorn-nginx", "--certificate", str(certificate[0]), "--key", str(certificate[1]),
        "--http-port", str(ports[0]), "--https-port", str(ports[1]), "--domain", "www.example.org",
        "--domain", ".example.net", "--domain", "*.example.com", "--domain", "fd00::1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    log = folder / "log"
    with subprocess.Popen([nginx, "-c", nginx_around(site, folder), "-e", log, "-g", "daemon off;"]) as running:
        try:
            deadline = time.monotonic() + 20
            while not (folder / "pid").exists():  # written when its sockets listen
                assert running.poll() is None, log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield ports
        finally:
            running.terminate()


@pytest.mark.parametrize("host", OURS)
def test_nginx_leads_each_name_of_the_site_to_https(host: str, nginx_port: tuple[int, int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx_port[0], timeout=20)
    connection.request("GET", "/a?b=1", headers={"Host": host})
    answer = connection.getresponse()
    connection.close()
    name = re.sub(r":[0-9]+$", "", host.lower())
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{name}:{nginx_port[1]}/a?b=1")


@pytest.mark.parametrize("host", STRANGERS)
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_nginx_has_no_word_for_other_names(host: str, secure: bool, nginx_port: tuple[int, int]) -> None:
    context = ssl._create_unverified_context()
    port = nginx_port[secure]
    with contextlib.closing(
        http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
        if secure
        else http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    ) as connection:
        connection.request("GET", "/", headers={"Host": host})
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        # Balancers ask by an address whether the site serves; here no server is behind nginx.
        connection.request("GET", "/healthz", headers={"Host": host})
        if secure:
            assert connection.getresponse().status == 502


@pytest.mark.parametrize("kind", ["uwsgi-nginx", "gunicorn-nginx", "granian"])
def test_systemd_takes_the_units_and_finds_them_well_shut_in(kind: str, site: Path, tmp_path: Path) -> None:
    analyze = needed("systemd-analyze", "apt-get install systemd")
    venv = tmp_path / "venv/bin"
    venv.mkdir(parents=True)
    for program in ("python", "uwsgi", "gunicorn", "granian"):
        (venv / program).symlink_to("/bin/true")
    deploy(site, kind, "--domain", "www.example.org", "--venv", str(venv.parent), "--user", "daemon")
    units = sorted((site / "deploy").glob("mysite.s*"))
    assert len(units) == (2 if kind == "gunicorn-nginx" else 1)
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    done = subprocess.run(
        [analyze, "security", "--offline=yes", "--threshold=20", site / "deploy/mysite.service"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_gunicorn_takes_its_file(deployed: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(deployed["gunicorn-nginx"], tmp_path / "mysite"))
    deploy(folder, "gunicorn-nginx", "--path", str(folder), "--force", "--backend", "127.0.0.1:8001")
    config = "deploy/gunicorn.conf.py"
    done = run(folder, "-W", "ignore", "-m", "gunicorn", "--check-config", "--config", config, **production(folder))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("kind", NGINX_KINDS)
def test_several_machines_have_the_same_files(kind: str, site: Path) -> None:
    deploy(site, kind, "--domain", "x.org", "--backend", "10.0.0.1:8000", "--backend", "10.0.0.2:8000")
    text = (site / "deploy/nginx.conf").read_text()
    assert "server 10.0.0.1:8000 max_fails=1 fail_timeout=2s;" in text
    assert "server 10.0.0.2:8000 max_fails=1 fail_timeout=2s;" in text
    if kind == "gunicorn-nginx":
        socket = (site / "deploy/mysite.socket").read_text()
        assert "ListenStream=10.0.0.1:8000\nListenStream=10.0.0.2:8000\n" in socket
        assert "FreeBind=true\n" in socket
    else:
        ini = (site / "deploy/uwsgi.ini").read_text()
        assert "socket = 10.0.0.1:8000\nsocket = 10.0.0.2:8000\n" in ini
        assert "freebind = true\n" in ini


@pytest.mark.parametrize(
    ("options", "folders"),
    [
        pytest.param([], ["mysite"], id="usual"),
        pytest.param(["--backend", "unix:/run/pool/a/site.sock"], ["pool/a"], id="another-one"),
        pytest.param(["--backend", "unix:/srv/sockets/site.sock"], [], id="elsewhere"),
        pytest.param(["--backend", "127.0.0.1:8001"], [], id="a-port"),
    ],
)
def test_the_folder_of_uwsgis_socket_is_made_when_the_service_starts(
    options: list[str], folders: list[str], site: Path
) -> None:
    assert deploy(site, "uwsgi-nginx", *options).returncode == 0
    unit = (site / "deploy/mysite.service").read_text()
    assert re.findall(r"^RuntimeDirectory=(.*)$", unit, re.MULTILINE) == folders


def test_a_larger_limit_of_the_settings_is_the_servers_limit_too(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write("DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024 * 1024\n")
    deploy(site, "uwsgi-nginx")
    assert "client_max_body_size 50m;" in (site / "deploy/nginx.conf").read_text()
    deploy(site, "granian", "--domain", "www.example.org", "--force")
    run(site, "manage.py", "collectstatic", "--noinput", **production(site))
    https = {"wsgi.url_scheme": "https"}
    too_long, healthy = ask(
        site,
        ("/", {**https, "CONTENT_LENGTH": str(50 * 2**20 + 1)}),
        ("/", {**https, "CONTENT_LENGTH": str(50 * 2**20)}),
    )
    assert (too_long[0], healthy[0]) == ("413 Content Too Large", "200 OK")


@pytest.mark.parametrize("kind", ["granian", "container"])
def test_whoever_deploys_without_nginx_is_told_what_that_costs(kind: str, deployed: dict[str, Path]) -> None:
    steps = " ".join((deployed[kind] / "deploy/README.md").read_text().split())
    threads = {"granian": 4 * 16, "container": 2 * 16}[kind]
    assert f"{threads} clients that announce" in steps
    texts_of_kind = "".join(texts(deployed[kind]).values())
    workers = re.search(r"(?:--workers |GRANIAN_WORKERS=)(\d+)", texts_of_kind)
    each = re.search(r"(?:--blocking-threads |GRANIAN_BLOCKING_THREADS=)(\d+)", texts_of_kind)
    assert workers
    assert each
    assert int(workers[1]) * int(each[1]) == threads


def test_time_limits_are_nested(site: Path) -> None:
    deploy(site, "gunicorn-nginx", "--timeout", "100")
    assert "graceful_timeout = 100\n" in (site / "deploy/gunicorn.conf.py").read_text()
    assert "proxy_read_timeout 105s;" in (site / "deploy/nginx.conf").read_text()
    assert "TimeoutStopSec=115\n" in (site / "deploy/mysite.service").read_text()


def test_the_container_is_no_root_and_says_how_it_is(deployed: dict[str, Path]) -> None:
    lines = (deployed["container"] / "Dockerfile").read_text()
    assert re.search(r"^USER \d+:\d+$", lines, re.MULTILINE)
    last = lines.rpartition("\nFROM ")[2]
    command = json.loads(re.findall(r"^CMD (.*)$", last, re.MULTILINE)[-1])
    health = json.loads(re.findall(r"^    CMD (.*)$", last, re.MULTILINE)[-1])
    assert command[0] == "granian"
    assert command[-1] == "mysite.production_wsgi:application"
    compile(health[2], "<healthcheck>", "exec")
    assert f"FROM python:{sys.version_info[0]}.{sys.version_info[1]}-slim\n" in lines
    assert "production.env" not in lines


def test_no_secret_gets_into_the_image(deployed: dict[str, Path]) -> None:
    ignored = (deployed["container"] / ".dockerignore").read_text().splitlines()
    assert {"deploy/*", "!deploy/requirements.txt", ".git", "**/.env", "**/*.env"} <= set(ignored)


def test_folders_of_the_settings_are_nginxs_too(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(
            'STATIC_ROOT = "/var/www/mysite/static"\nMEDIA_URL = "media/"\nMEDIA_ROOT = BASE_DIR / "data/media"\n'
            'PRIVATE_MEDIA_ROOT = "/var/lib/mysite/private"\n'
        )
    deploy(site, "uwsgi-nginx")
    text = (site / "deploy/nginx.conf").read_text()
    for folder in ("/var/www/mysite/static/", "/srv/mysite/data/media/", "/var/lib/mysite/private/"):
        assert f"        alias {folder};\n" in text
    names = ["STATIC_ROOT", "MEDIA_ROOT", "PRIVATE_MEDIA_ROOT"]
    here = str(site / "data/media")
    assert settings_of(site, *names) == ["/var/www/mysite/static", here, "/var/lib/mysite/private"]
    assert "ReadWritePaths=-/srv/mysite/data/media\n" in (site / "deploy/mysite.service").read_text()


def test_what_the_site_has_written_is_neither_copied_nor_deleted(site: Path) -> None:
    with (site / "mysite/settings.py").open("a") as settings:
        settings.write(
            'MEDIA_ROOT = BASE_DIR / "uploads"\nDATABASES = {"default": {"URL": "sqlite:///site.sqlite3"}}\n'
        )
    deploy(site, "uwsgi-nginx")
    steps = (site / "deploy/README.md").read_text()
    assert " --exclude '*.sqlite3*' --exclude /var --exclude /uploads --exclude /staticfiles " in steps
    assert "manage.py createtables" in steps
    deploy(site, "container", "--force")
    ignored = (site / ".dockerignore").read_text().splitlines()
    assert {"var", "uploads", "staticfiles", "**/*.sqlite3*"} <= set(ignored)


@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_are_counted_and_use_the_programs_of_the_environment(kind: str, site: Path) -> None:
    deploy(site, kind, "--venv", "/opt/venvs/site")
    text = (site / "deploy/README.md").read_text()
    numbers = [int(found) for found in re.findall(r"^## (\d)\.", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(re.findall(r"(\S*)/bin/(?:python|pip)\b", text)) <= {"/opt/venvs/site"}


def test_the_projects_requirements_are_read_where_it_keeps_them(site: Path) -> None:
    (site / "requirements.txt").write_text("sqlalchemy\n")
    deploy(site, "container")
    lines = (site / "Dockerfile").read_text().splitlines()
    [listing] = [line.removeprefix("RUN ") for line in lines if "tomllib" in line]
    subprocess.run(["sh", "-ec", listing.replace("python", sys.executable, 1)], cwd=site, check=True)
    assert re.fullmatch(r"miniframe >= [\d.]+\n", (site / "deploy/project.txt").read_text())
    assert "RUN /venv/bin/pip install -r requirements.txt -r deploy/project.txt -r deploy/requirements.txt" in lines
