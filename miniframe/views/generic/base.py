"""Views as classes: a method for each HTTP method, attributes that `as_view` can set.

Source: Django's reference "Base views" and topic "Class-based views".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from miniframe.exceptions import ImproperlyConfigured
from miniframe.http import (
    HttpResponse,
    HttpResponseGone,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from miniframe.template.response import TemplateResponse
from miniframe.urls import reverse
from miniframe.utils.coroutines import is_coroutine_function
from miniframe.utils.functional import classproperty
from miniframe.utils.log import log_response

__all__ = ["ContextMixin", "RedirectView", "TemplateResponseMixin", "TemplateView", "View"]


class View:
    """The parent of class-based views.

    `as_view()` gives a function for the URLconf.  For each request it makes an instance and calls the method named
    after the HTTP method; methods may be `async def`, but then all of them.
    """

    http_method_names: ClassVar[list[str]] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]

    request: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __init__(self, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            setattr(self, name, value)

    @classproperty
    def view_is_async(cls: Any) -> bool:  # noqa: N805  # a property of the class
        """Whether the methods are coroutine functions.

        Raises:
            ImproperlyConfigured: some are and some are not.
        """
        methods = [getattr(cls, name) for name in cls.http_method_names if name != "options" and hasattr(cls, name)]
        kinds = {is_coroutine_function(method) for method in methods}
        if len(kinds) > 1:
            raise ImproperlyConfigured(f"{cls.__qualname__} HTTP handlers must either be all sync or all async.")
        return True in kinds

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., Any]:
        """Return a view function whose instances are made with `initkwargs`.

        Raises:
            TypeError: a name in `initkwargs` is an HTTP method's or no attribute of the class.
        """
        for name in initkwargs:
            if name in cls.http_method_names:
                raise TypeError(f"The method name {name} is not accepted as a keyword argument to {cls.__name__}().")
            if not hasattr(cls, name):
                raise TypeError(
                    f"{cls.__name__}() received an invalid keyword {name!r}. as_view "
                    "only accepts arguments that are already attributes of the class."
                )

        def view(request: Any, *args: Any, **kwargs: Any) -> Any:
            self = cls(**initkwargs)
            self.setup(request, *args, **kwargs)
            if not hasattr(self, "request"):
                raise AttributeError(
                    f"{cls.__name__} instance has no 'request' attribute. Did you override "
                    "setup() and forget to call super()?"
                )
            return self.dispatch(request, *args, **kwargs)

        view.view_class = cls  # type: ignore[attr-defined]  # what Django's tools look for
        view.view_initkwargs = initkwargs  # type: ignore[attr-defined]  # the same
        # Marks that decorators left on dispatch(), such as csrf_exempt, count for the view.
        vars(view).update(vars(cls.dispatch))
        view.__module__, view.__doc__ = cls.__module__, cls.__doc__
        if cls.view_is_async:
            _mark_coroutine_function(view)
        return view

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Keep what the request brings on the instance, before `dispatch`."""
        self.request, self.args, self.kwargs = request, args, kwargs
        if not hasattr(self, "head") and hasattr(self, "get"):
            self.head: Any = self.get

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the method for this request's HTTP method, or `http_method_not_allowed`."""
        name = request.method.lower()
        handler = getattr(self, name, None) if name in self.http_method_names else None
        return (handler or self.http_method_not_allowed)(request, *args, **kwargs)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer 405, naming the methods that there are."""
        response = HttpResponseNotAllowed(self._allowed_methods())
        log_response("Method Not Allowed (%s): %s", request.method, request.path, response=response, request=request)
        return self._answer(response)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer OPTIONS with the methods that there are."""
        response = HttpResponse()
        response.headers["Allow"] = ", ".join(self._allowed_methods())
        response.headers["Content-Length"] = "0"
        return self._answer(response)

    def _allowed_methods(self) -> list[str]:
        return [name.upper() for name in self.http_method_names if hasattr(self, name)]

    def _answer(self, response: HttpResponse) -> Any:
        # What wraps an async view awaits its answer, so these must be awaitable too.
        return _awaitable(response) if self.view_is_async else response


async def _awaitable(response: HttpResponse) -> HttpResponse:
    return response


def _mark_coroutine_function(view: Callable[..., Any]) -> None:
    # Only classes with async methods come here, and their project needs asyncio anyway.
    from asyncio import coroutines

    view._is_coroutine = getattr(coroutines, "_is_coroutine", True)  # type: ignore[attr-defined]  # asyncio's mark


class ContextMixin:
    """Gives a template its context: the route's arguments, the view, and `extra_context`."""

    extra_context: Mapping[str, Any] | None = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the template sees; subclasses add to it."""
        kwargs.setdefault("view", self)
        if self.extra_context is not None:
            kwargs.update(self.extra_context)
        return kwargs


class TemplateResponseMixin:
    """Answers with a template."""

    template_name: str | None = None
    template_engine: str | None = None
    response_class: type[Any] = TemplateResponse
    content_type: str | None = None
    request: Any

    def render_to_response(self, context: Mapping[str, Any], **response_kwargs: Any) -> Any:
        """Return a response that will render the view's template with `context`."""
        ours = {"content_type": self.content_type, "using": self.template_engine}
        names = self.get_template_names()
        return self.response_class(request=self.request, template=names, context=context, **{**ours, **response_kwargs})

    def get_template_names(self) -> list[str]:
        """Return the names to look for, the first existing one wins.

        Raises:
            ImproperlyConfigured: `template_name` is not set.
        """
        if self.template_name is None:
            raise ImproperlyConfigured(
                "TemplateResponseMixin requires either a definition of 'template_name' "
                "or an implementation of 'get_template_names()'"
            )
        return [self.template_name]


class TemplateView(TemplateResponseMixin, ContextMixin, View):
    """A page that is a template: `TemplateView.as_view(template_name="about.html")`."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer with the template; the route's arguments are in its context."""
        return self.render_to_response(self.get_context_data(**kwargs))


class RedirectView(View):
    """A redirect to `url`, in which "%(name)s" stands for an argument of the route, or to the route `pattern_name`."""

    permanent: bool = False
    preserve_request: bool = False
    url: str | None = None
    pattern_name: str | None = None
    query_string: bool = False

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str | None:
        """Return where to go; None answers 410."""
        if not self.url and not self.pattern_name:
            return None
        url = self.url % kwargs if self.url else reverse(self.pattern_name, args=args, kwargs=kwargs)
        query: str = self.request.META.get("QUERY_STRING", "") if self.query_string else ""
        return f"{url}?{query}" if query else url

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Redirect, or answer 410 when there is nowhere to go."""
        url = self.get_redirect_url(*args, **kwargs)
        if not url:
            response = HttpResponseGone()
            log_response("Gone: %s", request.path, response=response, request=request)
            return response
        kind = HttpResponsePermanentRedirect if self.permanent else HttpResponseRedirect
        return kind(url, preserve_request=self.preserve_request)

    def head(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The same for HEAD, POST, OPTIONS, DELETE, PUT and PATCH."""
        return self.get(request, *args, **kwargs)

    post: Any = head
    options: Any = head
    delete: Any = head
    put: Any = head
    patch: Any = head
