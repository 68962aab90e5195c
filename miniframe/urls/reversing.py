"""From a name and arguments back to a path: the half of URLs that is looked up by name.

A URLconf's `ReverseTable` knows its patterns by name and by view, and its namespaces.  What can be decided
about a pattern is decided when its name is first asked for: a `Candidate` has its text quoted and one writer
for each parameter.  Regular expressions and other odd patterns fill a text with gaps and match the result.

Of several patterns with one name the last one that takes the arguments wins.

Source: Django's topic "URL dispatcher", sections "Reverse resolution of URLs" and "URL namespaces".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from miniframe.exceptions import NoReverseMatch
from miniframe.types import View
from miniframe.urls.converters import Converter
from miniframe.urls.patterns import Pattern, RoutePattern
from miniframe.urls.regex import Possibility, possibilities
from miniframe.utils.text import nearest

__all__ = ["Candidate", "Named", "ReverseTable"]

SAFE = "!$&'()*+,;=/~:@"
"""Characters beside letters, digits and "-._" that a path may hold as they are (RFC 3986, section 3.3)."""

_needs_no_quotes = re.compile(f"[A-Za-z0-9._{re.escape(SAFE)}-]*").fullmatch
_is_slug = re.compile("[-a-zA-Z0-9_]+").fullmatch
_is_uuid = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Inclusion(Protocol):
    """An include(): what is asked of a URLResolver here."""

    pattern: Any
    default_kwargs: dict[str, Any]
    app_name: str | None
    namespace: str | None

    @property
    def reverse_table(self) -> ReverseTable: ...


class Endpoint(Protocol):
    """A view's pattern: what is asked of a URLPattern here."""

    pattern: Any
    callback: View
    default_args: dict[str, Any]
    name: str | None


class Named(NamedTuple):
    """A pattern, or an include() with a namespace, and the plain include()s that lead to it, outermost first."""

    levels: tuple[Inclusion, ...]
    endpoint: Endpoint | None
    space: Inclusion | None


