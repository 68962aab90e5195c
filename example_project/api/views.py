"""The API: notices to read and to pin, pictures, tide tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from miniframe.http import Http404, HttpRequest, HttpResponse, JsonResponse
from miniframe.paginator import Page
from miniframe.shortcuts import render
from miniframe.urls import reverse
from miniframe.views.decorators.http import require_safe
from miniframe.views.decorators.vary import vary_on_headers

from api.base import ApiView
from api.errors import ApiError, error_response
from api.query import Query
from board import store as notices
from board.categories import CATEGORIES
from board.forms import NoticeForm
from board.models import Notice
from board.signals import notice_pinned
from core.paging import page_or_404
from gallery import store as pictures
from gallery.models import Picture
from tides import tables

MOST_PER_PAGE = 100
MOST_DAYS = 31


class Example(NamedTuple):
    """A call to try, for the page about the API."""

    method: str
    address: str
    about: str


EXAMPLES = (
    Example(
        "GET", "/api/notices/?category=sale&per_page=3", "Notices, newest first. Filters: category, q, page, per_page."
    ),
    Example("GET", "/api/notices/1/", "One notice."),
    Example("POST", "/api/notices/", "Pin a notice: JSON with title, category, body, author."),
    Example("GET", "/api/gallery/", "Pictures and where their files are. Filters: page, per_page."),
    Example("GET", "/api/tides/?from=2026-12-24&days=3", "High and low waters. Filters: from, days."),
    Example("GET", "/api/tides/?days=99&form=today", "What an error looks like."),
)


@require_safe
@vary_on_headers("Accept")
def index(request: HttpRequest) -> HttpResponse:
    """Show people a page about the API, and programs its addresses."""
    if request.get_preferred_type(["text/html", "application/json"]) == "text/html":
        context = {"examples": EXAMPLES, "base": request.build_absolute_uri("/").rstrip("/"), "categories": CATEGORIES}
        return render(request, "api/index.html", context)
    names = ("notices", "pictures", "tides")
    return JsonResponse({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in names})


class NoticesView(ApiView):
    """Search the board; pin a notice."""

    def get(self, request: HttpRequest) -> HttpResponse:
        query = Query(request)
        category, words = query.choice("category", CATEGORIES), query.text("q")
        number, per_page = query.number("page", 1, 1, 10**6), query.number("per_page", 20, 1, MOST_PER_PAGE)
        query.check()
        page = page_or_404(notices.find(category=category, words=words), number, per_page)
        return JsonResponse({"notices": [_notice(request, notice) for notice in page], **_paging(request, page)})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NoticeForm(_json_object(request))
        if not form.is_valid():
            raise ApiError(422, "The notice cannot be pinned like this; see fields.", form.errors)
        notice = notices.add(*form.words)
        notice_pinned.send(sender=type(self), notice=notice)
        shown = _notice(request, notice)
        return JsonResponse(shown, status=201, headers={"Location": str(shown["url"])})


class NoticeView(ApiView):
    """One notice."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        Query(request).check()
        notice = notices.get(pk)
        if notice is None:
            raise Http404(f"There is no notice {pk}.")
        return JsonResponse(_notice(request, notice))


class PicturesView(ApiView):
    """The gallery."""

    def get(self, request: HttpRequest) -> HttpResponse:
        query = Query(request)
        number, per_page = query.number("page", 1, 1, 10**6), query.number("per_page", 20, 1, MOST_PER_PAGE)
        query.check()
        page = page_or_404(pictures.find(), number, per_page)
        return JsonResponse({"pictures": [_picture(request, picture) for picture in page], **_paging(request, page)})


class TidesView(ApiView):
    """High and low waters of some days."""

    def get(self, request: HttpRequest) -> HttpResponse:
        query = Query(request)
        now = datetime.now(UTC)
        first, count = query.day("from", now.date()), query.number("days", 1, 1, MOST_DAYS)
        query.check()
        gauge = tables.gauge(now)
        days = [
            {
                "date": day.date,
                "turns": [{"at": turn.at, "turn": turn.name, "metres": round(turn.metres, 2)} for turn in day.turns],
            }
            for day in tables.days(first, count)
        ]
        level = {"at": now, "metres": round(gauge.metres, 2), "going": gauge.words}
        return JsonResponse({"datum": "chart datum", "unit": "metre", "now": level, "days": days})


class NothingView(ApiView):
    """Any other address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return error_response(
            404, f"There is nothing at {request.path}; GET {reverse('api:index')} lists what there is."
        )


def _json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the body, which must be a JSON object; `ApiView` answers if it is not even JSON."""
    found = request.json()
    if not isinstance(found, dict):
        raise ApiError(400, f"The body must be a JSON object; it is a {type(found).__name__}.")
    return found


def _notice(request: HttpRequest, notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id,
        "url": request.build_absolute_uri(reverse("api:notice", kwargs={"pk": notice.id})),
        "page": request.build_absolute_uri(notice.address),
        "title": notice.title,
        "category": notice.category,
        "body": notice.body,
        "author": notice.author,
        "posted_at": notice.posted_at,
        "changed_at": notice.changed_at,
    }


def _picture(request: HttpRequest, picture: Picture) -> dict[str, object]:
    return {
        "id": picture.id,
        "page": request.build_absolute_uri(picture.address),
        "image": request.build_absolute_uri(picture.image_address),
        "caption": picture.caption,
        "taken_by": picture.taken_by,
        "content_type": picture.content_type,
        "bytes": picture.size,
        "posted_at": picture.posted_at,
    }


def _paging(request: HttpRequest, page: Page) -> dict[str, object]:
    return {
        "total": page.paginator.count,
        "pages": page.paginator.num_pages,
        "next": _same_list(request, page.next_page_number()) if page.has_next() else None,
        "previous": _same_list(request, page.previous_page_number()) if page.has_previous() else None,
    }


def _same_list(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
