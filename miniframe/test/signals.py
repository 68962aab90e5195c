"""The signals of the testing tools, under the name where Django's users look for them."""

from __future__ import annotations

from miniframe.signals import setting_changed
from miniframe.template.signals import template_rendered

__all__ = ["setting_changed", "template_rendered"]
