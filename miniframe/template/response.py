"""Responses that render their template late, so that middleware can still change what is rendered.

Source: Django's reference "TemplateResponse and SimpleTemplateResponse".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from miniframe.http import HttpResponse
from miniframe.template.loader import get_template, select_template

__all__ = ["ContentNotRenderedError", "SimpleTemplateResponse", "TemplateResponse"]


class ContentNotRenderedError(Exception):
    """The content of a response was asked for before it had been rendered."""


class SimpleTemplateResponse(HttpResponse):
    """A response made from a template and a context, without a request.

    `template` is a name, a sequence of names of which the first existing one is taken, or a template.
    """

    non_picklable_attrs: frozenset[str] = frozenset(
        {"template_name", "context_data", "_post_render_callbacks", "closed"}
    )
    # The name that Django's subclasses extend.
    rendering_attrs: Sequence[str] = ["template_name", "context_data", "_post_render_callbacks"]

    def __init__(
        self,
        template: Any,
        context: Mapping[str, Any] | None = None,
        content_type: str | None = None,
        status: int | None = None,
        charset: str | None = None,
        using: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.template_name = template
        self.context_data = context
        self.using = using
        self._post_render_callbacks: list[Callable[[Any], Any]] = []
        self._request: Any = None
        self._is_rendered = True  # while the base class sets its empty content
        super().__init__("", content_type, status, charset=charset, headers=headers)
        self._is_rendered = False

    def resolve_template(self, template: Any) -> Any:
        """Return the template that `template` means."""
        if isinstance(template, (list, tuple)):
            return select_template(template, using=self.using)
        if isinstance(template, str):
            return get_template(template, using=self.using)
        return template

    def resolve_context(self, context: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return what the template is rendered with; a hook for subclasses."""
        return context

    @property
    def rendered_content(self) -> str:
        """The text of the template rendered now, whether or not the response already has content."""
        template = self.resolve_template(self.template_name)
        text: str = template.render(self.resolve_context(self.context_data), self._request)
        return text

    def add_post_render_callback(self, callback: Callable[[Any], Any]) -> None:
        """Call `callback` with this response once it is rendered, which may be now."""
        if self._is_rendered:
            callback(self)
        else:
            self._post_render_callbacks.append(callback)

    def render(self) -> Any:
        """Render once and return the response, or what a post-render callback returned instead of it."""
        response: Any = self
        if not self._is_rendered:
            self.content = self.rendered_content
            for callback in self._post_render_callbacks:
                replaced = callback(response)
                if replaced is not None:
                    response = replaced
        return response

    @property
    def is_rendered(self) -> bool:
        """Whether the content is there."""
        return self._is_rendered

    def __iter__(self) -> Iterator[bytes]:
        if not self._is_rendered:
            raise ContentNotRenderedError("The response content must be rendered before it can be iterated over.")
        return super().__iter__()

    @property
    def content(self) -> bytes:
        """The rendered bytes; setting them counts as rendering.

        Raises:
            ContentNotRenderedError: `render` has not been called yet.
        """
        if not self._is_rendered:
            raise ContentNotRenderedError("The response content must be rendered before it can be accessed.")
        rendered: bytes = HttpResponse.content.fget(self)  # type: ignore[attr-defined]  # the property of the base class
        return rendered

    @content.setter
    def content(self, value: Any) -> None:
        """Take `value` as the rendered content."""
        HttpResponse.content.fset(self, value)  # type: ignore[attr-defined]  # the property of the base class
        self._is_rendered = True

    def __getstate__(self) -> dict[str, Any]:
        if not self._is_rendered:
            raise ContentNotRenderedError("The response content must be rendered before it can be pickled.")
        return {name: value for name, value in self.__dict__.items() if name not in self.rendering_attrs}


class TemplateResponse(SimpleTemplateResponse):
    """The same with a request, which the template and the context processors see."""

    rendering_attrs: list[str] = [*SimpleTemplateResponse.rendering_attrs, "_request"]

    def __init__(
        self,
        request: Any,
        template: Any,
        context: Mapping[str, Any] | None = None,
        content_type: str | None = None,
        status: int | None = None,
        charset: str | None = None,
        using: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(template, context, content_type, status, charset, using, headers)
        self._request = request
