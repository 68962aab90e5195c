"""Django's request/response core, alone, with its own development server.

The package itself offers only what Django's does: its version and `setup()`.
Everything else is imported from the room that owns it; ARCHITECTURE.md is the map.
"""

from __future__ import annotations

from miniframe.utils.version import VERSION, __version__, get_version

__all__ = ["VERSION", "__version__", "get_version", "setup"]


def setup(set_prefix: bool = True) -> None:
    """Configure logging and load the installed apps; a second call does nothing new.

    `set_prefix` sets the URL script prefix from FORCE_SCRIPT_NAME for this thread, which a
    command wants and a WSGI application sets anew for every request.

    Source: Django's topic "Applications", section "How applications are loaded".
    """
    # Not at the top: `import miniframe.servers.protocol` would load settings, apps and URLs with it.
    from miniframe.bootstrap import setup as bootstrap

    bootstrap(set_prefix=set_prefix)
