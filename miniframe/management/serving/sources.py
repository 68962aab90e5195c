"""What of the project is seen in its pages and is no code: where templates and static files are, how one forgets them.

`runserver` gives both functions to `autoreload`, which imports nothing of the project.

Not here: what is done when such a file changes (see `autoreload.watching.changes`).
"""

from __future__ import annotations

import sys

from miniframe.apps import apps

__all__ = ["folders", "forget_templates"]


def folders() -> dict[str, list[str]]:
    """Return the folders of "templates" and of "static" files; of settings that are no good, none.

    Called once the worker serves, so that nobody waits for what is imported here.
    """
    if not apps.ready:
        return {}
    found = {}
    try:
        from miniframe.template import engines

        found["templates"] = engines.folders()
        if apps.is_installed("miniframe.staticfiles"):
            from miniframe.staticfiles.finders import static_folders

            found["static"] = static_folders()
    except Exception:
        # Whatever the project's settings and finders do; who needs them will say it.
        pass
    return found


def forget_templates() -> None:
    """Have templates read anew; nothing is to be done if none has been read."""
    used = sys.modules.get("miniframe.template")
    if used is not None:
        used.engines.forget_templates()
