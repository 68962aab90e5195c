"""HTTPS on real connections: who is served, who is sent elsewhere, and who holds nobody up."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.management.serving import certificates
from miniframe.servers.basehttp import FileWrapper, WSGIServer
from miniframe.servers.tls import CertificateError, TLSRequestHandler, load, redirect, secure

Environ = dict[str, Any]
LARGE = 3_000_000


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[certificates.Certificate]:
    """A certificate for this machine, in a folder that is there for these tests only."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificates, "folder", lambda: folder)
        yield certificates.certificate_for_this_machine()


@pytest.fixture
def serve_https(serve: Any, kept: certificates.Certificate) -> Callable[..., int]:
    """Serve an application over HTTPS; return the port."""

    def start(application: Any, **options: Any) -> int:
        server_cls = secure(WSGIServer, load(kept.certificate, kept.key))
        port: int = serve(application, server_cls=server_cls, handler_cls=TLSRequestHandler, **options).port
        return port

    return start


@pytest.fixture
def trusting(kept: certificates.Certificate) -> ssl.SSLContext:
    """What a client needs to trust the server."""
    return ssl.create_default_context(cafile=kept.certificate)


def tell(environ: Environ, start_response: Any) -> list[bytes]:
    """Answer with how the request came, and with how long its body was."""
    length = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {environ['HTTPS']} {environ['SSL_PROTOCOL']} {length}".encode()]


@pytest.mark.parametrize("threads", [True, False], ids=["threads", "serial"])
def test_requests_on_one_connection_are_served_encrypted(
    serve_https: Callable[..., int], trusting: ssl.SSLContext, threads: bool
) -> None:
    client = http.client.HTTPSConnection("127.0.0.1", serve_https(tell, threads=threads), timeout=10, context=trusting)
    for length in (0, 5, LARGE):
        client.request("POST", "/", b"x" * length)
        assert client.getresponse().read() == f"https on TLSv1.3 {length}".encode()
    client.close()


def test_older_protocols_than_1_2_are_refused(kept: certificates.Certificate) -> None:
    assert load(kept.certificate, kept.key).minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_large_answers_arrive_whole(
    serve_https: Callable[..., int], trusting: ssl.SSLContext, tmp_path: Path, kind: str
) -> None:
    block = bytes(range(250))
    (tmp_path / "large").write_bytes(block * (LARGE // 250))

    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        if kind == "file":
            return FileWrapper((tmp_path / "large").open("rb"))
        return (block for _ in range(LARGE // 250))

    client = http.client.HTTPSConnection("127.0.0.1", serve_https(application), timeout=10, context=trusting)
    client.request("GET", "/")
    assert client.getresponse().read() == (tmp_path / "large").read_bytes()
    client.close()


def test_the_end_of_an_answer_is_told_from_a_cut(serve_https: Callable[..., int], trusting: ssl.SSLContext) -> None:
    port = serve_https(tell)
    # Without this an end that nobody announced counts as one.
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        client = trusting.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while data := client.recv(65536):
            answer += data
        client.close()
    assert answer.endswith(b"https on TLSv1.3 0")


def test_who_dawdles_over_the_handshake_holds_nobody_up(
    serve_https: Callable[..., int], trusting: ssl.SSLContext
) -> None:
    port = serve_https(tell, threads=False)
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    for one in silent[1:]:
        one.sendall(b"\x16\x03\x01\x02")
    client = http.client.HTTPSConnection("localhost", port, timeout=10, context=trusting)
    client.request("GET", "/")
    assert client.getresponse().status == 200
    client.close()
    for one in silent:
        one.close()


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_who_takes_no_answer_holds_nobody_up_and_gets_it_whole(
    serve_https: Callable[..., int], trusting: ssl.SSLContext, tmp_path: Path, kind: str
) -> None:
    large = bytes(range(250)) * (8 * LARGE // 250)
    (tmp_path / "large").write_bytes(large)

    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/small":
            return [b"small"]
        return FileWrapper((tmp_path / "large").open("rb")) if kind == "file" else [large]

    port = serve_https(application, threads=False)
    slow = http.client.HTTPSConnection("localhost", port, timeout=10, context=trusting)
    slow.request("GET", "/")
    quick = http.client.HTTPSConnection("localhost", port, timeout=5, context=trusting)
    quick.request("GET", "/small")
    assert quick.getresponse().read() == b"small"
    assert slow.getresponse().read() == large
    quick.close()
    slow.close()


def test_plain_http_is_sent_to_https(serve_https: Callable[..., int], caplog: pytest.LogCaptureFixture) -> None:
    port = serve_https(tell)
    client = http.client.HTTPConnection("localhost", port, timeout=10)
    client.request("GET", "/a/b?c=d")
    response = client.getresponse()
    assert response.status == 307
    assert response.headers["Location"] == f"https://localhost:{port}/a/b?c=d"
    client.close()
    assert "over HTTP, but it only supports HTTPS" in caplog.text


@pytest.mark.parametrize(
    ("head", "location"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", b"https://a.test/", id="no-port"),
        pytest.param(b"POST /x HTTP/1.1\r\nA: b\r\nhOST:[::1]:80 \r\n\r\n", b"https://[::1]:80/x", id="ipv6"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a.test/\r\n\r\n", None, id="no-host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a@b.test\r\n\r\n", None, id="user-in-host"),
        pytest.param(b"GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", None, id="absolute"),
        pytest.param(b"GET /a\nb HTTP/1.1\r\nHost: a.test\r\n\r\n", None, id="line-break"),
        pytest.param(b"GET / HTTP/1.1\r\n", None, id="half-a-head"),
        pytest.param(b"SSH-2.0-client\r\n", None, id="something-else"),
    ],
)
def test_only_what_is_understood_is_sent_elsewhere(head: bytes, location: bytes | None) -> None:
    answer = redirect(head)
    if location is None:
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type")
    else:
        assert answer.startswith(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + b"\r\n")
    assert answer.endswith(b"This port speaks HTTPS only. Put https:// before the address.\n")


@pytest.mark.parametrize("greeting", [b"\x16\x03\x01\x00\x05junk!", b"\x16" * 70000, b"\x00\x01\x02", b""])
def test_garbage_ends_its_connection_without_a_traceback(
    serve_https: Callable[..., int], trusting: ssl.SSLContext, greeting: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = serve_https(tell)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        try:
            client.sendall(greeting)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except OSError:
            pass
    good = http.client.HTTPSConnection("localhost", port, timeout=10, context=trusting)
    good.request("GET", "/")
    assert good.getresponse().status == 200
    good.close()
    assert not [record for record in caplog.records if record.exc_info]


def test_files_that_are_no_certificate_are_explained(kept: certificates.Certificate, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_text("nothing of the kind\n")
    missing = str(tmp_path / "missing.pem")
    for certificate, key, message in [
        (missing, None, f"{missing!r} does not exist."),
        (kept.certificate, missing, f"{missing!r} does not exist."),
        (kept.certificate, None, "does not hold both a certificate and its key, in PEM; name the key with --key"),
        (kept.certificate, str(other), "do not hold a certificate and its key, in PEM"),
    ]:
        with pytest.raises(CertificateError) as caught:
            load(certificate, key)
        assert message in str(caught.value)


def test_a_key_of_another_certificate_is_named(
    kept: certificates.Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "folder", lambda: tmp_path)
    other = certificates.certificate_for_this_machine()
    with pytest.raises(CertificateError, match=r"The key in '.*' does not belong to the certificate in"):
        load(kept.certificate, other.key)
