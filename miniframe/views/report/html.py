"""The error report as a page: no template engine, nothing from other hosts, and whole without its few lines of script.

It is put together from plain strings, because the template engine may be what is broken.  Every value passes `escape`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

import miniframe
from miniframe.utils.installed import in_library
from miniframe.utils.text import escape_controls
from miniframe.views.report.data import Frame, Raised, Report, Route, Row, calls_of_others
from miniframe.views.report.editor import EDITOR, editor_of
from miniframe.views.report.markdown import render_markdown
from miniframe.views.report.script import SCRIPT
from miniframe.views.report.source import source_html
from miniframe.views.report.style import STYLE

__all__ = ["page", "render_html"]

_ABOVE_MINIFRAME = os.path.dirname(os.path.dirname(os.path.abspath(miniframe.__file__))) + os.sep
_LINKS = {"cause": "caused by", "context": "raised while handling"}


def page(title: str, body: str, kind: str = "calm", script: str = "") -> str:
    """Return a whole page around `body`, which is HTML, with `script` at its end; `title` is text."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(escape_controls(title))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f'<body class="{kind}">\n<main>\n{escape_controls(body)}\n</main>\n'
        f"{f'<script>{script}</script>{chr(10)}' if script else ''}</body>\n</html>\n"
    )


def render_html(report: Report) -> str:
    """Return the report as a page."""
    path = report.request.path if report.request else ""
    title = f"{_module_and_name(report.title)[1]}{f' at {path}' if path else ''}"
    parts = [
        _hero(report),
        *[_hint(hint) for hint in report.hints],
        _routes(report.routes, report.hints),
        *[_raised(each, report.place) for each in report.raised],
        _output(report),
        _request(report),
        "<h2>The project</h2>",
        _table_section("Settings of the project", report.settings),
        _table_section("Versions and paths", report.versions),
        _details(
            "The same as Markdown, to copy",
            f'<pre class="copy"><code id="markdown">{escape(render_markdown(report))}</code></pre>',
        ),
        _footer(report),
    ]
    body = "\n".join(part for part in parts if part)
    return page(title, body, "calm" if report.status < 500 else "alarm", SCRIPT)


# Shown by the script of `autoreload.pages`, on the answer to a form, which is not loaded anew by itself.
_CHANGED = (
    '<p class="hint" id="miniframe-changed" role="status" hidden>'
    "The project was changed since: send the form again.</p>"
)


def _hero(report: Report) -> str:
    module, name = _module_and_name(report.title)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in (report.raised[0].notes if report.raised else ()))
    return (
        f'<header class="hero"><p class="eyebrow"><span class="status">{report.status}</span>'
        f'<span class="asked">{escape(report.occasion)}</span>'
        '<button id="copy" data-script hidden>Copy as Markdown</button></p>'
        f"<h1>{f'<span class=module>{escape(module)}.</span>' if module else ''}{escape(name)}</h1>"
        f'<p class="message">{_with_code(report.message)}</p>{notes}{_chain(report.raised)}{_facts(report)}'
        f"{_CHANGED}</header>"
    )


def _module_and_name(title: str) -> tuple[str, str]:
    """Return the two parts of a class's name; a title in words has no module."""
    module, _, name = ("", "", title) if " " in title else title.rpartition(".")
    return module, name


def _chain(raised: Sequence[Raised]) -> str:
    links = [
        f'<p class="chain">{_LINKS[each.link]} <code>{escape(each.kind)}</code>: {escape(_short(each.message))}</p>'
        for each in raised[1:]
    ]
    return "".join(links)


def _facts(report: Report) -> str:
    rows = []
    if report.raised and report.place:
        place = report.place
        rows.append(
            (
                "Where",
                _place(place, "code")
                + (f" in <code>{escape(place.function)}</code>" if place.function else ", which cannot be parsed"),
            )
        )
    if report.request:
        rows += [
            ("Route name" if row.name == "name" else escape(row.name.capitalize()), f"<code>{escape(row.value)}</code>")
            for row in report.request.match
            if row.value
        ]
    if not rows:
        return ""
    return f'<dl class="facts">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)}</dl>'


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + "…"


