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
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import quote

from miniframe.exceptions import NoReverseMatch
from miniframe.types import View
from miniframe.urls.converters import Converter, is_slug, is_uuid
from miniframe.urls.patterns import Parameter, Pattern, RoutePattern
from miniframe.urls.regex import possibilities
from miniframe.utils.text import did_you_mean

__all__ = ["Candidate", "Named", "ReverseTable"]

SAFE = "!$&'()*+,;=/~:@"
"""Characters beside letters, digits and "-._" that a path may hold as they are (RFC 3986, section 3.3)."""

Writer: TypeAlias = Callable[[str, Sequence[Any], Mapping[str, Any]], str | None]
"""Called with a script prefix, positional and named arguments; returns a path, or None if these do not fit."""


class Inclusion(Protocol):
    """An include(): what is asked of a URLResolver here."""

    pattern: Any
    default_kwargs: dict[str, Any]
    app_name: str | None
    namespace: str | None

    @property
    def reverse_table(self) -> ReverseTable:
        """The names below."""


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

    `outer` are the includes with namespaces that lead to it: they count for the text, but their extra arguments
    do not.  `write(prefix, args, kwargs)` returns the quoted path under a script prefix, or None if the arguments
    do not fit; `fixed` is the path without prefix, if it needs no arguments and begins with no slash.
    """

    def __init__(self, outer: tuple[Inclusion, ...], named: Named) -> None:
        assert named.endpoint is not None
        self._patterns: list[Pattern] = [
            *(level.pattern for level in (*outer, *named.levels)),
            named.endpoint.pattern,
        ]
        defaults = dict(named.endpoint.default_args)
        for level in reversed(named.levels):
            defaults.update(level.default_kwargs)
        self.fixed: str | None = None
        plain = None if defaults else _taken_apart(self._patterns)
        if plain is None:
            self.write: Writer = _odd_writer(self.source, self._converters(), defaults)
        else:
            texts, parameters = plain
            self.write = _plain_writer(texts, parameters)
            if not parameters and not texts[0].startswith("/"):
                self.fixed = texts[0]

    @property
    def source(self) -> str:
        """The regular expression of the whole path, as error messages show it."""
        return "".join(pattern.regex.pattern.removeprefix("^") for pattern in self._patterns)

    def _converters(self) -> dict[str, Converter]:
        return {name: converter for pattern in self._patterns for name, converter in pattern.converters.items()}


def _taken_apart(patterns: Sequence[Any]) -> tuple[list[str], list[Parameter]] | None:
    """Return the quoted texts between the parameters, and these; None unless a value can be judged for itself."""
    texts = [""]
    parameters: list[Parameter] = []
    for pattern in patterns:
        if not isinstance(pattern, RoutePattern):
            return None
        texts[-1] += pattern.literals[0]
        texts += pattern.literals[1:]
        parameters += pattern.parameters
    # With a slash between any two parameters, none of which matches one, each is matched by its own converter alone.
    apart = all("/" in text for text in texts[1:-1])
    if not apart or any(each.kind not in _TEXTS for each in parameters):
        return None
    return [quote(text, safe=SAFE) for text in texts], parameters


def _plain_writer(texts: list[str], parameters: list[Parameter]) -> Writer:
    if len(parameters) == 1:
        return _single_writer(texts, parameters[0])
    names = [parameter.name for parameter in parameters]
    known = set(names)
    to_texts = [_TEXTS[parameter.kind] for parameter in parameters]

    def write(prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        if kwargs:
            if kwargs.keys() != known:
                return None
            # A name that occurs twice, in a route and in an include() around it, is written twice.
            args = [kwargs[name] for name in names]
        elif len(args) != len(names):
            return None
        path = _quoted(prefix) + texts[0]
        for to_text, value, text in zip(to_texts, args, texts[1:], strict=True):
            written = to_text(value)
            if written is None:
                return None
            path += written + text
        return _one_slash(path)

    return write


def _single_writer(texts: list[str], parameter: Parameter) -> Writer:
    before, after = texts
    name, to_text = parameter.name, _TEXTS[parameter.kind]

    def write(prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        if kwargs:
            if len(kwargs) != 1 or name not in kwargs:
                return None
            text = to_text(kwargs[name])
        elif len(args) == 1:
            text = to_text(args[0])
        else:
            return None
        if text is None:
            return None
        return _one_slash(f"{prefix if prefix == '/' else _quoted(prefix)}{before}{text}{after}")

    return write


def _odd_writer(source: str, converters: dict[str, Converter], defaults: dict[str, Any]) -> Writer:
    """Return a writer that fills gaps and looks whether `source` matches what comes out."""
    try:
        ways = possibilities(source)
        matches = re.compile(source).match
    except (ValueError, re.error):
        # It can be resolved but not reversed: nothing that is asked of it will ever fit.
        ways = []

    def write(prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
        for text, names in ways:
            given = _given(names, args, kwargs, defaults)
            values = None if given is None else _as_texts(given, converters)
            if values is not None and matches(path := text % values):
                return _one_slash(quote(prefix + path, safe=SAFE))
        return None

    return write


def _given(
    names: tuple[str, ...], args: Sequence[Any], kwargs: Mapping[str, Any], defaults: dict[str, Any]
) -> Mapping[str, Any] | None:
    """Return a value for each gap, or None if the arguments are not those that the gaps ask for."""
    if args:
        return dict(zip(names, args, strict=True)) if len(args) == len(names) else None
    if any(name not in defaults for name in set(names).symmetric_difference(kwargs)):
        return None
    if any(kwargs.get(name, value) != value for name, value in defaults.items() if name not in names):
        return None
    return {**defaults, **kwargs}


def _as_texts(given: Mapping[str, Any], converters: dict[str, Converter]) -> dict[str, str] | None:
    try:
        return {
            name: str(converters[name].to_url(value) if name in converters else value) for name, value in given.items()
        }
    except ValueError:
        return None


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
        # The paths, without prefix, of names that have been reversed before and take no arguments.
        self.fixed: dict[Any, str] = {}

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
        found = None if current_app else self.ready.get(viewname)
        if found is None:
            found = self._find(viewname, current_app)
            if found and not current_app:
                self.ready[viewname] = found
                if found[0].fixed is not None:
                    self.fixed[viewname] = found[0].fixed
        return found

    def _find(self, viewname: Any, current_app: str | None) -> tuple[Candidate, ...]:
        if not isinstance(viewname, str):
            return _prepared((), self.by_view.get(viewname, []))
        *spaces, name = viewname.split(":")
        outer, table = self._enter(spaces, current_app)
        # Kept by where it was found, for any current_app: there may be any number of those.
        key = outer, name
        found = self.ready.get(key)
        if found is None and name in table.by_name:
            found = self.ready[key] = _prepared(outer, table.by_name[name])
        return found or ()

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
            hint = did_you_mean(shown, self._all_names())
            return f"Reverse for '{shown}' not found. '{shown}' is not a valid view function or pattern name.{hint}"
        if args:
            given = f"arguments '{tuple(args)}'"
        elif kwargs:
            given = f"keyword arguments '{dict(kwargs)}'"
        else:
            given = "no arguments"
        sources = [candidate.source for candidate in candidates]
        return f"Reverse for '{shown}' with {given} not found. {len(sources)} pattern(s) tried: {sources}"

    def _all_names(self, within: str = "", passed: tuple[ReverseTable, ...] = ()) -> list[str]:
        names = [within + name for name in self.by_name]
        for space, entry in self.namespaces.items():
            table = entry.space.reverse_table if entry.space else self
            if table is not self and table not in passed:  # a URLconf may include itself
                names += table._all_names(f"{within}{space}:", (*passed, self))
        return names


def _prepared(outer: tuple[Inclusion, ...], entries: list[Named]) -> tuple[Candidate, ...]:
    return tuple(Candidate(outer, entry) for entry in reversed(entries))


def _unknown_namespace(space: str, outer: list[str], table: ReverseTable) -> str:
    inside = f" inside '{':'.join(outer)}'" if outer else ""
    hint = did_you_mean(space, [*table.namespaces, *table.apps])
    return f"{space!r} is not a registered namespace{inside}{'.' if hint else ''}{hint}"


def _one_slash(path: str) -> str:
    # "//evil.example/" would be another site's address.
    return "/%2F" + path[2:] if path.startswith("//") else path


def _quoted(text: str) -> str:
    # Most values are words or numbers; asking that first takes a third of the time.
    return text if is_slug(text) else quote(text, safe=SAFE)


def _int_text(value: Any) -> str | None:
    try:
        text = str(value)
    except ValueError:  # more digits than Python converts
        return None
    return text if text.isdecimal() and text.isascii() else None


def _str_text(value: Any) -> str | None:
    text = str(value)
    return None if not text or "/" in text else _quoted(text)


def _slug_text(value: Any) -> str | None:
    text = str(value)
    return text if is_slug(text) else None


def _uuid_text(value: Any) -> str | None:
    text = str(value)
    return text if is_uuid(text) else None


# For each converter of ours that never matches a slash: a value's text in an address, or None if it has none.
_TEXTS: dict[str, Callable[[Any], str | None]] = {
    "int": _int_text,
    "str": _str_text,
    "slug": _slug_text,
    "uuid": _uuid_text,
}
