"""Errors of the API: always JSON, always of one shape, always with a word on how to mend it."""

from __future__ import annotations

from collections.abc import Mapping

from miniframe.http import JsonResponse


class ApiError(Exception):
    """Ends the request with `status`; `fields` says what is wrong with which part of it."""

    def __init__(self, status: int, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = dict(fields or {})


def error_response(status: int, message: str, fields: Mapping[str, str] | None = None) -> JsonResponse:
    """Return an error in the API's one shape."""
    error: dict[str, object] = {"status": status, "message": message}
    if fields:
        error["fields"] = dict(fields)
    return JsonResponse({"error": error}, status=status)
