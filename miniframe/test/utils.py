"""Change settings for a while, and prepare a process for tests.

Source: Django's topic "Testing tools", sections "Overriding settings" and "Isolating apps".
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, TypeVar

from miniframe.apps import apps
from miniframe.checks.registry import Check, CheckRegistry, registry
from miniframe.conf import UserSettingsHolder, settings
from miniframe.conf.databases import own_databases
from miniframe.signals import setting_changed
from miniframe.test.contexts import ContextList
from miniframe.urls import get_script_prefix, set_script_prefix
from miniframe.utils.coroutines import is_coroutine_function

__all__ = [
    "ContextList",
    "TestContextDecorator",
    "captured_output",
    "captured_stderr",
    "captured_stdin",
    "captured_stdout",
    "ignore_warnings",
    "modify_settings",
    "isolate_lru_cache",
    "override_script_prefix",
    "override_settings",
    "override_system_checks",
    "setup_test_environment",
    "tag",
    "teardown_test_environment",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class TestContextDecorator:
    """Something switched on for a `with` block, a function, or every test of a class."""

    __test__ = False  # pytest collects classes by name

    def __init__(self, attr_name: str | None = None, kwarg_name: str | None = None) -> None:
        self.attr_name = attr_name
        self.kwarg_name = kwarg_name

    def enable(self) -> Any:
        """Switch it on; the result is what `as` binds."""
        raise NotImplementedError

    def disable(self) -> None:
        """Switch it off again, whatever happened."""
        raise NotImplementedError

    def __enter__(self) -> Any:
        return self.enable()

    def __exit__(self, *exc_info: object) -> None:
        self.disable()

    def decorate_class(self, cls: type[Any]) -> type[Any]:
        """Switch it on in each test's setUp of a unittest class, and off in its cleanup."""
        if not hasattr(cls, "setUp"):
            raise TypeError("Can only decorate subclasses of unittest.TestCase")
        set_up = cls.setUp

        def setUp(inner_self: Any) -> None:
            value = self.enable()
            inner_self.addCleanup(self.disable)
            if self.attr_name:
                setattr(inner_self, self.attr_name, value)
            set_up(inner_self)

        cls.setUp = setUp
        return cls

    def decorate_callable(self, function: F) -> F:
        """Switch it on while the function runs; until the end of the coroutine, if it is async."""
        if is_coroutine_function(function):

            @wraps(function)
            async def inner_async(*args: Any, **kwargs: Any) -> Any:
                with self as value:
                    if self.kwarg_name:
                        kwargs[self.kwarg_name] = value
                    return await function(*args, **kwargs)

            return inner_async  # type: ignore[return-value]  # wraps() made it look the same

        @wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with self as value:
                if self.kwarg_name:
                    kwargs[self.kwarg_name] = value
                return function(*args, **kwargs)

        return inner  # type: ignore[return-value]  # wraps() made it look the same

    def __call__(self, decorated: Any) -> Any:
        if isinstance(decorated, type):
            return self.decorate_class(decorated)
        if callable(decorated):
            return self.decorate_callable(decorated)
        raise TypeError(f"Cannot decorate object of type {type(decorated)}")


class override_settings(TestContextDecorator):  # noqa: N801  # Django's name
    """Lay settings over those of the project: `with override_settings(DEBUG=True): ...`, or as a decorator."""

    def __init__(self, **kwargs: Any) -> None:
        self.options = kwargs
        super().__init__()

    def enable(self) -> None:
        """Lay the settings over; INSTALLED_APPS reloads the registry of apps."""
        if "INSTALLED_APPS" in self.options:
            apps.set_installed_apps(self.options["INSTALLED_APPS"])
        settings.DEBUG  # noqa: B018  # load them, if nobody has yet
        holder = UserSettingsHolder(settings._wrapped)
        for name, value in self.options.items():
            setattr(holder, name, value)
        self.wrapped: Any = settings._wrapped
        settings._wrapped = holder
        try:
            self._announce(entering=True)
        except BaseException:
            self.disable()  # a `with` block whose beginning fails has no end
            raise

    def disable(self) -> None:
        """Give the former settings back."""
        if "INSTALLED_APPS" in self.options:
            apps.unset_installed_apps()
        settings._wrapped = self.wrapped
        del self.wrapped
        self._announce(entering=False)

    def _announce(self, entering: bool) -> None:
        for name in self.options:
            value = self.options[name] if entering else getattr(settings, name, None)
            # On the way back everybody has to hear of it, whoever fails before.
            send = setting_changed.send if entering else setting_changed.send_robust
            send(sender=settings._wrapped.__class__, setting=name, value=value, enter=entering)

    def save_options(self, test_func: Any) -> None:
        """Keep the options on the class that is decorated, so that its subclasses have them too."""
        below = getattr(test_func, "_overridden_settings", None) or {}
        test_func._overridden_settings = {**below, **self.options}

    def decorate_class(self, cls: type[Any]) -> type[Any]:
        """Override for the whole class, its class-level set-up included."""
        if not hasattr(cls, "_overridden_settings"):  # the mark of SimpleTestCase, which imports this module
            raise ValueError("Only subclasses of Django SimpleTestCase can be decorated with override_settings")
        self.save_options(cls)
        return cls


