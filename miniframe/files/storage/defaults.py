"""What storages read from settings unless they were told otherwise.

Source: Django's reference "Settings", sections "MEDIA_ROOT", "MEDIA_URL" and "FILE_UPLOAD_PERMISSIONS".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urljoin

from miniframe.conf import settings
from miniframe.utils.encoding import filepath_to_uri

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["FileSettings", "Live", "moment"]

T = TypeVar("T")


class Live(Generic[T]):
    """An attribute that is computed each time it is read, because the settings behind it may change.

    One that was assigned to an instance stays as it is: this is no data descriptor.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute

    def __get__(self, storage: Any, owner: type) -> T:
        return self.compute(storage)


class FileSettings:
    """The arguments that storages of files share, each with its setting as the default."""

    setting_of_location = "MEDIA_ROOT"
    setting_of_base_url = "MEDIA_URL"

    def __init__(
        self,
        location: Any = None,
        base_url: Any = None,
        file_permissions_mode: int | None = None,
        directory_permissions_mode: int | None = None,
    ) -> None:
        given = {
            "location": location,
            "base_url": base_url,
            "file_permissions_mode": file_permissions_mode,
            "directory_permissions_mode": directory_permissions_mode,
        }
        self._given = {name: value for name, value in given.items() if value is not None}

    def _given_or(self, name: str, setting: str) -> Any:
        return self._given[name] if name in self._given else getattr(settings, setting)

    base_location: Live[Any] = Live(lambda self: self._given_or("location", self.setting_of_location))
    """The folder of the files, as it was given."""

    location: Live[Any] = Live(lambda self: os.path.abspath(self.base_location))
    """The absolute path of that folder."""

    base_url: Live[Any] = Live(lambda self: _with_slash(self._given_or("base_url", self.setting_of_base_url)))
    """What the addresses of the files begin with, a slash at its end.  None: they have no address."""

    file_permissions_mode: Live[Any] = Live(
        lambda self: self._given_or("file_permissions_mode", "FILE_UPLOAD_PERMISSIONS")
    )
    """The mode of new files; None leaves it to the system."""

    directory_permissions_mode: Live[Any] = Live(
        lambda self: self._given_or("directory_permissions_mode", "FILE_UPLOAD_DIRECTORY_PERMISSIONS")
    )
    """The mode of new folders; None leaves it to the system."""

    def url(self, name: Any) -> str:
        """Return the address of the file `name`; what a path of an address cannot hold is percent-encoded.

        Raises:
            ValueError: the storage has no `base_url`.
        """
        base = self.base_url
        if base is None:
            raise ValueError("This file is not accessible via a URL.")
        return _address(str(base), None if name is None else str(name))


def _with_slash(url: Any) -> Any:
    return url if url is None or url.endswith("/") else f"{url}/"


@lru_cache(maxsize=1024)
def _address(base: str, name: str | None) -> str:
    # A name that begins with slashes would else lead to another host.
    relative: str = filepath_to_uri(name).lstrip("/") if name else ""
    return urljoin(base, relative)


def moment(timestamp: float) -> datetime:
    """Return seconds since 1970 as a datetime: aware (UTC) if settings.USE_TZ is set, else naive and local."""
    from datetime import UTC, datetime  # 2 ms that a site which only serves files can do without

    return datetime.fromtimestamp(timestamp, UTC if settings.USE_TZ else None)
