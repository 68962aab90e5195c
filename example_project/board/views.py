"""The pages of the notice board."""

from __future__ import annotations

from typing import Any

from miniframe import messages
from miniframe.conf import settings
from miniframe.exceptions import PermissionDenied
from miniframe.http import Http404, HttpRequest, HttpResponse
from miniframe.shortcuts import redirect, render
from miniframe.views.decorators.http import require_safe
from miniframe.views.generic import View

from board import store
from board.author import author_key, new_author_key, remember_author
from board.categories import CATEGORIES
from board.forms import NoticeForm
from board.models import Notice
from board.reading import read_lately, remember_reading
from board.signals import notice_pinned
from core.paging import page_or_404


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the notices; ?category=, ?q= and ?page= narrow it down."""
    category, words = request.GET.get("category", ""), request.GET.get("q", "")
    if category not in CATEGORIES:
        category = ""
    found = store.find(category=category, words=words)
    counts = store.counts()
    context = {
        "page": page_or_404(found, request.GET.get("page", 1), settings.NOTICES_PER_PAGE),
        "category": category,
        "words": words,
        "categories": [(code, name, counts.get(code, 0)) for code, name in CATEGORIES.items()],
        "all_count": sum(counts.values()),
        "page_link": _link_to_page(request),
        "read_lately": read_lately(request),
    }
    return render(request, "board/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one notice."""
    notice = _notice_or_404(pk)
    remember_reading(request, notice)
    context = {"notice": notice, "mine": notice.belongs_to(author_key(request))}
    return render(request, "board/detail.html", context)


class PinView(View):
    """Pin a new notice."""

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("category", "")
        return _form_page(request, NoticeForm(initial={"category": chosen}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NoticeForm(request.POST)
        if not form.is_valid():
            return _form_page(request, form)
        key = author_key(request) or new_author_key()
        notice = store.add(*form.words, author_key=key)
        notice_pinned.send(sender=type(self), notice=notice)
        # Answer a POST that worked with a redirect: reloading the next page must not pin the notice twice.
        response = redirect("board:detail", pk=notice.id)
        remember_author(request, response, key)
        messages.success(request, "Your notice is pinned. You can change it or take it down from this browser.")
        return response


class OwnNoticeView(View):
    """What the two views below share: the notice must exist, and be this browser's own."""

    notice: Notice

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.notice = _notice_or_404(kwargs["pk"])
        if not self.notice.belongs_to(author_key(request)):
            raise PermissionDenied("Only the browser that pinned a notice can change it.")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class ChangeView(OwnNoticeView):
    """Change the words of a notice."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = self.notice
        words = {"title": notice.title, "body": notice.body, "category": notice.category, "author": notice.author}
        return _form_page(request, NoticeForm(initial=words), notice)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = NoticeForm(request.POST)
        if not form.is_valid():
            return _form_page(request, form, self.notice)
        store.change(self.notice, *form.words)
        messages.success(request, "The notice has its new words.")
        return redirect("board:detail", pk=pk)


class TakeDownView(OwnNoticeView):
    """Ask, then take the notice down. Only a POST does it: a link that is merely followed must not delete."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return render(request, "board/delete.html", {"notice": self.notice})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        title = self.notice.title
        store.remove(self.notice)
        messages.success(request, f"“{title}” is off the board.")
        return redirect("board:index")


def _notice_or_404(pk: int) -> Notice:
    notice = store.get(pk)
    if notice is None:
        raise Http404("This notice is not on the board (any more).")
    return notice


def _form_page(request: HttpRequest, form: NoticeForm, notice: Notice | None = None) -> HttpResponse:
    # 422 tells programs what the page tells people: understood, but not accepted.
    status = 422 if form.errors else 200
    return render(request, "board/form.html", {"form": form, "notice": notice}, status=status)


def _link_to_page(request: HttpRequest) -> str:
    """Return the address of this list up to the page's number, with the search kept."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"?{query.urlencode()}&page=" if query else "?page="