class modify_settings(override_settings):  # noqa: N801  # Django's name
    """Change settings that are lists: `modify_settings(MIDDLEWARE={"append": "a.B", "remove": [...]})`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.operations: list[tuple[str, dict[str, Any]]] = list(args[0]) if args else list(kwargs.items())
        super(override_settings, self).__init__()

    def save_options(self, test_func: Any) -> None:
        """Keep the operations on the class; a subclass's come after its parent's."""
        below = getattr(test_func, "_modified_settings", None) or []
        test_func._modified_settings = [*below, *self.operations]

    def enable(self) -> None:
        """Work the lists out from what the settings are now, and lay them over."""
        self.options: dict[str, Any] = {}
        for name, operations in self.operations:
            values = list(self.options.get(name, getattr(settings, name, [])))
            for action, items in operations.items():
                self._apply(action, values, [items] if isinstance(items, str) else list(items))
            self.options[name] = values
        super().enable()

    @staticmethod
    def _apply(action: str, values: list[Any], items: list[Any]) -> None:
        if action == "remove":
            values[:] = [value for value in values if value not in items]
            return
        new = [item for item in items if item not in values]
        if action == "append":
            values += new
        elif action == "prepend":
            values[:0] = new
        else:
            raise ValueError(f"Unsupported action: {action}")


class override_system_checks(TestContextDecorator):  # noqa: N801  # Django's name
    """Run only these checks for a while."""

    def __init__(self, new_checks: list[Any], deployment_checks: list[Any] | None = None) -> None:
        self.registry: CheckRegistry = registry
        self.new_checks = new_checks
        self.deployment_checks = deployment_checks
        super().__init__()

    def enable(self) -> None:
        """Put the new checks in place of the registered ones."""
        self.before: tuple[dict[Check, None], dict[Check, None]] = (
            self.registry.registered_checks,
            self.registry.deployment_checks,
        )
        self.registry.registered_checks = {}
        for check in self.new_checks:
            self.registry.register(check, *getattr(check, "tags", ()))
        if self.deployment_checks is not None:
            self.registry.deployment_checks = {}
            for check in self.deployment_checks:
                self.registry.register(check, *getattr(check, "tags", ()), deploy=True)

    def disable(self) -> None:
        """Give the registered checks back."""
        self.registry.registered_checks, self.registry.deployment_checks = self.before


class ignore_warnings(TestContextDecorator):  # noqa: N801  # Django's name
    """Let warnings pass unseen; the arguments are those of `warnings.filterwarnings`."""

    def __init__(self, **kwargs: Any) -> None:
        self.filter: Callable[..., None] = (
            warnings.filterwarnings if {"message", "module"} & set(kwargs) else warnings.simplefilter
        )
        self.options = kwargs
        super().__init__()

    def enable(self) -> None:
        """Begin to ignore."""
        self._catcher = warnings.catch_warnings()
        self._catcher.__enter__()
        self.filter("ignore", **self.options)

    def disable(self) -> None:
        """Hear them again."""
        self._catcher.__exit__(None, None, None)


_before_tests: dict[str, Any] = {}


def setup_test_environment(debug: bool | None = None) -> None:
    """Allow the test client's host "testserver" and set DEBUG (default: False), once for a whole run.

    Raises:
        RuntimeError: it was called before, and not taken back.
    """
    if _before_tests:
        raise RuntimeError(
            "setup_test_environment() was already called and can't be called again without first "
            "calling teardown_test_environment()."
        )
    _before_tests.update(ALLOWED_HOSTS=settings.ALLOWED_HOSTS, DEBUG=settings.DEBUG)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.DEBUG = bool(debug)
    if own_databases():
        from miniframe.test.databases import databases  # SQLAlchemy: 150 ms, for projects that use it

        databases.install()


def teardown_test_environment() -> None:
    """Take `setup_test_environment` back."""
    if "miniframe.test.databases" in sys.modules:
        sys.modules["miniframe.test.databases"].databases.uninstall()
    for name, value in _before_tests.items():
        setattr(settings, name, value)
    _before_tests.clear()


@contextmanager
def override_script_prefix(prefix: str) -> Iterator[None]:
    """Mount the site under `prefix` for this thread."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


@contextmanager
def captured_output(stream_name: str) -> Iterator[io.StringIO]:
    """Put a StringIO in the place of `sys.stdout`, `sys.stderr` or `sys.stdin`."""
    before = getattr(sys, stream_name)
    captured = io.StringIO()
    setattr(sys, stream_name, captured)
    try:
        yield captured
    finally:
        setattr(sys, stream_name, before)


def captured_stdout() -> AbstractContextManager[io.StringIO]:
    """Catch what is printed: `with captured_stdout() as out: ...; out.getvalue()`."""
    return captured_output("stdout")


def captured_stderr() -> AbstractContextManager[io.StringIO]:
    """Catch what is printed to stderr."""
    return captured_output("stderr")


def captured_stdin() -> AbstractContextManager[io.StringIO]:
    """Give what is typed: write it to the StringIO, then `seek(0)`."""
    return captured_output("stdin")


@contextmanager
def isolate_lru_cache(cached: Any) -> Iterator[None]:
    """Empty the cache of a function decorated with `functools.cache` or `lru_cache`, before the block and behind it."""
    cached.cache_clear()
    try:
        yield
    finally:
        cached.cache_clear()


def tag(*tags: str) -> Callable[[T], T]:
    """Mark a test, or all tests of a class: `pytest -m slow` runs only those; so does `manage.py test --tag slow`."""

    def mark(marked: T) -> T:
        marked.tags = {*getattr(marked, "tags", ()), *tags}  # type: ignore[attr-defined]  # any class or function
        return marked

    return mark
