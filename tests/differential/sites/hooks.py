"""Middleware that does what settings.PLAN says, and writes down what is called; written for Django."""

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import path
from django.utils.decorators import async_only_middleware, sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

CALLS = []
ERRORS = {
    "404": Http404("lost"),
    "403": PermissionDenied("not you"),
    "400": BadRequest("not so"),
    "suspicious": SuspiciousOperation("no"),
    "500": RuntimeError("broken"),
}


def answer(text):
    return HttpResponse(f"answer of {text}")


def react(name, where, plan):
    """Note the call; raise, or return an answer or None, if the plan has something for this place."""
    CALLS.append(f"{name}.{where}")
    what = plan.get(where)
    if what in ERRORS:
        raise ERRORS[what]
    return answer(f"{name}.{where}") if what == "answer" else None


class Hooks:
    """The hooks beside the call, shared by all kinds."""

    number = 0

    def set_plan(self):
        self.name, self.plan = f"m{self.number}", settings.PLAN[self.number]
        if self.plan.get("init") == "unused":
            raise MiddlewareNotUsed
        for hook in ("process_view", "process_exception", "process_template_response"):
            if hook in self.plan:
                setattr(self, hook, getattr(self, "_" + hook))

    def _process_view(self, request, view, args, kwargs):
        return react(self.name, "process_view", self.plan)

    def _process_exception(self, request, exception):
        CALLS.append(type(exception).__name__)
        return react(self.name, "process_exception", self.plan)

    def _process_template_response(self, request, response):
        CALLS.append(f"{self.name}.template")
        if self.plan["process_template_response"] == "none":
            return None
        if self.plan["process_template_response"] == "500":
            raise ERRORS["500"]
        response.context_data = {**(response.context_data or {}), self.name: 1}
        return response


class Plain(Hooks):
    def __init__(self, get_response):
        self.get_response = get_response
        self.set_plan()

    def __call__(self, request):
        early = react(self.name, "request", self.plan)
        if early is not None:
            return early
        response = self.get_response(request)
        CALLS.append(f"{self.name} sees {response.status_code}")
        return react(self.name, "response", self.plan) or response


class Mixed(Hooks, MiddlewareMixin):
    def __init__(self, get_response):
        super().__init__(get_response)
        self.set_plan()

    def process_request(self, request):
        return react(self.name, "request", self.plan)

    def process_response(self, request, response):
        CALLS.append(f"{self.name} sees {response.status_code}")
        return react(self.name, "response", self.plan) or response


@async_only_middleware
def waiting(get_response):
    async def middleware(request):
        CALLS.append("waiting in")
        response = await get_response(request)
        CALLS.append(f"waiting sees {response.status_code}")
        return response

    return middleware


@sync_and_async_middleware
def either(get_response):
    def middleware(request):
        CALLS.append("either in")
        return get_response(request)

    return middleware


def numbered(base, place):
    return type(f"{base.__name__}{place}", (base,), {"number": place})


Plain0, Plain1, Plain2 = (numbered(Plain, place) for place in range(3))
Mixed0, Mixed1, Mixed2 = (numbered(Mixed, place) for place in range(3))


class Page(SimpleTemplateResponse):
    """A response that is rendered late, without any template."""

    def resolve_context(self, context):
        return context

    @property
    def rendered_content(self):
        CALLS.append("rendered")
        if self.template_name == "broken":
            raise ERRORS["500"]
        return f"page with {sorted(self.context_data or {})}"


def view(request, what):
    CALLS.append(f"view {what}")
    if what in ERRORS:
        raise ERRORS[what]
    return {
        "page": lambda: Page("page"),
        "broken-page": lambda: Page("broken"),
        "stream": lambda: StreamingHttpResponse(iter(["a", "b"])),
        "none": lambda: None,
    }.get(what, lambda: answer("view"))()


async def later(request, what):
    return view(request, what)


def error_page(status):
    def handler(request, exception=None):
        CALLS.append(f"handler {status}")
        return HttpResponse(f"error {status}", status=status)

    return handler


handler400, handler403, handler404, handler500 = map(error_page, (400, 403, 404, 500))
urlpatterns = [path("now/<str:what>/", view), path("later/<str:what>/", later)]
