"""Import what a setting names by its dotted path; a path that leads nowhere is told with the setting it stands in.

Not here: other dotted paths (`utils.module_loading`), and guessing what was meant (`utils.dotted`).
"""

from __future__ import annotations

import sys
from typing import Any

from miniframe.conf.loading import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.dotted import advice, exists, is_missing
from miniframe.utils.module_loading import import_string

__all__ = ["PathNotFound", "import_from_setting", "place_of", "problem_with_path"]


class PathNotFound(ImproperlyConfigured, ImportError):
    """A setting holds a dotted path that leads nowhere; an ImportError as well, for those who catch that."""


def place_of(setting: str) -> str:
    """Return where a setting stands, for messages: 'MIDDLEWARE in mysite.settings'."""
    module = getattr(settings, "SETTINGS_MODULE", None)
    return f"{setting} in {module}" if module else f"The setting {setting}"


def import_from_setting(setting: str, path: Any) -> Any:
    """Return what `path` names, one of the values of `setting`.

    Raises:
        PathNotFound: it leads nowhere; the message says in which setting, why, and what may have been meant.
        Exception: whatever importing the module raises, an ImportError inside of it included.
    """
    if not isinstance(path, str) or not all(path.rpartition(".")):
        raise PathNotFound(
            f'{place_of(setting)} has the entry {path!r}, and it should be a dotted path: "module.name".'
            + (advice(path) if isinstance(path, str) and path else "")
        )
    try:
        return import_string(path)
    except ImportError as error:
        module_name = path.rpartition(".")[0]
        if module_name in sys.modules:
            problem = f". {error}"
        elif is_missing(error, module_name):
            problem = f": No module named {error.name!r}.{advice(path)}"
        else:
            raise
        # Without a cause: it would say the same again.
        raise PathNotFound(f"{place_of(setting)} has the entry {path!r}{problem}") from None


def problem_with_path(setting: str) -> str | None:
    """Return what is wrong with a setting that holds one dotted path, None for nothing; what can be found is not run.

    Raises:
        Exception: whatever importing the module raises, where there is something to say about the path.
    """
    path = getattr(settings, setting)
    if isinstance(path, str) and exists(path):
        return None
    try:
        import_from_setting(setting, path)
    except PathNotFound as error:
        return str(error)
    return None
