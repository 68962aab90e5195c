"""Storages for static files: as they are, or with a hash of their content in their names.

A name that changes with the content lets browsers keep a file for ever.  Files that refer to others are
rewritten in the order of their references, so that each is written once, under its last name.

Source: Django's reference "The staticfiles app", sections "StaticFilesStorage" and "ManifestStaticFilesStorage".
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator
from re import Match
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from miniframe.conf import STATICFILES_STORAGE_ALIAS, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.files import ContentFile
from miniframe.files.storage import FileSystemStorage, Storage, storages
from miniframe.files.storage.defaults import Live
from miniframe.signals import forget_when_changed
from miniframe.staticfiles.references import JAVASCRIPT_MODULES, PATTERNS, Rule, rules_for, split_tail, target_of
from miniframe.staticfiles.utils import check_settings
from miniframe.utils.encoding import filepath_to_uri
from miniframe.utils.functional import LazyObject, cached_property, empty
from miniframe.utils.text import did_you_mean

if TYPE_CHECKING:
    from miniframe.staticfiles.hashing import Collection

__all__ = [
    "ConfiguredStorage",
    "HashedFilesMixin",
    "ManifestError",
    "ManifestFilesMixin",
    "ManifestStaticFilesStorage",
    "StaticFilesStorage",
    "staticfiles_storage",
]


class StaticFilesStorage(FileSystemStorage):
    """The folder settings.STATIC_ROOT, at addresses below STATIC_URL; a file that is saved replaces its predecessor."""

    setting_of_location = "STATIC_ROOT"
    setting_of_base_url = "STATIC_URL"

    location: Live[Any] = Live(lambda self: os.path.abspath(self.base_location) if self.base_location else None)
    """The absolute path of that folder; None if STATIC_ROOT is not set."""

    def __init__(
        self,
        location: Any = None,
        base_url: Any = None,
        file_permissions_mode: int | None = None,
        directory_permissions_mode: int | None = None,
        allow_overwrite: bool = True,
    ) -> None:
        check_settings(base_url)
        super().__init__(location, base_url, file_permissions_mode, directory_permissions_mode, allow_overwrite)

    def path(self, name: Any) -> str:
        """Return the absolute path of the file `name`.

        Raises:
            ImproperlyConfigured: settings.STATIC_ROOT is not set.
        """
        if not self.location:
            raise ImproperlyConfigured(
                "You're using the staticfiles app without having set the STATIC_ROOT setting to a filesystem path. "
                'Set it to the folder that your web server is to serve, such as STATIC_ROOT = BASE_DIR / "staticfiles".'
            )
        return super().path(name)


class ManifestError(ImproperlyConfigured, ValueError):
    """There is a manifest, and it is not one; a ValueError too, as Django's."""