def _with_code(text: str) -> str:
    """Return text as HTML, with what stands between backquotes as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


def _hint(hint: str) -> str:
    return f'<p class="hint"><b>Hint</b>{_with_code(hint)}</p>'


def _routes(routes: Sequence[Route], hints: Iterable[str]) -> str:
    if not routes:
        return ""
    near = {code for hint in hints for code in re.findall(r"`([^`]+)`", hint)}
    rows = "".join(
        f"<tr{' class=near' if route.pattern in near else ''}>"
        f"<td><code>{escape(route.pattern) or '(empty)'}</code></td>"
        f"<td>{f'<code>{escape(route.name)}</code>' if route.name else ''}</td></tr>"
        for route in routes
    )
    heading = "<h2>Routes tried <small>in this order; on the right their names</small></h2>"
    return (
        f"{heading}<details open><summary>{_count(len(routes), 'route')}</summary>"
        f'<table class="routes">{rows}</table></details>'
    )


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _raised(raised: Raised, place: Frame | None) -> str:
    title = {"": "What happened", "cause": "Caused by", "context": "While handling", "member": "One of them"}[
        raised.link
    ]
    about = (
        ""
        if raised.link == ""
        else f" <small><code>{escape(raised.kind)}</code>: {escape(_short(raised.message))}</small>"
    )
    if not raised.frames and not raised.members:
        return f"<h2>{title}{about}</h2><p class=note>No call is recorded for it.</p>" if raised.link else ""
    order = " <small>newest call first</small>" if raised.link == "" and len(raised.frames) > 1 else ""
    left_out = f'<p class="note">{raised.left_out} calls in the middle are left out.</p>' if raised.left_out else ""
    newest = next((frame for frame in reversed(raised.frames) if frame.origin == "project"), None)
    frames = _frames(raised.frames, newest if raised.link else place)
    members = "".join(f'<div class="card">{_raised(each, None)}</div>' for each in raised.members)
    # Those of the first exception are in the head of the page already.
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in raised.notes) if raised.link else ""
    return f"<section><h2>{title}{about}{order}</h2>{notes}{left_out}{frames}{members}</section>"


def _frames(frames: Sequence[Frame], place: Frame | None) -> str:
    """Return the calls, newest first; runs of calls that are not the project's own are folded into one line."""
    made = []
    for own, group in groupby(reversed(frames), key=lambda frame: frame.origin == "project"):
        run = list(group)
        html = "".join(_frame(frame, frame is place) for frame in run)
        made.append(html if own else _fold(run, html))
    return "".join(made)


def _fold(frames: list[Frame], html: str) -> str:
    return f'<details class="fold"><summary>{calls_of_others(frames)}</summary>{html}</details>'


def _frame(frame: Frame, opened: bool) -> str:
    variables = _table(frame.variables, mono=True) if frame.variables else ""
    return (
        f'<details class="frame {frame.origin}"{" open" if opened else ""}><summary>'
        f'<code class="fn">{escape(frame.function or "(cannot be parsed)")}</code>'
        f"{_place(frame, 'span')}"
        f'<code class="line">{escape(frame.code)}</code></summary>'
        f"{source_html(frame)}{variables}</details>"
    )


def _place(frame: Frame, tag: str) -> str:
    """Return file and line, as a link into the editor if one is known."""
    attributes = f'class="loc" title="{escape(frame.file)}"'
    if frame.link:
        tag, attributes = "a", f'{attributes} href="{escape(frame.link)}"'
    return f"<{tag} {attributes}>{escape(_short_path(frame.file))}:{frame.line}</{tag}>"


def _short_path(path: str) -> str:
    """Return a path as people name it: from the current folder on, or from the installed package on."""
    for folder in (os.getcwd() + os.sep, _ABOVE_MINIFRAME):
        if path.startswith(folder):
            return path[len(folder) :]
    return in_library(path)[1] or path


def _table(rows: Iterable[Row], mono: bool = False) -> str:
    cells = "".join(
        f"<tr><th>{f'<code>{escape(name)}</code>' if mono else escape(name)}</th>"
        f"<td><code>{escape(value)}</code></td></tr>"
        for name, value in rows
    )
    return f"<table>{cells}</table>" if cells else '<p class="empty">nothing</p>'


def _output(report: Report) -> str:
    if not report.output:
        return ""
    return f'<h2>Its last words</h2><pre class="plain"><code>{escape(report.output)}</code></pre>'


def _request(report: Report) -> str:
    if report.request is None:
        return ""
    parts = []
    for title, rows in report.request.sections:
        opened = bool(rows) and title in ("GET", "POST", "FILES")
        parts.append(_details(f"{escape(title)} <small>{len(rows)}</small>", _table(rows), opened) if rows else "")
    empty = ", ".join(title for title, rows in report.request.sections if not rows)
    nothing = f'<p class="chain">Nothing in {escape(empty)}.</p>' if empty else ""
    return f"<section><h2>The request</h2>{''.join(parts)}{nothing}</section>"


def _table_section(title: str, rows: Sequence[Row]) -> str:
    return _details(f"{title} <small>{len(rows)}</small>", _table(rows)) if rows else ""


def _details(title: str, html: str, opened: bool = False) -> str:
    return f"<details{' open' if opened else ''}><summary>{title}</summary>{html}</details>"


def _footer(report: Report) -> str:
    why = (
        ""
        if report.request is None
        else "<p>You see this page because <code>DEBUG = True</code> is in your settings. "
        "Visitors of a site without it get a plain one.</p>"
    )
    editor = editor_of(os.environ)
    opens = "" if editor.template or not report.raised else f"<p>{escape(editor.complaint) or _ON_EDITORS}</p>"
    keys = _KEYS_OF_CALLS if any(each.frames for each in report.raised) else ""
    return f'<footer>{why}{opens}<p class="keys" data-script hidden>{keys}<kbd>c</kbd> copies the report.</p></footer>'


_ON_EDITORS = (
    f"Set <code>{EDITOR}</code> to the name of your editor (<code>vscode</code>, <code>pycharm</code>, "
    "<code>sublime</code> …), and the places above open in it."
)
_KEYS_OF_CALLS = (
    "<kbd>j</kbd> <kbd>k</kbd> go from call to call, <kbd>Enter</kbd> opens one, "
    "<kbd>f</kbd> unfolds those of libraries, "
)
