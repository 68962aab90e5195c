"""The resources of the API."""

import datetime
import json

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.http import (
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseServerError,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_GET
from django.views.generic import View

from api import signals, store


def payload(request, required=()):
    """Return the JSON object in the body.

    Raises:
        BadRequest: it is none.
        ValidationError: a field is missing.
    """
    if request.content_type != "application/json":
        raise BadRequest(f"{request.content_type or 'nothing'} is not application/json")
    try:
        data = json.loads(request.body)
    except ValueError as error:
        raise BadRequest(f"not JSON: {type(error).__name__}") from None
    if not isinstance(data, dict):
        raise BadRequest("not an object")
    missing = {name: ["This field is required."] for name in required if name not in data}
    if missing:
        raise ValidationError(missing)
    return data


def shown(request, book, api_version=1):
    result = {**book, "url": request.build_absolute_uri(reverse(f"v{api_version}:book", args=[book["id"]]))}
    if api_version == 1:
        result.pop("key")
    return result


@method_decorator(csrf_exempt, name="dispatch")
class Books(View):
    api_version = 1

    def get(self, request):
        books = list(store.BOOKS.values())
        if "tag" in request.GET:
            books = [book for book in books if set(request.GET.getlist("tag")) <= set(book["tags"])]
        try:
            size = min(int(request.GET.get("size", 5)), 10)
            page = Paginator(books, size).page(request.GET.get("page", 1))
        except (PageNotAnInteger, ValueError):
            raise BadRequest("page and size are numbers") from None
        except EmptyPage as error:
            return JsonResponse({"error": str(error)}, status=404)
        response = JsonResponse(
            {
                "count": page.paginator.count,
                "pages": page.paginator.num_pages,
                "books": [shown(request, book) for book in page],
            }
        )
        links = []
        for rel, there, number in (
            ("prev", page.has_previous, page.number - 1),
            ("next", page.has_next, page.number + 1),
        ):
            if there():
                query = request.GET.copy()
                query["page"] = number
                links.append(f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="{rel}"')
        if links:
            response["Link"] = ", ".join(links)
        return response

    def post(self, request):
        data = payload(request, ["title", "price"])
        book = store.put({"title": str(data["title"]), "price": data["price"], "tags": data.get("tags", [])})
        signals.book_changed.send(sender=self.__class__, book=book)
        response = JsonResponse(shown(request, book, self.api_version), status=201)
        response["Location"] = shown(request, book)["url"]
        return response


def version(request, number, **kwargs):
    return f'"{number}-{store.BOOKS[number]["version"]}"' if number in store.BOOKS else None


def added(request, number, **kwargs):
    return store.BOOKS[number]["added"] if number in store.BOOKS else None


@method_decorator([csrf_exempt, condition(etag_func=version, last_modified_func=added)], name="dispatch")
class Book(View):
    http_method_names = ["get", "head", "put", "patch", "delete", "options"]
    api_version = 1

    def dispatch(self, request, number, **kwargs):
        if number not in store.BOOKS:
            raise LookupError(f"no book {number}")
        return super().dispatch(request, store.BOOKS[number])

    def get(self, request, book):
        if not request.accepts("application/json"):
            return HttpResponse("application/json only", status=406, content_type="text/plain")
        indent = request.accepted_types[0].params.get("indent")
        return JsonResponse(
            shown(request, book, self.api_version), json_dumps_params={"indent": int(indent)} if indent else None
        )

    def put(self, request, book):
        data = payload(request, ["title", "price"])
        return JsonResponse(shown(request, store.put({**book, **data})))

    def patch(self, request, book):
        data = payload(request)
        if set(data) - {"title", "price", "tags"}:
            raise ValidationError({name: ["Unknown."] for name in sorted(set(data) - {"title", "price", "tags"})})
        signals.book_changed.send_robust(sender=None, book=book)
        return JsonResponse(shown(request, store.put({**book, **data})))

    def delete(self, request, book):
        if request.user != "ann":
            raise PermissionDenied(f"{request.user} may not")
        del store.BOOKS[book["id"]]
        return HttpResponse(status=204)


@require_GET
@gzip_page
def export(request):
    def lines():
        yield "id,title,price\r\n"
        for book in store.BOOKS.values():
            yield f'{book["id"]},"{book["title"]}",{book["price"]}\r\n'

    return StreamingHttpResponse(
        lines(), content_type="text/csv", headers={"Content-Disposition": 'attachment; filename="b.csv"'}
    )


async def summary(request, since):
    books = [book for book in store.BOOKS.values() if book["added"].date() >= since]
    return JsonResponse(
        {"since": since, "count": len(books), "signals": signals.COUNTS["changed"]}, encoder=DjangoJSONEncoder
    )


@csrf_exempt
def echo(request):
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return JsonResponse(
        {
            "fields": dict(request.POST.lists()),
            "files": {name: [file.name, file.size] for name, file in request.FILES.items()},
            "length": request.headers.get("Content-Length"),
            "secure": request.is_secure(),
            "now": datetime.time(1, 2, 3),
        }
    )


def nothing(request):
    return None


def not_found(request, exception):
    return HttpResponseNotFound(
        json.dumps({"error": "not found", "path": request.path}), content_type="application/json"
    )


def bad_request(request, exception):
    return JsonResponse({"error": type(exception).__name__}, status=400)


def forbidden(request, exception):
    return JsonResponse({"error": "forbidden"}, status=403)


def server_error(request):
    return HttpResponseServerError(b'{"error": "ours"}', content_type="application/json")