class HashedFilesMixin(Storage):
    """For a storage: `collectstatic` makes copies with hashes in their names, and addresses lead to those.

    `patterns` tells where files refer to others (see `references`).  With `support_js_module_import_aggregation`
    the imports of JavaScript modules count as well.
    """

    default_template = 'url("%(url)s")'
    patterns: Any = PATTERNS
    support_js_module_import_aggregation = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.support_js_module_import_aggregation:
            self.patterns = (*self.patterns, JAVASCRIPT_MODULES)
        super().__init__(*args, **kwargs)
        self.hashed_files: dict[str, str] = {}

    @cached_property
    def rules(self) -> list[Rule]:
        """The `patterns`, compiled."""
        return rules_for(self.patterns, self.default_template)

    def _collection(self, paths: dict[str, tuple[Storage, str]]) -> Collection:
        from miniframe.staticfiles.hashing import Collection  # for `collectstatic`, mostly

        return Collection(self, paths)

    def file_hash(self, name: Any, content: Any = None) -> str | None:
        """Return what comes into the name: the first 12 digits of the content's MD5; None for nothing."""
        if content is None:
            return None
        from hashlib import md5  # loads OpenSSL, 4 ms; most sites make their hashes when they are deployed

        # Browsers are to see that a file is another one; nobody gains by making two with one hash.
        digest = md5(usedforsecurity=False)
        for chunk in content.chunks():
            digest.update(chunk)
        return digest.hexdigest()[:12]

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Return `name` with the hash of `content`, or else of what the storage has under `filename` or `name`.

        Raises:
            ValueError: the storage has no such file.
        """
        path, tail = split_tail(name)
        path = path.strip()
        if content is not None:
            return _with_hash(path, self.file_hash(path, content)) + tail
        filename = filename or path
        if not self.exists(filename):
            raise ValueError(f"The file {filename!r} could not be found with {self!r}.")
        try:
            file = self.open(filename)
        except OSError:
            return name  # a folder
        with file:
            return _with_hash(path, self.file_hash(path, file)) + tail

    def url(self, name: Any, force: bool = False) -> str:
        """Return the address of the file's hashed copy; with DEBUG, unless `force` is set, of the file itself.

        A query or fragment in `name` is kept.

        Raises:
            ValueError: there is no such file.
        """
        path, tail = split_tail("" if name is None else str(name))
        if path and not path.endswith("/") and (force or not settings.DEBUG):
            path = self.stored_name(path)
        return super().url(path) + tail

    def stored_name(self, name: str) -> str:
        """Return the name of the file's hashed copy.

        Raises:
            ValueError: there is no such file.
        """
        key = self.hash_key(self.clean_name(name))
        if key not in self.hashed_files:
            self.hashed_files[key] = self.hashed_name_on_disk(name)
        return self.hashed_files[key]

    def hashed_name_on_disk(self, name: str) -> str:
        """Return the name that the hashed copy of a file already in this storage has, or would have.

        Raises:
            ValueError: there is no such file.
        """
        path, tail = split_tail(name)
        found = self.exists(path)
        content = self._collection({path: (self, path)}).rewritten(path, self.hashed_files) if found else None
        return self.clean_name(self.hashed_name(path, content)) + tail

    def clean_name(self, name: str) -> str:
        """Return `name` with "/" between its folders on every system."""
        return name.replace("\\", "/")

    def hash_key(self, name: str) -> str:
        """Return the key of `hashed_files` for a file."""
        return name

    def target_of(self, name: str, address: str) -> str | None:
        """Return which static file `address` in the file `name` leads to; None if to none of ours."""
        return target_of(self.clean_name(name), address, urlsplit(str(getattr(self, "base_url", None) or "")).path)

    def url_converter(self, name: str, hashed_files: dict[str, str], template: str | None = None) -> Any:
        """Return a function from a match in the file `name` to the text that takes its place.

        That function raises ValueError if the reference leads to no file.
        """

        def convert(match: Match[str]) -> str:
            groups = match.groupdict()
            target = self.target_of(name, groups["url"])
            if target is None:
                matched: str = groups["matched"]
                return matched
            hashed = hashed_files.get(self.hash_key(target)) or self.hashed_name_on_disk(target)
            path, tail = split_tail(groups["url"])
            folder = path[: path.rfind("/") + 1]
            groups["url"] = f"{folder}{filepath_to_uri(posixpath.basename(hashed))}{tail}"
            return (template or self.default_template) % groups

        return convert

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Make hashed copies of files that were just collected: name -> (the storage it comes from, its path there).

        Yields:
            For each file its name, that of its copy, and whether this copy was written now; or instead of that
            an exception, for a file that refers to one that does not exist or is not UTF-8.
        """
        if not dry_run:
            yield from self._collection(paths).process(self.hashed_files)


