"""What the templates can call."""

from django.urls import reverse
from jinja2 import Environment


def environment(**options):
    return_value = Environment(**options)
    return_value.globals["url"] = reverse
    return return_value
