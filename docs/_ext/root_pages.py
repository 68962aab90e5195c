"""Take the pages of the repository's root into the site: links that lead to them, and links in them, follow.

On a code host `[Architecture](../ARCHITECTURE.md)` leads to the file; here it leads to the page that includes it.  A
link to a file that has no page, such as a folder of the repository, becomes plain text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from sphinx.application import Sphinx

PAGES = {
    "ARCHITECTURE.md": "docs/architecture.md",
    "CHANGELOG.md": "docs/changes.md",
    "CONTRIBUTING.md": "docs/contributing.md",
    "SECURITY.md": "docs/security.md",
}
LOCAL_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]+)\]\((?P<file>[^)\s:#]+)(?P<anchor>#[^)\s]*)?\)")


def lead_to_pages(text: str, written: str, shown: str, root: Path) -> str:
    """Return Markdown with the links of the file `written` made right for the page `shown`; both from the root."""

    def lead(link: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(written).parent / link["file"])
        page = PAGES.get(target, target)
        if not (root / page).exists():
            return link[0]  # in code it may be no link at all; if it is one, Sphinx complains
        if not page.startswith("docs/"):
            return link["text"]
        path = os.path.relpath(page, PurePosixPath(shown).parent)
        return f"[{link['text']}]({path}{link['anchor'] or ''})"

    return LOCAL_LINK.sub(lead, text)


def _in_a_page(app: Sphinx, docname: str, source: list[str]) -> None:
    page = f"docs/{docname}.md"
    source[0] = lead_to_pages(source[0], page, page, Path(app.srcdir).parent)


def _in_an_included_file(app: Sphinx, path: Path, docname: str, source: list[str]) -> None:
    root = Path(app.srcdir).parent
    written = os.path.relpath(Path(app.srcdir) / path, root)
    # Not `docname`, which MyST gives without its folder.
    source[0] = lead_to_pages(source[0], written, f"docs/{app.env.docname}.md", root)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _in_a_page)
    app.connect("include-read", _in_an_included_file)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
