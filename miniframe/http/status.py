"""Status codes: their reason phrases and the ready-made status lines of PEP 3333.

Source: RFC 9110, section 15, and the IANA registry of HTTP status codes.
"""

from __future__ import annotations

import re

from miniframe.exceptions import BadHeaderError

__all__ = ["REASON_PHRASES", "STATUS_LINES", "check_reason_phrase"]

REASON_PHRASES: dict[int, str] = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    208: "Already Reported",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a Teapot",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Required",
}

STATUS_LINES: dict[int, str] = {code: f"{code} {phrase}" for code, phrase in REASON_PHRASES.items()}

# reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )   RFC 9112, section 4
_REASON_PHRASE = r"[\t\x20-\x7e\x80-\xff]*"


def check_reason_phrase(phrase: str) -> str:
    """Return `phrase` as it is.

    Raises:
        BadHeaderError: it holds a control character (a line break would start a header of its own)
            or one that latin-1 cannot write.
    """
    if not re.fullmatch(_REASON_PHRASE, phrase):
        raise BadHeaderError(f"the reason phrase {phrase!r} holds a control character or one outside latin-1")
    return phrase
