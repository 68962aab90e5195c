"""Check a built site: every link within it leads to a page and a place on it, and nothing is loaded from elsewhere.

    python docs/check_site.py docs/_build/html

Sphinx checks what authors have written; this sees what a browser will.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

TAG = re.compile(r"<(?P<tag>a|link|script|img|iframe)\b[^>]*?\b(?:href|src)=\"(?P<target>[^\"]*)\"")
PLACE = re.compile(r"\bid=\"([^\"]+)\"")


def faults(site: Path) -> Iterator[str]:
    """Yield what is wrong, a line each."""
    pages = {page.resolve(): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    places = {page: set(PLACE.findall(text)) for page, text in pages.items()}
    for page, text in pages.items():
        for found in TAG.finditer(text):
            fault = fault_of(found["tag"], found["target"], page, places)
            if fault:
                yield f"{page.relative_to(site.resolve())}: {found['target']} {fault}"


def fault_of(tag: str, target: str, page: Path, places: dict[Path, set[str]]) -> str:
    """Return what is wrong with one link of a page; mostly nothing."""
    if re.match(r"[a-z]+:|//", target):
        return "" if tag == "a" else "is loaded from elsewhere"
    path, _, place = target.partition("#")
    file = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page
    if not file.exists():
        return "is not there"
    if tag == "a" and place and file in places and unquote(place) not in places[file]:
        return "leads to a page without that place"
    return ""


if __name__ == "__main__":
    found = sorted(set(faults(Path(sys.argv[1]))))
    print(*found, sep="\n", file=sys.stderr, end="\n" if found else "")
    sys.exit(bool(found))