class ManifestFilesMixin(HashedFilesMixin):
    """A storage with hashed names that keeps a list of them in a file, and reads nothing but that when it runs."""

    manifest_version = "1.1"
    manifest_name = "staticfiles.json"
    manifest_strict = True

    def __init__(self, *args: Any, manifest_storage: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manifest_storage: Any = self if manifest_storage is None else manifest_storage
        self.hashed_files: dict[str, str]
        self.manifest_hash: str
        self.hashed_files, self.manifest_hash = self.load_manifest()

    def read_manifest(self) -> str | None:
        """Return the manifest as text, or None if there is none."""
        try:
            with self.manifest_storage.open(self.manifest_name) as file:
                text: str = file.read().decode()
        except FileNotFoundError:
            return None
        return text

    def load_manifest(self) -> tuple[dict[str, str], str]:
        """Return the names of all hashed copies by those of the files, and the hash of that list.

        Raises:
            ManifestError: it cannot be read.
        """
        text = self.read_manifest()
        if text is None:
            return {}, ""
        try:
            stored = json.loads(text)
            version = stored.get("version")
        except (ValueError, AttributeError):
            version = None
        if version not in {"1.0", "1.1"}:
            raise ManifestError(
                f"Couldn't load manifest '{self.manifest_name}' (version {self.manifest_version}). "
                f"Delete it, and run collectstatic to write it anew."
            )
        return stored.get("paths", {}), stored.get("hash", "")

    def save_manifest(self) -> None:
        """Write the manifest, and set `manifest_hash` to the hash of what it lists."""
        listed = json.dumps(sorted(self.hashed_files.items())).encode()
        self.manifest_hash = self.file_hash(None, ContentFile(listed)) or ""
        manifest = {"paths": self.hashed_files, "version": self.manifest_version, "hash": self.manifest_hash}
        if not self.manifest_storage.is_name_available(self.manifest_name):
            self.manifest_storage.delete(self.manifest_name)
        self.manifest_storage._save(self.manifest_name, ContentFile(json.dumps(manifest).encode()))

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Make the copies, and at last the manifest: if a file could not be processed, the one there was stays."""
        before, self.hashed_files = self.hashed_files, {}
        complete = False
        try:
            failed = False
            for result in super().post_process(paths, dry_run, **options):
                failed = failed or isinstance(result[2], Exception)
                yield result
            complete = not failed and not dry_run
        finally:
            if not complete:
                self.hashed_files = before
        if complete:
            self.save_manifest()

    def stored_name(self, name: str) -> str:
        """Return the name of the file's hashed copy as the manifest has it.

        Raises:
            ValueError: it is not there; or, if `manifest_strict` is off, the file is not there either.
        """
        clean = self.clean_name(name).strip()
        found = self.hashed_files.get(self.hash_key(clean))
        if found is None:
            if self.manifest_strict:
                raise ValueError(f"Missing staticfiles manifest entry for '{clean}'.{self._hint(clean)}")
            found = self.hashed_name_on_disk(clean)
        return found

    def _hint(self, name: str) -> str:
        if not self.hashed_files:
            return " The manifest is empty or missing: run collectstatic."
        return did_you_mean(name, self.hashed_files) or " If the file is a new one, run collectstatic."


class ManifestStaticFilesStorage(ManifestFilesMixin, StaticFilesStorage):
    """settings.STATIC_ROOT with a hash in each name and the manifest "staticfiles.json"."""


class ConfiguredStorage(LazyObject):
    """The storage with the alias "staticfiles" in settings.STORAGES, made when it is first used."""

    def _setup(self) -> None:
        self._wrapped = storages[STATICFILES_STORAGE_ALIAS]


staticfiles_storage: Any = ConfiguredStorage()


def _with_hash(path: str, digest: str | None) -> str:
    root, suffix = posixpath.splitext(path)
    return f"{root}.{digest}{suffix}" if digest else path


def _forget_storage() -> None:
    staticfiles_storage._wrapped = empty


forget_when_changed("STORAGES", "STATIC_ROOT", "STATIC_URL", forget=_forget_storage)
