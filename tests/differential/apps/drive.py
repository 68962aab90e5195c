"""Send an app's requests to it and run its tests; print what came of both as JSON.

Usage, in a folder that holds the app as a package: python drive.py django|miniframe APP
"""

import importlib
import io
import json
import os
import re
import sys
import unittest
from urllib.parse import unquote_to_bytes, urlencode

# Masked by name: they are random, or made of the clock.
SECRET_COOKIES = ("csrftoken", "sessionid", "messages", "mine")
SECRET_FIELDS = re.compile(r'(name="csrfmiddlewaretoken" value=")\w+')
SECRET_LINKS = re.compile(r'(href=")[^"]+(" rel="secret")')
CLOCK = re.compile(r"expires=[^;]+")


def environ(method, target, body, headers, jar):
    path, _, query = target.partition("?")
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if jar:
        made["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in jar.items())
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    return made


class Browser:
    """Keeps cookies, fills in the token of the last form and links of the last page, and masks what is secret."""

    def __init__(self, application):
        self.application = application
        self.jar = {}
        self.page = ""

    def send(self, record):
        method, target, *rest = record
        data = rest[0] if rest else b""
        headers = dict(rest[1]) if len(rest) > 1 else {}
        if target == "FORGET":
            self.jar.clear()
            return None
        if isinstance(data, dict):
            token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
            data = {name: token[0] if value == "TOKEN" and token else value for name, value in data.items()}
            data = urlencode(data, doseq=True).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if "LINK" in target:
            target = re.findall(r'href="([^"]+)" rel="secret"', self.page)[0] + target.partition("LINK")[2]
        return self.mask(self.answer(environ(method, target, data, headers, self.jar)))

    def answer(self, made):
        head = []
        result = self.application(made, lambda status, headers, exc_info=None: head.extend([status, headers]))
        body = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        if made["REQUEST_METHOD"] == "HEAD":
            body = b""
        return head[0], head[1], body

    def mask(self, answer):
        status, headers, body = answer
        shown = []
        for name, value in headers:
            value = value.strip()
            if name == "Set-Cookie":
                cookie, _, attributes = value.partition(";")
                key, _, content = cookie.partition("=")
                if "Max-Age=0" in attributes:
                    self.jar.pop(key, None)
                else:
                    self.jar[key] = content
                if key in SECRET_COOKIES and content.strip('"'):
                    value = f"{key}=...;{attributes}"
                value = CLOCK.sub("expires=...", value)
            elif name == "Expires":
                value = "..."
            if name != "Date":
                shown.append([name, value])
        if ["Content-Encoding", "gzip"] in shown:
            import gzip

            body = gzip.decompress(body)
            shown = [field for field in shown if field[0] not in ("Content-Length",)]
        if status[:3] in ("204", "304"):
            # One of the differences on purpose: RFC 9110, section 8.6.
            shown = [field for field in shown if field != ["Content-Length", "0"]]
        text = body.decode("latin-1")
        if text:
            self.page = text
        text, secrets = SECRET_FIELDS.subn(r"\1...", text)
        text, links = SECRET_LINKS.subn(r"\1...\2", text)
        if secrets or links:
            shown = [[name, "..." if name == "ETag" else value] for name, value in shown]
        return [status, sorted(shown), text]


def run_tests(app):
    stream = io.StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromName(f"{app}.tests")
    result = unittest.TextTestRunner(stream, verbosity=0).run(suite)
    return {"run": result.testsRun, "failed": [f"{case}: {text}" for case, text in result.failures + result.errors]}


def main():
    framework, app = sys.argv[1:]
    sys.path.insert(0, os.getcwd())
    os.environ[f"{framework.upper()}_SETTINGS_MODULE"] = f"{app}.settings"
    application = importlib.import_module(f"{app}.wsgi").application
    browser = Browser(application)
    records = importlib.import_module(f"{app}.requests").REQUESTS
    answers = [answer for record in records if (answer := browser.send(record)) is not None]
    testing = importlib.import_module(f"{framework}.test.utils")
    testing.setup_test_environment()
    print(json.dumps({"answers": answers, "tests": run_tests(app)}))


if __name__ == "__main__":
    main()
