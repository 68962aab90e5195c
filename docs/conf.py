"""How Sphinx makes the site of docs/: `sh scripts/docs` builds it, without a network, warnings being errors."""

from __future__ import annotations

import sys
from pathlib import Path

from miniframe.conf import settings
from miniframe.utils.version import __version__

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_ext"))
settings.configure(STATIC_URL="/static/")  # lazy objects of the framework read settings when autodoc looks at them

project = "miniframe"
author = "The miniframe founders"
project_copyright = "The miniframe founders"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "docstrings",
    "root_pages",
    "source_pages",
]
exclude_patterns = ["_build", "_ext", "pictures"]

# ---- pages: Markdown that reads well on a code host too, so links are plain: [DEBUG](reference/settings.md#debug)

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4

# ---- the reference, made from docstrings

autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_display_short_literal_types = True
add_module_names = False
# `name` in a docstring is code, or a link: docs/_ext/docstrings.py tells which.
default_role = "name"
smartquotes = False  # what stands in quotes is mostly a value

# ---- how it looks

html_theme = "furo"
html_title = f"miniframe {release}"
html_logo = html_favicon = "../example_project/static/img/lighthouse.svg"
html_static_path = ["_static"]
html_css_files = ["miniframe.css"]
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#17506e", "color-brand-content": "#17506e"},
    "dark_css_variables": {"color-brand-primary": "#8cc7e0", "color-brand-content": "#8cc7e0"},
}
html_show_sphinx = False
pygments_style = "tango"
pygments_dark_style = "native"
