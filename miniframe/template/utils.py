"""The engines of settings.TEMPLATES, by alias, each made when it is first asked for.

Source: Django's reference "Settings", section "TEMPLATES".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from miniframe.apps import apps
from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.signals import forget_when_changed
from miniframe.template.watching import Around, unwatch, watch
from miniframe.utils.functional import cached_property

__all__ = ["APP_FOLDERS", "EngineHandler", "InvalidTemplateEngineError", "app_template_dirs", "engines"]

APP_FOLDERS = ("jinja2", "templates")
"""The folders of an app that the engine for Jinja2 looks into, in this order; Django leaves the second to its own."""


class InvalidTemplateEngineError(ImproperlyConfigured):
    """An alias that settings.TEMPLATES does not define."""


class EngineHandler:
    """A mapping of aliases to engines; iterating gives the aliases in the order of settings.TEMPLATES."""

    def __init__(self, templates: list[dict[str, Any]] | None = None) -> None:
        self._templates = templates
        self._engines: dict[str, Any] = {}
        self._around: Around | None = None

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """The configuration of each engine with its gaps filled.

        Raises:
            ImproperlyConfigured: BACKEND is missing or malformed, or two engines share an alias.
        """
        rows: list[dict[str, Any]] = settings.TEMPLATES if self._templates is None else self._templates
        configured: dict[str, dict[str, Any]] = {}
        for row in rows:
            full = {"NAME": _alias(row), "DIRS": [], "APP_DIRS": False, "OPTIONS": {}, **row}
            if full["NAME"] in configured:
                raise ImproperlyConfigured(
                    f"Template engine aliases aren't unique, duplicates: {full['NAME']}. "
                    "Set a unique NAME for each engine in settings.TEMPLATES."
                )
            configured[full["NAME"]] = full
        return configured

    def __getitem__(self, alias: str) -> Any:
        engine = self._engines.get(alias)
        if engine is not None:
            return engine
        if alias not in self.templates:
            raise InvalidTemplateEngineError(
                f"Could not find config for '{alias}' in settings.TEMPLATES; "
                f"it defines {', '.join(self.templates) or 'no engine at all'}."
            )
        # A copy: engines take their options out of it.
        params = {**self.templates[alias], "OPTIONS": dict(self.templates[alias]["OPTIONS"])}
        engine = import_from_setting("TEMPLATES", params.pop("BACKEND"))(params)
        if self._around is not None:
            watch(engine, self._around)
        self._engines[alias] = engine
        return engine

    def __iter__(self) -> Iterator[str]:
        return iter(self.templates)

    def all(self) -> list[Any]:
        """Every engine, in the order of settings.TEMPLATES."""
        return [self[alias] for alias in self]

    def folders(self) -> list[str]:
        """Return the folders that templates are in, as far as can be told without making an engine, which costs 33 ms.

        An engine that is made tells its own; of another one an app's folders are those of Jinja2.
        """
        found: list[str | os.PathLike[str]] = []
        for alias, row in self.templates.items():
            engine = self._engines.get(alias)
            if engine is None:
                found += [*row["DIRS"], *(app_template_dirs(*APP_FOLDERS) if row["APP_DIRS"] else ())]
            else:
                found += getattr(engine, "template_dirs", ())
                found += getattr(getattr(getattr(engine, "env", None), "loader", None), "searchpath", ())
        return list(dict.fromkeys(os.fspath(folder) for folder in found))

    def watch(self, around: Around | None) -> None:
        """Have `around` called for each rendering, by engines that are there and that come; None: nobody any more."""
        self._around = around
        for engine in list(self._engines.values()):
            unwatch(engine)
            if around is not None:
                watch(engine, around)

    @contextmanager
    def watched_by(self, around: Around) -> Iterator[None]:
        """Do so inside of this block."""
        before = self._around
        self.watch(around)
        try:
            yield
        finally:
            self.watch(before)

    def forget_templates(self) -> None:
        """Have every engine read its templates anew, because files have changed; one that keeps none has no method."""
        for engine in list(self._engines.values()):
            forget = getattr(engine, "forget_templates", None)
            if forget is not None:
                forget()

    def forget(self) -> None:
        """Drop everything made so far, because the settings have changed."""
        self._engines.clear()
        self.__dict__.pop("templates", None)


def _alias(row: dict[str, Any]) -> str:
    """Name an engine after its backend's module: "...backends.jinja2.Jinja2" is "jinja2"."""
    try:
        return str(row.get("NAME") or row["BACKEND"].rsplit(".", 2)[-2])
    except (KeyError, IndexError, AttributeError) as error:
        raise ImproperlyConfigured(
            f"Invalid BACKEND for a template engine: {row.get('BACKEND', '<not defined>')}. "
            f"Check your TEMPLATES setting; this one works: 'miniframe.template.backends.jinja2.Jinja2'."
        ) from error


def app_template_dirs(*folders: str) -> list[str]:
    """Return the existing folders of these names in the installed apps.

    An earlier app wins over a later one whatever its folder is called; within one app the earlier name wins.
    """
    found = []
    for config in apps.get_app_configs():
        for folder in folders:
            candidate = os.path.join(config.path, folder) if config.path else ""
            if candidate and os.path.isdir(candidate):
                found.append(candidate)
    return found


engines: EngineHandler = EngineHandler()


forget_when_changed("TEMPLATES", "DEBUG", "INSTALLED_APPS", forget=engines.forget)
