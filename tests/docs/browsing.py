"""Look at pages as a reader's browser does: their text, line by line, and their forms, by the labels of the fields.

Not here: scripts and looks; `tests/browser` has a real browser.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import requests
import urllib3

__all__ = ["Browser", "Form", "text_of"]

_BLOCKS = frozenset(
    "address article aside blockquote body dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "head header hr label legend li main nav ol p pre section summary table tbody thead title tr ul br button".split()
)


@dataclass
class Form:
    """A form: where it goes, its fields' values by name, their names by label, and what stands on its buttons."""

    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collect a page's lines of text, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.forms: list[Form] = []
        self.hidden = 0
        self.label: list[str] | None = None
        self.label_for = ""
        self.area = ""
        self.button: list[str] | None = None
        self.by_id: dict[str, str] = {}
        self.named: list[tuple[Form, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self.hidden += 1
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag in ("td", "th"):
            self.parts.append(" ")
        if tag == "form":
            self.forms.append(Form(have.get("action", ""), have.get("method", "get").lower()))
        elif tag == "label":
            self.label, self.label_for = [], have.get("for", "")
        elif tag in ("input", "textarea", "select", "button") and self.forms:
            self._field(tag, have)
        elif tag == "option" and self.area and "selected" in have:
            self.forms[-1].values[self.area] = have.get("value", "")

    def _field(self, tag: str, have: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], have.get("name", ""), have.get("type", "")
        if tag == "button":
            self.button = []
        if not name or tag == "button" or kind in ("submit", "reset"):
            return
        if have.get("id"):
            self.by_id[have["id"]] = name
        if self.label is not None and not self.label_for:
            self.named.append((form, name, ""))
            form.labels[_tidy("".join(self.label))] = name
        if kind not in ("checkbox", "radio") or "checked" in have:
            form.values[name] = have.get("value", "on" if kind == "checkbox" else "")
        if tag in ("textarea", "select"):
            self.area = name

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag in ("textarea", "select"):
            self.area = ""
        if tag == "button" and self.button is not None:
            self.forms[-1].buttons.append(_tidy("".join(self.button)))
            self.button = None
        if tag == "label" and self.label is not None:
            if self.label_for and self.forms:
                self.named.append((self.forms[-1], self.label_for, _tidy("".join(self.label))))
            self.label = None

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.area and self.forms:
            self.forms[-1].values[self.area] = (self.forms[-1].values.get(self.area, "") + data).lstrip("\n")
        if self.label is not None:
            self.label.append(data)
        if self.button is not None:
            self.button.append(data)
        self.parts.append(re.sub(r"\s+", " ", data))

    def finished(self) -> list[Form]:
        for form, identifier, label in self.named:
            if label and identifier in self.by_id:
                form.labels[label] = self.by_id[identifier]
        return self.forms


def _tidy(text: str) -> str:
    return " ".join(text.split()).rstrip(":")


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def text_of(html: str) -> str:
    """Return what a page says, without its tags."""
    lines = ("".join(_read(html).parts)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


class Browser:
    """One reader's browser: it keeps cookies, follows redirects, and fills in forms."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept"] = "text/html"
        self.page: requests.Response | None = None

    def open(self, address: str) -> str:
        """Return the text of the page there."""
        return self._ask("GET", address)

    def _ask(self, method: str, address: str, **arguments: Any) -> str:
        with warnings.catch_warnings():
            # A certificate that a page has made itself is as good as any on this machine.
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            self.page = self.session.request(method, address, timeout=20, verify=False, **arguments)
        return self.text()

    def text(self) -> str:
        """Return the text of the page that was opened last."""
        assert self.page is not None, "no page has been opened yet"
        if "html" not in self.page.headers.get("Content-Type", ""):
            return self.page.text
        return text_of(self.page.text)

    def send(self, filled_in: dict[str, str]) -> str:
        """Fill in the form of the open page that has these labels, send it, and return the text that follows.

        Raises:
            ValueError: no form of the page has such labels.
        """
        assert self.page is not None, "no page has been opened yet"
        forms = _read(self.page.text).finished()
        form = next((each for each in forms if set(filled_in) <= set(each.labels)), None)
        if form is None:
            there = "; ".join(", ".join(map(repr, each.labels)) or "none" for each in forms) or "no form at all"
            raise ValueError(f"no form has the labels {', '.join(map(repr, filled_in))}; the page has {there}")
        return self._send(form, {form.labels[label]: value for label, value in filled_in.items()})

    def press(self, button: str) -> str:
        """Press the button of the open page on which this stands; return the text of the page that follows.

        Raises:
            ValueError: no form has such a button.
        """
        assert self.page is not None, "no page has been opened yet"
        forms = _read(self.page.text).finished()
        form = next((each for each in forms if button in each.buttons), None)
        if form is None:
            there = ", ".join(repr(text) for each in forms for text in each.buttons) or "none"
            raise ValueError(f"no form has the button {button!r}; the page has {there}")
        return self._send(form, {})

    def _send(self, form: Form, filled_in: dict[str, str]) -> str:
        assert self.page is not None
        values = {**form.values, **filled_in}
        address = requests.compat.urljoin(self.page.url, form.action or self.page.url)
        headers = {"Referer": self.page.url, "Origin": "/".join(self.page.url.split("/")[:3])}
        if form.method == "post":
            return self._ask("POST", address, data=values, headers=headers)
        return self._ask("GET", address, params=values, headers=headers)

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self.session.close()
