"""Sessions in files, one each, in the folder settings.SESSION_FILE_PATH (default: the machine's for temporary files).

A file is named after the hash of its key: who can list the folder, and anybody can list the machine's, must not learn
keys from it, for a key is as good as a login. A file is readable by the site's own user alone, and is replaced as a
whole, so that no reader sees half of one. `manage.py clearsessions` removes what has expired.

Source: Django's topic "How to use sessions", section "Using file-based sessions".
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

from miniframe.conf import place_of, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.files.own import locked_own, open_own
from miniframe.sessions.backends.base import CreateError, SessionBase, UpdateError
from miniframe.sessions.exceptions import InvalidSessionKey
from miniframe.utils._os import replacing
from miniframe.utils.crypto import get_random_string

__all__ = ["SessionStore"]

_KEY = re.compile("[a-z0-9]{8,128}")
_FILE = re.compile(r"[0-9a-f]{64}(?P<unfinished>\.[a-zA-Z0-9]+\.tmp)?")
_WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class SessionStore(SessionBase):
    """A session in a file of its own, named after the cookie and the hash of the key."""

    _storage_path: str
    _configured_path: Any = None

    def __init__(self, session_key: str | None = None) -> None:
        self.storage_path: str = self._get_storage_path()
        self.file_prefix: str = settings.SESSION_COOKIE_NAME
        super().__init__(session_key)

    @classmethod
    def _get_storage_path(cls) -> str:
        """Return the folder; it is looked at again when the setting has another value.

        Raises:
            ImproperlyConfigured: there is no such folder.
        """
        configured = settings.SESSION_FILE_PATH
        if "_storage_path" not in cls.__dict__ or configured != cls._configured_path:
            cls._storage_path = _folder(configured)
            cls._configured_path = configured
        return cls._storage_path

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None

    def _key_to_file(self, session_key: str | None = None) -> str:
        """Return the path of a session's file; without a key, this session's, which gets one if it has none.

        Raises:
            InvalidSessionKey: the key has characters that ours have not, such as those of a path.
        """
        key = session_key or self._get_or_create_session_key()
        if not _KEY.fullmatch(key):
            raise InvalidSessionKey("Invalid characters in session key")
        return os.path.join(self.storage_path, self.file_prefix + hashlib.sha256(key.encode()).hexdigest())

    def load(self) -> dict[str, Any]:
        """Return the data in the file; without one, or with one that has expired, nothing."""
        if self.session_key is not None:
            try:
                text, saved = _read(self._key_to_file())
            except OSError:
                pass
            else:
                data = self.decode(text)  # gives up the key if this is none of ours
                if not self._has_expired(saved, data):
                    return data
                self.delete()
        # A key that we do not know is never taken over: somebody may have planted it.
        self._session_key = None
        return {}

    def create(self) -> None:
        """Store the session, empty, under a new key."""
        self._create_under_new_key()

    def save(self, must_create: bool = False) -> None:
        """Write the data to a file beside the session's, and put that in its place.

        Raises:
            CreateError: it was to be new, and the key is taken.
            UpdateError: it was there before, and is no longer.
        """
        if self.session_key is None:
            self.create()
            return
        text = self.encode(self._get_session(no_load=must_create))
        path = self._key_to_file()
        if must_create:
            _reserve(path)
            _replace(path, text.encode("latin-1"))
            return
        try:
            # Else a logout between a look and the writing would be undone.
            with locked_own(path):
                _replace(path, text.encode("latin-1"))
        except FileNotFoundError:
            raise UpdateError from None

    def exists(self, session_key: str) -> bool:
        """Return whether there is a file for this key."""
        return bool(session_key) and os.path.exists(self._key_to_file(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session's file; without a key, this session's.

        Raises:
            OSError: it is there and stays there, so that a logout must not look like one.
        """
        key = session_key or self.session_key
        if key is None:
            return
        try:
            path = self._key_to_file(key)
            with locked_own(path):
                os.unlink(path)
        except (FileNotFoundError, InvalidSessionKey):
            pass  # which is what was wanted

    @classmethod
    def clear_expired(cls) -> None:
        """Remove the files of sessions that have expired, and what a crash left half written."""
        store = cls()
        with os.scandir(store.storage_path) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(store.file_prefix)]
        for name in names:
            found = _FILE.fullmatch(name, len(store.file_prefix))
            if found is None:
                continue  # somebody else's
            path = os.path.join(store.storage_path, name)
            try:
                text, saved = _read(path)
                if store._has_expired(saved, {} if found["unfinished"] else store.decode(text)):
                    os.unlink(path)
            except OSError:
                pass  # another process was quicker


def _folder(configured: Any) -> str:
    if configured:
        path = os.fspath(configured)
    else:
        import tempfile  # 5 ms, and most sites name a folder

        path = tempfile.gettempdir()
    if not os.path.isdir(path):
        raise ImproperlyConfigured(
            f"{place_of('SESSION_FILE_PATH')} is {str(configured)!r}, and there is no such folder. Make it, "
            "writable for the user that runs the site and for nobody else."
        )
    return str(path)


def _read(path: str) -> tuple[str, float]:
    """Return a file's text and when it was written, in seconds since 1970.

    Raises:
        OSError: it cannot be read.
    """
    with open_own(path) as file:
        return file.read().decode("latin-1"), os.fstat(file.fileno()).st_mtime


def _reserve(path: str) -> None:
    """Make an empty file, so that the key is taken.

    Raises:
        CreateError: it is taken already.
    """
    try:
        os.close(os.open(path, _WRITE_NEW, 0o600))
    except FileExistsError:
        raise CreateError from None


def _replace(path: str, content: bytes) -> None:
    unfinished = f"{path}.{get_random_string(8)}.tmp"  # by this name `clear_expired` knows what a crash has left
    with replacing(path, unfinished), open(os.open(unfinished, _WRITE_NEW, 0o600), "wb") as file:
        file.write(content)
