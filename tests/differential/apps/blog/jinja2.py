"""What the templates can call."""

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment


def environment(**options):
    env = Environment(**options)
    env.globals.update({"static": static, "url": reverse})
    env.filters["shorten"] = lambda text, size=20: text if len(text) <= size else text[: size - 1] + "…"
    return env