class Candidate:
    """One pattern, prepared to be written out.

    `outer` are the includes with namespaces that lead to it: they count for the text,
    but their extra arguments do not.
    """

    def __init__(self, outer: tuple[Inclusion, ...], named: Named) -> None:
        assert named.endpoint is not None
        endpoint = named.endpoint
        patterns = [*(level.pattern for level in (*outer, *named.levels)), endpoint.pattern]
        self.defaults = dict(endpoint.default_args)
        for level in reversed(named.levels):
            self.defaults.update(level.default_kwargs)
        self.patterns: list[Pattern] = patterns
        self.names: tuple[str, ...] = ()
        self.texts: list[str] = []
        self.writers: list[Callable[[Any], str | None]] = []
        self.is_plain = not self.defaults and all(isinstance(each, RoutePattern) for each in patterns)
        if self.is_plain:
            self._prepare(patterns)
        if not self.is_plain:
            self.converters: dict[str, Converter] = {}
            for pattern in patterns:
                self.converters.update(pattern.converters)
            self.possibilities = self._possibilities()

    @property
    def source(self) -> str:
        """The regular expression of the whole path, as error messages show it."""
        return "".join(pattern.regex.pattern.removeprefix("^") for pattern in self.patterns)

    def _prepare(self, patterns: Sequence[RoutePattern]) -> None:
        whole = [""]
        names: list[str] = []
        for pattern in patterns:
            whole[-1] += pattern.literals[0]
            whole += pattern.literals[1:]
            for parameter in pattern.parameters:
                names.append(parameter.name)
                self.writers.append(_WRITERS.get(parameter.kind, _never))
        self.names = tuple(names)
        self.texts = [quote(text, safe=SAFE) for text in whole]
        # Only where a slash stands between any two parameters is each of them certain to be
        # matched by its own converter alone.
        apart = all("/" in text for text in whole[1:-1])
        self.is_plain = apart and _never not in self.writers and len(set(names)) == len(names)

    def _possibilities(self) -> list[Possibility]:
        try:
            return possibilities(self.source)
        except ValueError:
            return []

    def write(self, prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        """Return the quoted path under `prefix`, or None if the arguments do not fit."""
        if not self.is_plain:
            return self._write_odd(prefix, args, kwargs)
        names = self.names
        if kwargs:
            if len(kwargs) != len(names):
                return None
            try:
                args = [kwargs[name] for name in names]
            except KeyError:
                return None
        elif len(args) != len(names):
            return None
        path = _quoted_prefix(prefix) + self.texts[0]
        for writer, value, text in zip(self.writers, args, self.texts[1:], strict=True):
            written = writer(value)
            if written is None:
                return None
            path += written + text
        return _one_slash(path)

    def _write_odd(self, prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        for possibility in self.possibilities:
            values = self._values(possibility.names, args, kwargs)
            if values is None:
                continue
            path = possibility.text % values
            if re.match(self.source, path):
                return _one_slash(quote(prefix + path, safe=SAFE))
        return None

    def _values(self, names: tuple[str, ...], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, str] | None:
        """Return the text for each gap, or None if the arguments are not those that the gaps ask for."""
        if args:
            if len(args) != len(names):
                return None
            given: Mapping[str, Any] = dict(zip(names, args, strict=True))
        elif self._takes(names, kwargs):
            given = {**self.defaults, **kwargs}
        else:
            return None
        try:
            return {
                name: str(self.converters[name].to_url(value) if name in self.converters else value)
                for name, value in given.items()
            }
        except ValueError:
            return None

    def _takes(self, names: tuple[str, ...], kwargs: Mapping[str, Any]) -> bool:
        defaults = self.defaults
        if any(name not in defaults for name in set(names).symmetric_difference(kwargs)):
            return False
        return all(kwargs.get(name, value) == value for name, value in defaults.items() if name not in names)


class ReverseTable:
    """The patterns of one URLconf by name and by view, and its namespaces."""

    def __init__(self, entries: Iterable[Named]) -> None:
        self.by_name: dict[str, list[Named]] = {}
        self.by_view: dict[View, list[Named]] = {}
        self.namespaces: dict[str, Named] = {}
        self.apps: dict[str, list[str]] = {}
        for entry in entries:
            if entry.endpoint is not None:
                self._add_view(entry, entry.endpoint)
            elif entry.space is not None and entry.space.app_name and entry.space.namespace:
                # The first include() under a namespace is the one that is meant,
                # the last instance of an app is its default.
                self.namespaces.setdefault(entry.space.namespace, entry)
                self.apps.setdefault(entry.space.app_name, []).insert(0, entry.space.namespace)
        self.ready: dict[Any, tuple[Candidate, ...]] = {}

    def _add_view(self, entry: Named, endpoint: Endpoint) -> None:
        if endpoint.name is not None:
            self.by_name.setdefault(endpoint.name, []).append(entry)
        try:
            self.by_view.setdefault(endpoint.callback, []).append(entry)
        except TypeError:
            pass  # an unhashable view can only be found by its name

    def candidates(self, viewname: Any, current_app: str | None = None) -> tuple[Candidate, ...]:
        """Return the patterns known as `viewname`, the preferred one first; empty if there is none.

        Raises:
            NoReverseMatch: one of the namespaces in it is unknown.
        """
        key = (viewname, current_app) if current_app else viewname
        found = self.ready.get(key)
        if found is None:
            found = self._find(viewname, current_app)
            if found:
                self.ready[key] = found
        return found

    def _find(self, viewname: Any, current_app: str | None) -> tuple[Candidate, ...]:
        if not isinstance(viewname, str):
            return tuple(Candidate((), entry) for entry in reversed(self.by_view.get(viewname, [])))
        *spaces, name = viewname.split(":")
        outer, table = self._enter(spaces, current_app)
        return tuple(Candidate(outer, entry) for entry in reversed(table.by_name.get(name, [])))

    def _enter(self, spaces: list[str], current_app: str | None) -> tuple[tuple[Inclusion, ...], ReverseTable]:
        """Return the table within the namespaces `spaces`, and the includes that lead there."""
        table = self
        outer: tuple[Inclusion, ...] = ()
        current = current_app.split(":") if current_app else []
        for depth, asked in enumerate(spaces):
            here = current[depth] if depth < len(current) else None
            instances = table.apps.get(asked, [])
            space = asked
            if here in instances:
                space = here or asked
            elif instances and asked not in instances:
                space = instances[0]
            if space != here:
                current = []
            entry = table.namespaces.get(space)
            if entry is None or entry.space is None:
                raise NoReverseMatch(_unknown_namespace(space, spaces[:depth], table))
            outer += (*entry.levels, entry.space)
            table = entry.space.reverse_table
        return outer, table

    def reverse(
        self, viewname: Any, prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any], current_app: str | None
    ) -> str:
        """Return the path under `prefix` that leads to `viewname` with these arguments.

        Raises:
            NoReverseMatch: nothing has that name, or nothing that has it takes these arguments.
        """
        if args and kwargs:
            raise ValueError("Don't mix *args and **kwargs in call to reverse()!")
        candidates = self.candidates(viewname, current_app)
        for candidate in candidates:
            path = candidate.write(prefix, args, kwargs)
            if path is not None:
                return path
        raise NoReverseMatch(self._no_match(viewname, candidates, args, kwargs))

    def _no_match(
        self, viewname: Any, candidates: tuple[Candidate, ...], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> str:
        module, name = getattr(viewname, "__module__", None), getattr(viewname, "__name__", None)
        shown = f"{module}.{name}" if module and name else viewname
        if not candidates:
            near = nearest(str(shown), self._all_names())
            hint = f" Did you mean {near!r}?" if near else ""
            return f"Reverse for '{shown}' not found. '{shown}' is not a valid view function or pattern name.{hint}"
        if args:
            given = f"arguments '{tuple(args)}'"
        elif kwargs:
            given = f"keyword arguments '{dict(kwargs)}'"
        else:
            given = "no arguments"
        sources = [candidate.source for candidate in candidates]
        return f"Reverse for '{shown}' with {given} not found. {len(sources)} pattern(s) tried: {sources}"

    def _all_names(self, within: str = "") -> list[str]:
        names = [within + name for name in self.by_name]
        for space, entry in self.namespaces.items():
            assert entry.space is not None
            names += entry.space.reverse_table._all_names(f"{within}{space}:")
        return names


def _unknown_namespace(space: str, outer: list[str], table: ReverseTable) -> str:
    inside = f" inside '{':'.join(outer)}'" if outer else ""
    near = nearest(space, [*table.namespaces, *table.apps])
    hint = f". Did you mean {near!r}?" if near else ""
    return f"{space!r} is not a registered namespace{inside}{hint}"


def _one_slash(path: str) -> str:
    # "//evil.example/" would be another site's address.
    return "/%2F" + path[2:] if path.startswith("//") else path


def _quoted_prefix(prefix: str) -> str:
    return prefix if _needs_no_quotes(prefix) else quote(prefix, safe=SAFE)


def _write_int(value: Any) -> str | None:
    try:
        text = str(value)
    except ValueError:  # more digits than Python converts
        return None
    return text if text.isascii() and text.isdecimal() else None


def _write_str(value: Any) -> str | None:
    text = str(value)
    if not text or "/" in text:
        return None
    return text if _needs_no_quotes(text) else quote(text, safe=SAFE)


def _write_slug(value: Any) -> str | None:
    text = str(value)
    return text if _is_slug(text) else None


def _write_uuid(value: Any) -> str | None:
    text = str(value)
    return text if _is_uuid(text) else None


def _never(value: Any) -> str | None:
    """Stand for a converter that the quick way knows nothing of."""
    raise AssertionError("a pattern with such a converter is not plain")


_WRITERS: dict[str, Callable[[Any], str | None]] = {
    "int": _write_int,
    "str": _write_str,
    "slug": _write_slug,
    "uuid": _write_uuid,
}
