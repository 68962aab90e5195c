"""Which checks there are, and running them.

The checks themselves live beside what they check (`checks.urls`, `checks.security`, `staticfiles.checks`) on
higher floors; they register here when they are imported.

Source: Django's topic "System check framework".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar, overload

from miniframe.checks.messages import CheckMessage

__all__ = ["CheckRegistry", "Tags", "register", "registry", "run_checks", "tag_exists"]

Check = Callable[..., Iterable[CheckMessage]]
C = TypeVar("C", bound=Check)


class Tags:
    """The names of the built-in groups of checks."""

    async_support = "async_support"
    caches = "caches"
    compatibility = "compatibility"
    commands = "commands"
    files = "files"
    security = "security"
    settings = "settings"
    signals = "signals"
    sites = "sites"
    staticfiles = "staticfiles"
    templates = "templates"
    urls = "urls"

    # Nothing here belongs to these; a project's own checks may.
    admin = "admin"
    database = "database"
    models = "models"
    translation = "translation"


class CheckRegistry:
    """Checks in the order of registration, those for deployment apart."""

    def __init__(self) -> None:
        # Dicts, because they keep the order and forget repetitions.
        self.registered_checks: dict[Check, None] = {}
        self.deployment_checks: dict[Check, None] = {}

    @overload
    def register(self, check: str | None = None, *tags: str, **kwargs: Any) -> Callable[[C], C]: ...

    @overload
    def register(self, check: C, *tags: str, **kwargs: Any) -> C: ...

    def register(self, check: Any = None, *tags: str, **kwargs: Any) -> Any:
        """Register a check: `@register(Tags.urls)`, `@register("mine", deploy=True)` or `register(function, "mine")`.

        Raises:
            TypeError: the check does not accept `**kwargs`, which later versions may need.
        """
        if callable(check):
            self._add(check, tags, kwargs.get("deploy", False))
            return check
        all_tags = tags if check is None else (check, *tags)

        def decorate(function: C) -> C:
            self._add(function, all_tags, kwargs.get("deploy", False))
            return function

        return decorate

    def _add(self, check: Check, tags: Sequence[str], deploy: bool) -> None:
        code = getattr(check, "__code__", None)
        takes_keywords = 0x08  # inspect.CO_VARKEYWORDS; inspect itself costs 10 ms to import
        if code is not None and not code.co_flags & takes_keywords:
            raise TypeError("Check functions must accept keyword arguments (**kwargs).")
        check.tags = tags  # type: ignore[attr-defined]  # kept on the function, where plug-ins look for it
        (self.deployment_checks if deploy else self.registered_checks)[check] = None

    def run_checks(
        self,
        app_configs: Sequence[Any] | None = None,
        tags: Iterable[str] | None = None,
        include_deployment_checks: bool = False,
        databases: Sequence[str] | None = None,
    ) -> list[CheckMessage]:
        """Run the checks that have one of `tags` (None: all) and return what they say.

        Raises:
            TypeError: a check returned something that is no list of messages.
        """
        wanted = None if tags is None else set(tags)
        found: list[CheckMessage] = []
        for check in self.get_checks(include_deployment_checks):
            if wanted is not None and wanted.isdisjoint(check.tags):  # type: ignore[attr-defined]
                continue
            messages = check(app_configs=app_configs, databases=databases)
            if isinstance(messages, str) or not isinstance(messages, Iterable):
                raise TypeError(
                    f"The function {check!r} did not return a list. All functions registered with the checks "
                    f"registry must return a list."
                )
            found.extend(messages)
        return found

    def get_checks(self, include_deployment_checks: bool = False) -> list[Check]:
        """Return the checks, with those for deployment if asked."""
        return [*self.registered_checks, *(self.deployment_checks if include_deployment_checks else ())]

    def tags_available(self, deployment_checks: bool = False) -> set[str]:
        """Return every tag that some check has."""
        return {tag for check in self.get_checks(deployment_checks) for tag in check.tags}  # type: ignore[attr-defined]

    def tag_exists(self, tag: str, include_deployment_checks: bool = False) -> bool:
        """Return whether some check has this tag."""
        return tag in self.tags_available(include_deployment_checks)


registry: CheckRegistry = CheckRegistry()
register: Final = registry.register
run_checks: Final = registry.run_checks
tag_exists: Final = registry.tag_exists
