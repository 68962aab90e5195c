"""Modules of others are loaded ahead of time, but not those that do more than to define things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from miniframe.autoreload.copying.inventory import Inventory

MODULES = {
    "plain": "import json, decimal\nx = 1",
    "package/__init__": "from package import part",
    "package/part": "y = 2",
    "starts_thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
    "opens_socket": "import socket\nsocket_ = socket.socket()",
    "prints": "print('hello')",
    "warns": "import warnings\nwarnings.warn('old', stacklevel=2)",
    "sets_environment": "import os\nos.environ['SET'] = '1'",
    "adds_path": "import sys\nsys.path.append('/nowhere')",
    "takes_signal": "import signal\nsignal.signal(signal.SIGTERM, print)",
    "hears_of_forks": "import os\nos.register_at_fork(before=print)",
    "logs": "import logging\nlogging.basicConfig()",
    "hooks_in": "import sys\nsys.excepthook = print",
    "draws_an_id": "import uuid\nid_ = uuid.uuid4()",
    "draws_a_secret": "import secrets\ntoken = secrets.token_hex()",
    "draws_a_seed": "import random\ndice = random.Random()",
    "makes_a_folder": "import tempfile\nfolder = tempfile.TemporaryDirectory()",
    "has_a_seed": "import random\ndice = random.Random(42)",
    "loads_multiprocessing": "import multiprocessing",
    "looks_into_project": "import mysite",
    "looks_gently": "try:\n    import mysite\nexcept ImportError:\n    pass",
    "looks_roughly": "try:\n    import mysite\nexcept:\n    pass",
    "looks_beside": "import other_site",
    "needs_left_out": "import left_out",
    "left_out": "",
    "is_half/__init__": "from is_half import part\n1 / 0",
    "is_half/part": "",
    "fails_at_once": "raise RuntimeError('configure me first')",
}
FAULTLESS = {"plain", "package", "left_out", "fails_at_once", "has_a_seed", "loads_multiprocessing"}

SCRIPT = """\
import json, os, sys
sys.path[:0] = [sys.argv[1] + "/site-packages", sys.argv[1]]
from miniframe.autoreload.copying.inventory import Inventory
from miniframe.autoreload.copying.preload import preload
with open("result.json", "w") as result:
    for number in (1, 2):
        os.dup2(os.memfd_create("output"), number)
    faults = preload(Inventory.parse(sys.argv[2]), frozenset({"left_out"}))
    json.dump([sorted(faults), sorted(sys.modules), [str(each) for each in sys.meta_path]], result)
os._exit(0)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str], list[str]]:
    """Load all of MODULES in a process of its own; return what is faulty, what is loaded, and who finds modules."""
    root = tmp_path_factory.mktemp("preload")
    for name, source in MODULES.items():
        path = root / "site-packages" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (root / "mysite.py").touch()
    (root / "other_site.py").touch()
    names = [name.replace("/", ".").removesuffix(".__init__") for name in MODULES]
    inventory = Inventory((*names, "no.such.module", "miniframe.http"), frozenset({"mysite"}), (str(root),))
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), str(inventory)],
        cwd=root,
        check=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("MINIFRAME_")},
    )
    faults, loaded, finders = json.loads(Path(root / "result.json").read_text())
    return faults, loaded, finders


@pytest.mark.parametrize("name", sorted({name.partition("/")[0] for name in MODULES} - FAULTLESS))
def test_a_module_that_does_more_than_to_define_things_is_faulty(
    done: tuple[list[str], list[str], list[str]], name: str
) -> None:
    assert name in done[0]


@pytest.mark.parametrize("name", [*sorted(FAULTLESS), "no", "miniframe.http"])
def test_a_module_that_only_defines_things_is_not(done: tuple[list[str], list[str], list[str]], name: str) -> None:
    assert name not in done[0]


def test_what_is_faultless_is_loaded_and_what_is_left_out_or_the_projects_is_not(
    done: tuple[list[str], list[str], list[str]],
) -> None:
    _, loaded, finders = done
    assert {"plain", "package", "package.part", "miniframe.http"} <= set(loaded)
    assert {"left_out", "mysite", "other_site"}.isdisjoint(loaded)
    assert not [finder for finder in finders if "Guard" in finder]
