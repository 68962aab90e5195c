"""Templates: find the engine that has one, and render it.  Jinja2 is the template language.

This face and `loader` are thin; Jinja2 itself (33 ms) is imported when a template is first used.

Source: Django's topic "Templates"; the language is described by Jinja2's own documentation.
"""

from miniframe.template.exceptions import TemplateDoesNotExist, TemplateSyntaxError
from miniframe.template.utils import EngineHandler, engines

__all__ = ["EngineHandler", "TemplateDoesNotExist", "TemplateSyntaxError", "engines"]
