"""What template engines have in common; the parent of an engine of one's own.

Source: Django's how-to "Custom template backend".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from miniframe.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from miniframe.template.utils import app_template_dirs
from miniframe.utils._os import safe_join
from miniframe.utils.functional import cached_property

__all__ = ["BaseEngine"]


class BaseEngine:
    """A template engine, made from one entry of settings.TEMPLATES.

    A subclass takes OPTIONS out of `params`, hands on the rest, says in `app_dirname` what its folder in an app is
    called (several, the first wins), and has `get_template` and perhaps `from_string`.

    Raises:
        ImproperlyConfigured: an entry has keys that no engine knows.
    """

    app_dirname: str | tuple[str, ...] = ()

    def __init__(self, params: dict[str, Any]) -> None:
        params = dict(params)
        self.name: str = params.pop("NAME")
        self.dirs: list[str | os.PathLike[str]] = list(params.pop("DIRS"))
        self.app_dirs: bool = params.pop("APP_DIRS")
        if params:
            raise ImproperlyConfigured(f"Unknown parameters: {', '.join(params)}. Correct TEMPLATES in your settings.")

    @cached_property
    def template_dirs(self) -> list[str | os.PathLike[str]]:
        """DIRS, then with APP_DIRS the apps' folders.

        Raises:
            ImproperlyConfigured: APP_DIRS is True, and the engine does not say what its folder is called.
        """
        folders = (self.app_dirname,) if isinstance(self.app_dirname, str) else self.app_dirname
        if self.app_dirs and not folders:
            raise ImproperlyConfigured(
                f"{type(self).__name__} doesn't support loading templates from installed applications: it has no "
                "`app_dirname`. Set APP_DIRS to False in your settings."
            )
        return [*self.dirs, *(app_template_dirs(*folders) if self.app_dirs else ())]

    def iter_template_filenames(self, template_name: str) -> Iterator[str]:
        """Yield where a template of that name might be; names that lead out of the folders are passed over."""
        for folder in self.template_dirs:
            try:
                yield safe_join(folder, template_name)
            except SuspiciousFileOperation:
                continue

    def check(self, **kwargs: Any) -> list[Any]:
        """Return what the system checks should say about this engine's configuration."""
        return []

    def from_string(self, template_code: str) -> Any:
        """Return a template made from text.

        Raises:
            NotImplementedError: this engine cannot do that.
        """
        raise NotImplementedError("subclasses of BaseEngine should provide a from_string() method")

    def get_template(self, template_name: str) -> Any:
        """Return the template of that name.

        Raises:
            TemplateDoesNotExist: there is none.
            NotImplementedError: the subclass lacks this method.
        """
        raise NotImplementedError("subclasses of BaseEngine must provide a get_template() method")
