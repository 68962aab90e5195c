"""Requests and responses: the names that views and middleware import."""

from __future__ import annotations

from miniframe.exceptions import (
    BadHeaderError,
    Http404,
    MultiPartParserError,
    RawPostDataException,
    UnreadablePostError,
)
from miniframe.http.accept import MediaType, parse_accept
from miniframe.http.attributes import lazy
from miniframe.http.base import HttpResponseBase
from miniframe.http.cookie import SimpleCookie, parse_cookie
from miniframe.http.headers import HttpHeaders, ResponseHeaders
from miniframe.http.querydict import QueryDict
from miniframe.http.request import HttpRequest, UnsupportedMediaType
from miniframe.http.response import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    HttpResponseGone,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    HttpResponseServerError,
    JsonResponse,
)
from miniframe.http.streaming import FileResponse, StreamingHttpResponse

__all__ = [
    "BadHeaderError",
    "FileResponse",
    "Http404",
    "HttpHeaders",
    "HttpRequest",
    "HttpResponse",
    "HttpResponseBadRequest",
    "HttpResponseBase",
    "HttpResponseForbidden",
    "HttpResponseGone",
    "HttpResponseNotAllowed",
    "HttpResponseNotFound",
    "HttpResponseNotModified",
    "HttpResponsePermanentRedirect",
    "HttpResponseRedirect",
    "HttpResponseServerError",
    "JsonResponse",
    "MediaType",
    "MultiPartParserError",
    "QueryDict",
    "RawPostDataException",
    "ResponseHeaders",
    "SimpleCookie",
    "StreamingHttpResponse",
    "UnreadablePostError",
    "UnsupportedMediaType",
    "lazy",
    "parse_accept",
    "parse_cookie",
]
