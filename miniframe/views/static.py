"""Serve files below one folder, for development and small sites; a web server does it better.

A request costs one `open` and one `fstat`. A file of one block is read at once, and goes out with the head of the
answer; a larger one is streamed, and servers that can hand a file to the kernel do.

Source: Django's how-to "How to manage static files", section "Serving files uploaded by a user during development";
RFC 9110, sections 8.8 and 13 for the validators.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from miniframe.conf import settings
from miniframe.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified
from miniframe.template import TemplateDoesNotExist
from miniframe.template.loader import render_to_string
from miniframe.template.signals import template_rendered
from miniframe.utils._os import safe_join
from miniframe.utils.http import http_date, parse_etags, parse_http_date_safe
from miniframe.utils.text import escape_controls
from miniframe.views.defaults import own_page

__all__ = ["directory_index", "send", "serve", "was_modified_since"]

# What the system says when there is no such file, in all the ways a client can ask for one that cannot be: below a
# file, with a name longer than names can be, in a circle of links; and what can be opened by nobody, as a socket.
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENXIO, errno.ENODEV}
# Opening a named pipe waits for somebody to write into it, unless told not to.  On a file it changes nothing.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def serve(
    request: Any, path: str, document_root: str | os.PathLike[str] | None = None, show_indexes: bool = False
) -> HttpResponse | FileResponse:
    """Answer with the file `path` below `document_root`, or with 304 if the client has it already.

    With `show_indexes` a folder is answered with the list of its files.

    Raises:
        Http404: there is no such file, or no file can have such a name.
        SuspiciousFileOperation: the path leads out of the folder.
        PermissionError: the server may not read the file.
    """
    path = posixpath.normpath(path).lstrip("/")
    return send(request, path, safe_join(document_root or "", path), show_indexes)


def send(request: Any, path: str, full_path: str, show_indexes: bool = False) -> HttpResponse | FileResponse:
    """Answer with the file at `full_path`, which the client knows as `path`, in the way of `serve`.

    Raises:
        Http404, PermissionError: as `serve`.
    """
    descriptor = _open(path, full_path)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return _no_file(path, full_path, status.st_mode, show_indexes)
    fields = _fields(status.st_mtime_ns, status.st_size, settings.DEBUG)
    response: HttpResponse | FileResponse
    if _client_has_it(request.META, fields, status.st_mtime_ns // 10**9):
        os.close(descriptor)
        response = HttpResponseNotModified()
    elif status.st_size <= FileResponse.block_size and "HTTP_RANGE" not in request.META:
        response = _SmallFile(_read(descriptor, status.st_size), full_path)
    else:
        response = _StaticFile(os.fdopen(descriptor, "rb", buffering=0), status.st_size, full_path)
    # Our own words need no check, so they go straight to where the response keeps them.
    response.headers._store.update(fields)
    return response


@lru_cache(maxsize=1024)
def _fields(mtime: int, size: int, debug: bool) -> dict[str, tuple[str, str]]:
    """Return the header fields that do not depend on a file's name; `mtime` is in nanoseconds."""
    fields = {
        "last-modified": ("Last-Modified", http_date(mtime // 10**9)),
        # An upload that says it is a picture is none to a browser that looks into it for a script.
        "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
    }
    if debug:
        # Browsers keep what has no rule for as long as they like; while somebody edits a style sheet they must ask.
        fields["cache-control"] = ("Cache-Control", "no-cache")
        fields["etag"] = ("ETag", f'"{mtime:x}-{size:x}"')
    return fields


def _open(path: str, full_path: str) -> int:
    try:
        return os.open(full_path, _FLAGS)
    except ValueError as error:  # a NUL or a lone surrogate
        raise Http404("No file can have this name.") from error
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise
        raise Http404(f"“{escape_controls(path)}” does not exist") from error


def _no_file(path: str, full_path: str, mode: int, show_indexes: bool) -> HttpResponse:
    if not stat.S_ISDIR(mode):
        raise Http404(f"“{escape_controls(path)}” is not a file")
    if not show_indexes:
        raise Http404("Directory indexes are not allowed here.")
    return directory_index(path, Path(full_path))


class _StaticFile(FileResponse):
    """A FileResponse whose headers are known already: nothing is measured or guessed twice."""

    def __init__(self, file: Any, size: int, path: str) -> None:
        content_type, encoding = _content_type(path.rpartition(os.sep)[2])
        super().__init__(file, content_type=content_type)
        self._add_fields(size, encoding)

    def _add_fields(self, size: int, encoding: str | None) -> None:
        self.headers._store["content-length"] = ("Content-Length", str(size))
        if encoding:
            self.headers["Content-Encoding"] = encoding

    def set_headers(self, filelike: Any) -> None:
        """Do nothing; `__init__` has done it."""


class _SmallFile(_StaticFile):
    """A file of one block, read already, for a request that asks for no part of it."""

    def __init__(self, content: bytes, path: str) -> None:
        content_type, encoding = _content_type(path.rpartition(os.sep)[2])
        # Past FileResponse, which would look for something to read, to measure and to close.
        HttpResponseBase.__init__(self, content_type)
        self._iterator = iter((content,))
        self._add_fields(len(content), encoding)

    def __iter__(self) -> Iterator[bytes]:
        # A server that knows this iterator sends all at once; a middleware may have put another in its place.
        pieces: Iterator[bytes] = self._iterator
        return pieces if type(pieces) is _OF_TUPLE else super().__iter__()

    def settle(self, request: Any) -> None:
        """Offer parts of the file, as of any other."""
        fields = self.headers._store
        if self.status_code == 200 and "content-length" in fields and "accept-ranges" not in fields:
            fields["accept-ranges"] = ("Accept-Ranges", "bytes")


_OF_TUPLE = type(iter(()))


def _read(descriptor: int, size: int) -> bytes:
    """Return the content of a file, which is closed then; less of one that has shrunk meanwhile."""
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=1024)
def _content_type(name: str) -> tuple[str, str | None]:
    # mimetypes reads the system's tables when it is first used.
    import mimetypes

    content_type, encoding = mimetypes.guess_type(name)
    return content_type or "application/octet-stream", encoding


def _client_has_it(meta: dict[str, Any], fields: dict[str, tuple[str, str]], mtime: int) -> bool:
    known = meta.get("HTTP_IF_NONE_MATCH")
    if known:
        # It goes before the date: two saves within one second have one date (RFC 9110, section 13.2.2).
        etags, (_, etag) = parse_etags(known), fields.get("etag", ("", ""))
        return bool(etag) and (etag in etags or f"W/{etag}" in etags or "*" in etags)
    since = meta.get("HTTP_IF_MODIFIED_SINCE")
    return since is not None and not was_modified_since(since, mtime)


def was_modified_since(header: str | None = None, mtime: float = 0) -> bool:
    """Return whether `mtime`, in seconds since 1970, is after the date of an If-Modified-Since header.

    A missing or malformed date means yes.
    """
    since = parse_http_date_safe(header) if header else None
    return since is None or int(mtime) > since


_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Index of {directory}</title>
<style>:root{{color-scheme:light dark}}
body{{font:1rem/1.7 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.3rem}}ul{{list-style:none;padding:0}}a{{text-decoration:none}}a:hover{{text-decoration:underline}}</style>
</head>
<body>
<h1>Index of {directory}</h1>
<ul>
{rows}
</ul>
</body>
</html>
"""


class _BuiltInIndex:
    """What test clients are told that the page was rendered with."""

    name = "static/directory_index.html"


def directory_index(path: str, fullpath: Path) -> HttpResponse:
    """Return a page that lists a folder, hidden files left out.

    A project's template static/directory_index.html is used if there is one; it gets `directory` and `file_list`.
    """
    names = sorted(
        f"{entry.name}/" if entry.is_dir() else entry.name for entry in fullpath.iterdir() if entry.name[0] != "."
    )
    directory = f"{path}/"
    context = {"directory": directory, "file_list": names}
    if settings.TEMPLATES:
        try:
            return HttpResponse(render_to_string(_BuiltInIndex.name, context))
        except TemplateDoesNotExist:
            pass
    if template_rendered.receivers:
        template_rendered.send(sender=_BuiltInIndex, template=_BuiltInIndex, context=context)
    above = [] if directory == "./" else ["../"]
    from miniframe.utils.html import escape  # with all entities of HTML: 2 ms that no file needs

    # "./" before a name with a colon in it, which would else be a scheme (RFC 3986, section 4.2).
    rows = "\n".join(f'<li><a href="./{quote(name)}">{escape(name)}</a></li>' for name in [*above, *names])
    return own_page(HttpResponse(_INDEX.format(directory=escape(directory), rows=rows)))
