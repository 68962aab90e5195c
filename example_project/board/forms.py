"""The form of a notice; the page and the JSON API share it."""

from __future__ import annotations

from typing import NamedTuple

from board.categories import CATEGORIES
from core.forms import Field, Form


class Words(NamedTuple):
    """The words of a notice, checked."""

    title: str
    body: str
    category: str
    author: str


class NoticeForm(Form):
    """What a notice needs."""

    fields = (
        Field("title", "Title", longest=80, shortest=4, help="What would make somebody stop and read?"),
        Field("category", "About", choices=CATEGORIES),
        Field("body", "Text", longest=2000, shortest=10, rows=8, help="An empty line starts a new paragraph."),
        Field("author", "Signed", longest=40, shortest=2, help="Your name or your boat's.", autocomplete="name"),
    )

    @property
    def words(self) -> Words:
        """What to pin; only after `is_valid`."""
        return Words(**self.cleaned)
