"""The assertions that Django's users know: about responses, templates, HTML, JSON, XML, and the texts of exceptions.

Source: Django's topic "Testing tools", section "Assertions".
"""

from __future__ import annotations

import difflib
import json
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from miniframe.conf import settings
from miniframe.template.signals import template_rendered
from miniframe.test.html import Element, HTMLParseError, parse_html

__all__ = ["Assertions"]

# unittest leaves frames of such modules out of its reports: the failing line is the test's, not ours.
__unittest = True


class Assertions(unittest.TestCase):
    """What `SimpleTestCase` can assert beyond unittest."""

    # ---- responses

    def assertRedirects(
        self,
        response: Any,
        expected_url: str,
        status_code: int = 302,
        target_status_code: int = 200,
        msg_prefix: str = "",
        fetch_redirect_response: bool = True,
    ) -> None:
        """Assert that `response` leads to `expected_url`, and that there is a page there."""
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        answered = f"Response code was {response.status_code} (expected {status_code})"
        if hasattr(response, "redirect_chain"):
            self.assertTrue(response.redirect_chain, f"{prefix}Response didn't redirect as expected: {answered}")
            url = self._end_of_chain(response, status_code, target_status_code, prefix)
        else:
            self.assertEqual(
                response.status_code, status_code, f"{prefix}Response didn't redirect as expected: {answered}"
            )
            url = response.url
            if fetch_redirect_response:
                self._assert_target(response, url, target_status_code, prefix)
        url = urljoin(response.request["PATH_INFO"], url)
        self.assertURLEqual(url, expected_url, f"{prefix}Response redirected to '{url}', expected '{expected_url}'")

    def _end_of_chain(self, response: Any, status_code: int, target_status_code: int, prefix: str) -> str:
        """Return where following the redirects ended; assert the statuses of the first answer and of the last."""
        first: int = response.redirect_chain[0][1]
        self.assertEqual(
            first,
            status_code,
            f"{prefix}Initial response didn't redirect as expected: Response code was {first} (expected {status_code})",
        )
        self.assertEqual(
            response.status_code,
            target_status_code,
            f"{prefix}Response didn't redirect as expected: Final Response code was {response.status_code} "
            f"(expected {target_status_code})",
        )
        url: str = response.redirect_chain[-1][0]
        return url

    def _assert_target(self, response: Any, url: str, status_code: int, prefix: str) -> None:
        parts = urlsplit(urljoin(response.request["PATH_INFO"], url))
        domain = parts.netloc.partition(":")[0]
        if domain and domain not in (*settings.ALLOWED_HOSTS, "testserver"):
            raise ValueError(
                f"The test client is unable to fetch remote URLs (got {url}). If the host is served by this site, "
                f"add '{domain}' to ALLOWED_HOSTS. Otherwise, use assertRedirects(..., fetch_redirect_response=False)."
            )
        # What went with the first request, as a login in a header does, goes with the second.
        extra = response.client.extra
        target = response.client.get(
            parts.path, secure=parts.scheme == "https", **{**extra, "QUERY_STRING": parts.query}
        )
        self.assertEqual(
            target.status_code,
            status_code,
            f"{prefix}Couldn't retrieve redirection page '{parts.path}': response code was {target.status_code} "
            f"(expected {status_code})",
        )

    def assertURLEqual(self, url1: str, url2: str, msg_prefix: str = "") -> None:
        """Assert that two addresses are the same but for the order of their parameters."""

        def ordered(url: str) -> str:
            parts = urlsplit(str(url))
            query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
            return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))

        message = f"Expected '{url1}' to equal '{url2}'."
        self.assertEqual(ordered(url1), ordered(url2), f"{msg_prefix}: {message}" if msg_prefix else message)

    def _content_of(
        self, response: Any, text: Any, status_code: int, prefix: str, as_html: bool
    ) -> tuple[Any, Any, str, bytes]:
        """Return where to look, what for, and both for the message: the text quoted, the bytes of the content."""
        if hasattr(response, "render") and callable(response.render) and not response.is_rendered:
            response.render()
        self.assertEqual(
            response.status_code,
            status_code,
            f"{prefix}Couldn't retrieve content: Response code was {response.status_code} (expected {status_code})",
        )
        raw: bytes = b"".join(response.streaming_content) if response.streaming else response.content
        if response.streaming:
            response.streaming_content = [raw]  # so that the next assertion finds it too
        if isinstance(text, bytes) and not as_html:
            return raw, text, repr(text), raw
        content, wanted = raw.decode(response.charset), str(text)
        if not as_html:
            return content, wanted, f"'{text}'", raw
        parsed = self._parsed(content, "Response's content is not valid HTML:")
        return parsed, self._parsed(wanted, "Second argument is not valid HTML:"), f"'{text}'", raw

    def assertContains(
        self,
        response: Any,
        text: Any,
        count: int | None = None,
        status_code: int = 200,
        msg_prefix: str = "",
        html: bool = False,
    ) -> None:
        """Assert the status, and that the content has `text`: `count` times if given."""
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        content, wanted, shown, raw = self._content_of(response, text, status_code, prefix, html)
        found = content.count(wanted)
        if count is not None:
            self.assertEqual(
                found,
                count,
                f"{prefix}Found {found} instances of {shown} (expected {count}) in the following response\n{raw!r}",
            )
        else:
            self.assertTrue(found != 0, f"{prefix}Couldn't find {shown} in the following response\n{raw!r}")

    def assertNotContains(
        self, response: Any, text: Any, status_code: int = 200, msg_prefix: str = "", html: bool = False
    ) -> None:
        """Assert the status, and that the content lacks `text`."""
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        content, wanted, shown, raw = self._content_of(response, text, status_code, prefix, html)
        self.assertEqual(
            content.count(wanted),
            0,
            f"{prefix}{shown} unexpectedly found in the following response\n{raw!r}",
        )

    # ---- templates

    def assertTemplateUsed(
        self, response: Any = None, template_name: str | None = None, msg_prefix: str = "", count: int | None = None
    ) -> Any:
        """Assert that a template was rendered: by a response of the client, or inside a `with` block."""
        if isinstance(response, str) or (response is None and template_name):
            return self._templates_in_block(response or template_name, msg_prefix, count, wanted=True)
        self._check_used(_names(response, "assertTemplateUsed"), template_name or "", msg_prefix, count)
        return None

    def assertTemplateNotUsed(
        self, response: Any = None, template_name: str | None = None, msg_prefix: str = ""
    ) -> Any:
        """Assert that a template was not rendered."""
        if isinstance(response, str) or (response is None and template_name):
            return self._templates_in_block(response or template_name, msg_prefix, None, wanted=False)
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        self.assertFalse(
            template_name in _names(response, "assertTemplateNotUsed"),
            f"{prefix}Template '{template_name}' was used unexpectedly in rendering the response",
        )
        return None

    def _check_used(self, names: list[str], template_name: str, msg_prefix: str, count: int | None) -> None:
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        if not names:
            self.fail(f"{prefix}No templates used to render the response")
        self.assertTrue(
            template_name in names,
            f"{prefix}Template '{template_name}' was not a template used to render the response. "
            f"Actual template(s) used: {', '.join(names)}",
        )
        if count is not None:
            self.assertEqual(
                names.count(template_name),
                count,
                f"{prefix}Template '{template_name}' was expected to be rendered {count} time(s) but was actually "
                f"rendered {names.count(template_name)} time(s).",
            )

    @contextmanager
    def _templates_in_block(self, name: Any, msg_prefix: str, count: int | None, wanted: bool) -> Iterator[list[str]]:
        names: list[str] = []

        def note(sender: Any, template: Any, **kwargs: Any) -> None:
            if template.name is not None:
                names.append(template.name)

        template_rendered.connect(note, weak=False)
        try:
            yield names
        finally:
            template_rendered.disconnect(note)
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        if not wanted:
            self.assertFalse(
                name in names, f"{prefix}Template '{name}' was used unexpectedly in rendering the response"
            )
        else:
            self._check_used(names, name, msg_prefix, count)

    # ---- exceptions and warnings

    def assertRaisesMessage(self, expected_exception: Any, expected_message: str, *args: Any, **kwargs: Any) -> Any:
        """Assert that the exception's text contains `expected_message`; a block, or a callable with arguments."""
        return self._with_message(self.assertRaises, "exception", expected_exception, expected_message, args, kwargs)

    def assertWarnsMessage(self, expected_warning: Any, expected_message: str, *args: Any, **kwargs: Any) -> Any:
        """Assert that a warning's text contains `expected_message`."""
        return self._with_message(self.assertWarns, "warning", expected_warning, expected_message, args, kwargs)

    def _with_message(
        self, catcher: Callable[..., Any], attribute: str, kind: Any, message: str, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        block = self._message_block(catcher, attribute, kind, message)
        if not args:
            return block
        function, *rest = args
        with block:
            function(*rest, **kwargs)
        return None

    @contextmanager
    def _message_block(self, catcher: Callable[..., Any], attribute: str, kind: Any, message: str) -> Iterator[Any]:
        with catcher(kind) as context:
            yield context
        self.assertIn(message, str(getattr(context, attribute)))

    # ---- HTML, JSON, XML

    def _parsed(self, source: Any, complaint: str) -> Element:
        try:
            return parse_html(str(source))
        except HTMLParseError as error:
            self.fail(f"{complaint}\n{error}")

    def assertHTMLEqual(self, html1: str, html2: str, msg: str | None = None) -> None:
        """Assert that two pieces of HTML mean the same."""
        first = self._parsed(html1, "First argument is not valid HTML:")
        second = self._parsed(html2, "Second argument is not valid HTML:")
        if first != second:
            self.fail(self._formatMessage(msg, _difference(first, second)))

    def assertHTMLNotEqual(self, html1: str, html2: str, msg: str | None = None) -> None:
        """Assert that two pieces of HTML differ in meaning."""
        first = self._parsed(html1, "First argument is not valid HTML:")
        second = self._parsed(html2, "Second argument is not valid HTML:")
        if first == second:
            self.fail(msg or f"{first} == {second}")

    def assertInHTML(self, needle: str, haystack: str, count: int | None = None, msg_prefix: str = "") -> None:
        """Assert that a piece of HTML is found in another: `count` times if given."""
        prefix = f"{msg_prefix}: " if msg_prefix else ""
        inner = self._parsed(needle, "First argument is not valid HTML:")
        outer = self._parsed(haystack, "Second argument is not valid HTML:")
        found = outer.count(inner)
        if count is not None:
            message = f"{prefix}Found {found} instances of '{needle}' (expected {count})"
            if count == 0:
                message = f"{prefix}'{needle}' unexpectedly found"
            self.assertEqual(found, count, f"{message} in the following response\n{haystack!r}")
        else:
            self.assertTrue(found != 0, f"{prefix}Couldn't find '{needle}' in the following response\n{haystack!r}")

    def assertNotInHTML(self, needle: str, haystack: str, msg_prefix: str = "") -> None:
        """Assert that a piece of HTML is not found in another."""
        self.assertInHTML(needle, haystack, count=0, msg_prefix=msg_prefix)

    def assertJSONEqual(self, raw: str | bytes, expected_data: Any, msg: str | None = None) -> None:
        """Assert that a text is JSON for `expected_data`, which may be JSON text too."""
        found, wanted = self._json_pair(raw, expected_data)
        self.assertEqual(found, wanted, msg=msg)

    def assertJSONNotEqual(self, raw: str | bytes, expected_data: Any, msg: str | None = None) -> None:
        """Assert that a text is JSON for something else."""
        found, wanted = self._json_pair(raw, expected_data)
        self.assertNotEqual(found, wanted, msg=msg)

    def _json_pair(self, raw: str | bytes, expected: Any) -> tuple[Any, Any]:
        try:
            found = json.loads(raw)
        except json.JSONDecodeError:
            self.fail(f"First argument is not valid JSON: {raw!r}")
        if isinstance(expected, str):
            try:
                expected = json.loads(expected)
            except ValueError:
                self.fail(f"Second argument is not valid JSON: {expected!r}")
        return found, expected

    def assertXMLEqual(self, xml1: str, xml2: str, msg: str | None = None) -> None:
        """Assert that two XML documents mean the same: the order of attributes and blanks do not count."""
        if not self._same_xml(xml1, xml2):
            self.fail(self._formatMessage(msg, _difference(xml1, xml2, repr)))

    def assertXMLNotEqual(self, xml1: str, xml2: str, msg: str | None = None) -> None:
        """Assert that two XML documents differ in meaning."""
        if self._same_xml(xml1, xml2):
            self.fail(msg or f"{xml1!r} == {xml2!r}")

    def _same_xml(self, first: str, second: str) -> bool:
        try:
            return bool(_canonical(first) == _canonical(second))
        except SyntaxError as error:  # ElementTree's ParseError is one
            self.fail(f"First or second argument is not valid XML\n{error}")


def _difference(first: object, second: object, shown: Callable[[object], str] = str) -> str:
    """Return that two documents differ, and how, line by line."""
    lines = difflib.ndiff(str(first).splitlines(), str(second).splitlines())
    return "\n".join([f"{shown(first)} != {shown(second)}", *map(str.rstrip, lines), ""])


def _canonical(xml: str) -> Any:
    """Return what counts of a document or a fragment: names, attributes without order, text, order of elements."""
    from xml.etree.ElementTree import ParseError, fromstring  # expat, for the few tests that compare XML

    xml = xml.strip()
    try:
        root = fromstring(xml)
    except ParseError:
        if xml.startswith("<?"):
            raise
        root = fromstring(f"<several>{xml}</several>")
    return _shape(root)


def _shape(element: Any) -> tuple[Any, ...]:
    text, tail = (" ".join((each or "").split(" ")) for each in (element.text, element.tail))
    return element.tag, dict(element.attrib), text, [_shape(child) for child in element], tail


def _names(response: Any, who: str) -> list[str]:
    if response is None:
        raise TypeError("response and/or template_name argument must be provided")
    if not hasattr(response, "templates"):
        raise ValueError(f"{who}() is only usable on responses fetched using the test Client.")
    return [template.name for template in response.templates if template.name is not None]
