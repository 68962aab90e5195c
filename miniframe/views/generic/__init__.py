"""Class-based views: one class for a kind of page, one instance for each request."""

from miniframe.views.generic.base import ContextMixin, RedirectView, TemplateResponseMixin, TemplateView, View

__all__ = ["ContextMixin", "RedirectView", "TemplateResponseMixin", "TemplateView", "View"]
