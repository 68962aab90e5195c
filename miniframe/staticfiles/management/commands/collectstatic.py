"""`collectstatic`: bring all static files together where a web server, or a storage elsewhere, serves them.

Every file is written beside its place and then put there in one step, so a site that is running while this
command does never serves half a file.

Source: Django's reference "The staticfiles app", section "collectstatic".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from miniframe.apps import apps
from miniframe.checks import Tags
from miniframe.conf import settings
from miniframe.files.storage import FileSystemStorage, Storage
from miniframe.management.base import BaseCommand, CommandError
from miniframe.management.parser import CommandParser
from miniframe.staticfiles.finders import get_finders
from miniframe.staticfiles.storage import staticfiles_storage
from miniframe.utils._os import replacing
from miniframe.utils.crypto import get_random_string

__all__ = ["Command"]

T = TypeVar("T")
Found = dict[str, tuple[Any, str]]


class Command(BaseCommand):
    """Copy, or link, the files of all finders into the storage with the alias "staticfiles"."""

    help = "Collect static files in a single location."
    requires_system_checks: Sequence[str] | str = (Tags.staticfiles,)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.copied_files: list[str] = []
        self.symlinked_files: list[str] = []
        self.unmodified_files: list[str] = []
        self.post_processed_files: list[str] = []
        self.skipped_files: list[str] = []
        self.deleted_files: list[str] = []
        self.storage: Any = staticfiles_storage

    @property
    def local(self) -> bool:
        """Whether the storage can tell where on this machine its files lie."""
        return _path(self.storage, "") is not None

    def is_local_storage(self) -> bool:
        """Return whether the storage is a folder of this machine."""
        return isinstance(self.storage, FileSystemStorage)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to collect, how, and whether to ask first."""
        add = parser.add_argument
        add(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Do not ask before files are overwritten or deleted.",
        )
        add(
            "--no-post-process",
            action="store_false",
            dest="post_process",
            help="Leave out the storage's second step, which for hashed names is to make the copies.",
        )
        add(
            "-i",
            "--ignore",
            metavar="PATTERN",
            dest="ignore_patterns",
            default=[],
            action="append",
            help="Leave out files and folders that fit this glob-style pattern. May be given several times.",
        )
        add("-n", "--dry-run", action="store_true", help="Say what would be done, and do none of it.")
        add("-c", "--clear", action="store_true", help="Delete all that is in the storage before.")
        add("-l", "--link", action="store_true", help="Make a symbolic link to each file instead of a copy.")
        add(
            "--no-default-ignore",
            action="store_false",
            dest="use_default_ignore_patterns",
            help="Do not leave out what is private by custom: 'CVS', '.*' and '*~'.",
        )

    def set_options(self, **options: Any) -> None:
        """Take over the options of the command line."""
        self.interactive: bool = options["interactive"]
        self.verbosity: int = options["verbosity"]
        self.symlink: bool = options["link"]
        self.clear: bool = options["clear"]
        self.dry_run: bool = options["dry_run"]
        self.post_process: bool = options["post_process"]
        patterns = list(options["ignore_patterns"])
        if options["use_default_ignore_patterns"]:
            patterns += getattr(apps.get_app_config("staticfiles"), "ignore_patterns", [])
        self.ignore_patterns: list[str] = list(dict.fromkeys(os.path.normpath(pattern) for pattern in patterns))

    def handle(self, **options: Any) -> str | None:
        """Ask if something is to be lost, collect, and tell what came of it."""
        self.set_options(**options)
        if self.is_local_storage():
            self.storage.path("")  # complains if STATIC_ROOT is not set, before anybody is asked anything
        if self.interactive and not self.dry_run:
            self._ask()
        try:
            collected = self.collect()
        except OSError as error:
            # Who calls this from code gets the exception itself; on a terminal its text is what helps.
            if not self._called_from_command_line:
                raise
            raise CommandError(f"Static files could not be collected: {error}") from error
        return self._summary(collected) if self.verbosity >= 1 else None

    def _ask(self) -> None:
        """Go on if there is nothing to lose, or the answer is "yes".

        Raises:
            CommandError: it is another one, or there is nobody to answer.
        """
        place = self.storage.location if self.is_local_storage() else None
        if place and not (os.path.isdir(place) and any(self.storage.listdir(""))):
            return
        loss = "This will DELETE ALL FILES in this location!" if self.clear else "This will overwrite existing files!"
        question = (
            f"\nStatic files are to be collected{f' in {place}' if place else ''}, as the settings say.\n{loss}\n"
            f"Are you sure you want to do this?\n\nType 'yes' to continue, or 'no' to cancel: "
        )
        try:
            answer = input(question)
        except EOFError:
            self.stdout.write()
            raise CommandError("Collecting static files cancelled: there is nobody to ask. Add --noinput.") from None
        except KeyboardInterrupt:
            self.stdout.write()
            raise CommandError("Collecting static files cancelled.") from None
        if answer.strip() != "yes":
            raise CommandError("Collecting static files cancelled.")

    def collect(self) -> dict[str, list[str]]:
        """Do it, and return the names of the files in lists: "modified", "unmodified" and "post_processed".

        Raises:
            CommandError: links were asked for, and the storage is not on this machine.
        """
        if self.symlink and not self.local:
            raise CommandError("Can't symlink to a remote destination. Collect without --link.")
        found = self._find()
        if self.clear:
            self._refuse_to_clear_what_is_needed(found)
            self.clear_dir("")
        handle, doing = (self.link_file, "Linking") if self.symlink else (self.copy_file, "Copying")
        for name, (storage, path) in self._with_progress(found.items(), doing, len(found)):
            handle(path, name, storage)
        if self._post_processes:
            self._post_process(found)
        return {
            "modified": self.copied_files + self.symlinked_files,
            "unmodified": self.unmodified_files,
            "post_processed": self.post_processed_files,
            "skipped": self.skipped_files,
            "deleted": self.deleted_files,
        }

    @property
    def _post_processes(self) -> bool:
        return self.post_process and not self.dry_run and hasattr(self.storage, "post_process")

    def _find(self) -> Found:
        """Return all files by the names they will have; of two with one name the first counts."""
        found: Found = {}
        for finder in get_finders():
            for path, storage in finder.list(self.ignore_patterns):
                prefix = getattr(storage, "prefix", None)
                name = os.path.join(prefix, path) if prefix else path
                if name not in found:
                    found[name] = (storage, path)
                    continue
                self.skipped_files.append(name)
                self.log(
                    f"Found another file with the destination path '{name}': {_path(storage, path) or path} is left "
                    f"out, because the first one counts. If both are wanted, give one of them another name."
                )
        return found

    def _with_progress(self, items: Iterable[T], label: str, length: int) -> Iterable[T]:
        """Return `items`, with a bar on the terminal unless each is reported in a line of its own."""
        if self.verbosity == 1 and length and self.stdout.isatty():
            return self.progress(items, label=label, length=length)
        return items

    def _post_process(self, found: Found) -> None:
        """Let the storage have its second step.

        Raises:
            Exception: what it had to say about files that could not be processed; of several the first.
        """
        errors: dict[str, Exception] = {}
        results = self.storage.post_process(found, dry_run=False)
        for name, processed_name, processed in self._with_progress(results, "Post-processing", len(found)):
            if isinstance(processed, Exception):
                errors[name] = processed
            elif processed:
                self.log(f"Post-processed '{name}' as '{processed_name}'", level=2)
                self.post_processed_files.append(name)
            else:
                self.log(f"Skipped post-processing '{name}'", level=2)
        if errors:
            self._fail(errors)

    def _fail(self, errors: dict[str, Exception]) -> NoReturn:
        # Not before the end: a bar may be on the terminal's line.
        for name in errors:
            self.stderr.write(f"Post-processing '{name}' failed!\n")
            self.stderr.write()
        first = next(iter(errors.values()))
        if not self._called_from_command_line:
            raise first
        raise CommandError("\n".join(_described(name, error) for name, error in errors.items())) from first

    def _summary(self, collected: dict[str, list[str]]) -> str:
        """Return the last line: how many files, and where they are now."""
        count = len(collected["modified"])
        action = "symlinked" if self.symlink else "copied"
        place = f" to '{self.storage.location}'" if self.is_local_storage() and self.storage.location else ""
        parts = [
            f"{count} static file{'' if count == 1 else 's'} {action}{place}",
            *(
                f"{len(names)} {words}"
                for names, words in (
                    (collected["unmodified"], "unmodified"),
                    (collected["post_processed"], "post-processed"),
                    (collected["skipped"], "hidden by others of the same name"),
                    (collected["deleted"], "deleted before"),
                )
                if names or (words == "post-processed" and self._post_processes)
            ),
        ]
        prefix = "Nothing was changed (--dry-run). It would be: " if self.dry_run else ""
        return f"\n{prefix}{', '.join(parts)}."

    def log(self, msg: str, level: int = 2) -> None:
        """Print a line if the verbosity is at least `level`."""
        if self.verbosity >= level:
            self.stdout.write(msg)

    def _refuse_to_clear_what_is_needed(self, found: Found) -> None:
        """Raise CommandError if --clear would delete the files that are to be collected, or the project."""
        if not self.is_local_storage():
            return
        root = os.path.realpath(self.storage.location).rstrip(os.sep) + os.sep
        module = sys.modules.get(getattr(settings, "SETTINGS_MODULE", None) or "")
        files = [storage.path(path) for storage, path in found.values() if isinstance(storage, FileSystemStorage)]
        for file in (*files, getattr(module, "__file__", None)):
            if file and os.path.realpath(file).startswith(root):
                raise CommandError(
                    f"--clear would delete {file}, since STATIC_ROOT is {self.storage.location}. "
                    f"Set it to a folder of its own."
                )

    def clear_dir(self, path: str) -> None:
        """Delete the files in and below a folder of the storage; links are deleted and not followed."""
        if not self.storage.exists(path):
            return
        folders, files = self.storage.listdir(path)
        for name in files:
            self._clear_one(os.path.join(path, name))
        for name in folders:
            below = os.path.join(path, name)
            if self.local and os.path.islink(self.storage.path(below)):
                self._clear_one(below)
                continue
            self.clear_dir(below)
            if self.is_local_storage() and not self.dry_run:
                self.storage.delete(below)

    def _clear_one(self, name: str) -> None:
        self.deleted_files.append(name)
        if self.dry_run:
            self.log(f"Pretending to delete '{name}'", level=1)
        else:
            self.log(f"Deleting '{name}'")
            self.storage.delete(name)

    def delete_file(self, path: str, prefixed_path: str, source_storage: Storage) -> bool:
        """Return whether the file has to be written, and make room for it where the storage does not do so itself."""
        if not self.storage.exists(prefixed_path):
            return True
        if self._is_up_to_date(path, prefixed_path, source_storage):
            self.unmodified_files.append(prefixed_path)
            self.log(f"Skipping '{path}' (not modified)")
            return False
        if self.dry_run:
            self.log(f"Pretending to delete '{path}'")
        elif not self._replaces(prefixed_path):
            self.log(f"Deleting '{path}'")
            self.storage.delete(prefixed_path)
        return True

    def _replaces(self, name: str) -> bool:
        """Return whether saving under a name that is taken replaces what is there."""
        return self.is_local_storage() and bool(self.storage.is_name_available(name))

    def _is_up_to_date(self, path: str, name: str, source: Storage) -> bool:
        """Return whether the storage's file is as new as the source, of its size, and a link if one is wanted."""
        try:
            # Whole seconds: not every file system keeps more.
            theirs = self.storage.get_modified_time(name).replace(microsecond=0)
            ours = source.get_modified_time(path).replace(microsecond=0)
        except (OSError, NotImplementedError):
            return False
        if theirs < ours:
            return False
        if not self.local:
            return True
        if self.symlink != os.path.islink(self.storage.path(name)):
            return False
        try:
            return bool(self.storage.size(name) == source.size(path))
        except (OSError, NotImplementedError):
            return True

    def link_file(self, path: str, prefixed_path: str, source_storage: Storage) -> None:
        """Make a symbolic link to the file, unless it is there.

        Raises:
            CommandError: the system cannot.
        """
        if not self.delete_file(path, prefixed_path, source_storage):
            return
        self.symlinked_files.append(prefixed_path)
        source_path = source_storage.path(path)
        if self.dry_run:
            self.log(f"Pretending to link '{source_path}'", level=1)
            return
        self.log(f"Linking '{source_path}'")
        target = self.storage.path(prefixed_path)
        # Beside its place first: a link cannot be made over a file, and there must be no moment without either.
        temporary = os.path.join(os.path.dirname(target), f".{get_random_string(12)}.tmp")
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with replacing(target, temporary):
                os.symlink(source_path, temporary)
        except (OSError, NotImplementedError) as error:
            raise CommandError(f"Could not make a link to {source_path}: {error}. Collect without --link.") from error

    def copy_file(self, path: str, prefixed_path: str, source_storage: Storage) -> None:
        """Save the file in the storage, unless it is there."""
        if not self.delete_file(path, prefixed_path, source_storage):
            return
        self.copied_files.append(prefixed_path)
        if self.dry_run:
            self.log(f"Pretending to copy '{_path(source_storage, path) or path}'", level=1)
            return
        self.log(f"Copying '{_path(source_storage, path) or path}'")
        with source_storage.open(path) as file:
            self.storage.save(prefixed_path, file)


def _path(storage: Storage, name: str) -> str | None:
    try:
        return storage.path(name)
    except NotImplementedError:
        return None


def _described(name: str, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{name} is not UTF-8, as style sheets and scripts have to be: {error}"
    return str(error)
