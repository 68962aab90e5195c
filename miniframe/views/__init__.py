"""Views that come with the framework: the class `View`, error pages, files."""

from miniframe.views.generic.base import View

__all__ = ["View"]
