"""A folder of wheels for `pip install` without a network: made of the libraries that this Python has installed.

A wheel is a zip file of what its RECORD names, so an installed library can be packed again. pip then resolves a
reader's command as it does with the index, extras included: what our metadata forgets to name is not found.

Source: the Python Packaging User Guide, "Binary distribution format" and "Recording installed projects".
"""

from __future__ import annotations

import re
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["fill"]


def fill(folder: Path, *requirements: str) -> None:
    """Put the wheels of `requirements`, and of all that these need, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    queue = [Requirement(each) for each in requirements]
    packed: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    while queue:
        wanted = queue.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or extra: if it is needed after all, pip says so
        if name not in packed:
            packed.add(name)
            _pack(found, folder)
        for line in found.requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)):
                queue.append(needed)


def _pack(found: Distribution, folder: Path) -> None:
    tag = re.search(r"^Tag: (\S+)$", found.read_text("WHEEL") or "", re.MULTILINE)
    assert tag is not None, f"{found.name} was not installed from a wheel"
    name = f"{found.name.replace('-', '_')}-{found.version}-{tag[1]}.whl"
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_STORED) as wheel:
        for file in found.files or []:
            # Scripts lie outside; pip makes them anew of the entry points.
            if ".." not in file.parts and "__pycache__" not in file.parts and Path(str(file.locate())).is_file():
                wheel.write(str(file.locate()), str(file))
