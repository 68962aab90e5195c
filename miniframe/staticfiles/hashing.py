"""Give collected files hashed names: first those that refer to no other, then those that refer to them.

Source: ours; Django repeats passes over all files until their names no longer change.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from re import Match
from typing import Any

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files import ContentFile
from miniframe.files.storage import Storage
from miniframe.staticfiles.references import Rule, substitute
from miniframe.utils.text import did_you_mean

__all__ = ["Collection", "ReferenceNotFound"]

Outcome = tuple[str, str | None, bool | Exception]


class ReferenceNotFound(ValueError):
    """A file refers to others that do not exist; the text has a line for each."""


class Collection:
    """Files by name, each with the storage that it comes from and its path there, to be hashed into `target`."""

    def __init__(self, target: Any, paths: dict[str, tuple[Storage, str]]) -> None:
        self.target = target
        self.paths: dict[str, tuple[Storage, str]] = {target.clean_name(name): origin for name, origin in paths.items()}
        self._names = dict(zip(self.paths, paths, strict=True))

    def process(self, hashed: dict[str, str]) -> Iterator[Outcome]:
        """Write each file's copy, put its name into `hashed`, and yield what happened, as `post_process` does."""
        rewritable = {name for name in self.paths if self._rules(name)}
        graph: dict[str, set[str]] = {}
        for name in self.paths:
            if name not in rewritable:
                yield self._copied(name, hashed)
                continue
            try:
                graph[name] = self._references(name) & rewritable
            except UnicodeDecodeError as error:
                yield self._names[name], None, error
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            yield self._circle(error.args[1])
            return
        for name in order:
            if name in graph:
                yield self._rewritten(name, hashed)

    def _rules(self, name: str) -> list[Rule]:
        return [rule for rule in self.target.rules if fnmatchcase(name, rule.files)]

    def _text(self, name: str) -> str:
        storage, path = self.paths[name]
        with storage.open(path) as file:
            text: str = file.read().decode()
        return text

    def _references(self, name: str) -> set[str]:
        """Return the names of all static files that one refers to.

        Raises:
            UnicodeDecodeError: it is not UTF-8.
        """
        found = set()

        def note(rule: Rule, match: Match[str]) -> str:
            if target := self.target.target_of(name, match["url"]):
                found.add(target)
            return match[0]

        substitute(name, self._text(name), self._rules(name), note)
        return found

    def _circle(self, names: list[str]) -> Outcome:
        members = sorted(set(names))
        return (
            ", ".join(self._names[name] for name in members),
            None,
            RuntimeError(
                f"Max post-process passes exceeded: {' -> '.join(names)} refer to each other in a circle. The hash of "
                f"each would depend on those of the others. Take one of these references out."
            ),
        )

    def _copied(self, name: str, hashed: dict[str, str]) -> Outcome:
        target = self.target
        storage, path = self.paths[name]
        with storage.open(path) as file:
            copy = target.clean_name(target.hashed_name(name, file))
            written = not target.exists(copy)
            if written:
                file.seek(0)
                copy = self._save(copy, file)
        hashed[target.hash_key(name)] = copy
        return self._names[name], copy, written

    def _rewritten(self, name: str, hashed: dict[str, str]) -> Outcome:
        target = self.target
        try:
            content = self.rewritten(name, hashed)
        except ValueError as error:
            return self._names[name], None, error
        copy = self._save(target.clean_name(target.hashed_name(name, content)), content)
        hashed[target.hash_key(name)] = copy
        return self._names[name], copy, True

    def _save(self, name: str, content: Any) -> str:
        if not self.target.is_name_available(name):
            self.target.delete(name)
        saved: str = self.target.clean_name(self.target._save(name, content))
        return saved

    def rewritten(self, name: str, hashed: dict[str, str]) -> Any:
        """Return the content of the file `name` with hashed names in its references; None if it can have none.

        Raises:
            ReferenceNotFound: some lead to no file.
            UnicodeDecodeError: it is not UTF-8.
        """
        rules = self._rules(name)
        if not rules:
            return None
        problems: list[tuple[int, str]] = []

        def convert(rule: Rule, match: Match[str]) -> str:
            try:
                text: str = self.target.url_converter(name, hashed, rule.template)(match)
            except ReferenceNotFound:
                raise  # of the file that is referred to, which was collected earlier
            except (ValueError, SuspiciousFileOperation):
                problems.append((_line(match), self._problem(name, match)))
                return match[0]
            return text

        text = substitute(name, self._text(name), rules, convert)
        if problems:
            raise ReferenceNotFound("\n".join(text for _, text in sorted(problems)))
        return ContentFile(text.encode())

    def _problem(self, name: str, match: Match[str]) -> str:
        storage, path = self.paths[name]
        try:
            place = storage.path(path)
        except NotImplementedError:
            place = name
        target = self.target.target_of(name, match["url"])
        hint = did_you_mean(target, self.paths, cutoff=0.75) if target else ""
        leads = f"{match['url']!r} leads to the static file {target!r}, which does not exist."
        return f"{place}, line {_line(match)}: {leads}{hint}"


def _line(match: Match[str]) -> int:
    return match.string.count("\n", 0, match.start()) + 1
