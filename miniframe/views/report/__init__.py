"""Error reports: an exception made into plain data, and that into a page, a text, Markdown or JSON.

    building    what goes into a report, and which face of it a client gets
    data        the report as plain data
    frames      reads exceptions and tracebacks
    values      prints variables, in bounded time and space
    request     reads the request
    setting     finds the line where a setting stands
    filter      what is secret
    secrets     finds secrets inside of texts
    html        the page; with style, script, source (code in colours) and editor (links into one)
    text        for terminals
    markdown    for issues
    json        for programs
    welcome     the page of a project without routes
    not_found   which routes were tried
    crash       the page of a worker that died without a word

Not here: Django's names for all this (`views.debug`, `views.reporter`), and advice (`views.hints`).
"""
