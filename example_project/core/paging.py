"""One page of a long list, as an address asks for it."""

from __future__ import annotations

from typing import Any

from miniframe.http import Http404
from miniframe.paginator import InvalidPage, Page, Paginator

from core.db import Rows


def page_or_404(found: Rows[Any], number: object, per_page: int) -> Page:
    """Return page `number` of what was found; a visitor may have typed the number.

    Raises:
        Http404: there is no such page.
    """
    try:
        return Paginator(found, per_page).page(number)
    except InvalidPage as error:
        raise Http404(f"{error}.") from None
