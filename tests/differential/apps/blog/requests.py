"""What visitors send to the blog: (method, target, form or body, header fields).

"TOKEN" in a form is the token of the last page's form; the target "FORGET" empties the browser's jar of cookies.
"""

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
UPLOAD = (
    b'--XX\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n%s\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="title"\r\n\r\nA new one\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="image"; filename="../x.png"\r\nContent-Type: %s\r\n\r\n'
    + PNG
    + b"\r\n--XX--\r\n"
)
MULTIPART = {
    "Content-Type": "multipart/form-data; boundary=XX",
    "X-CSRFToken": "a" * 32,
    "Cookie": "csrftoken=" + "a" * 32,
}
COMMENT = {"csrfmiddlewaretoken": "TOKEN", "name": "Zoë", "text": "Nice <b>post</b> & all"}
SIGN_IN = {"csrfmiddlewaretoken": "TOKEN", "name": "ann", "password": "open sesame", "next": "/blog/new/"}

REQUESTS = [
    ("GET", "/"),
    ("GET", "/blog/"),
    ("HEAD", "/blog/"),
    ("POST", "/blog/"),
    ("GET", "/blog/?page=2"),
    ("GET", "/blog/?page=99"),
    ("GET", "/blog/?page=x"),
    ("GET", "/blog/?" + "a=1&" * 30),
    ("GET", "/blog"),
    ("GET", "/blog/post-1"),
    ("GET", "/blog/post-1?a=%C3%A9"),
    ("GET", "/blog/post-1/"),
    ("POST", "/blog/post-1/", COMMENT),
    ("GET", "/blog/post-1/"),
    ("POST", "/blog/post-1/", COMMENT),
    ("GET", "/blog/post-1/"),
    ("GET", "/blog/post-1/"),
    ("POST", "/blog/post-1/", {**COMMENT, "name": " ", "text": "x"}),
    ("POST", "/blog/post-1/", {**COMMENT, "csrfmiddlewaretoken": "x" * 64}),
    ("POST", "/blog/post-1/", COMMENT, {"Origin": "http://evil.test"}),
    ("POST", "/blog/post-1/", COMMENT, {"Origin": "http://testserver"}),
    ("POST", "/blog/post-1/", b"\xff=\xfe&%", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("GET", "/blog/none/"),
    ("GET", "/blog/%C3%A9/"),
    ("GET", "/blog/%00/"),
    ("GET", "/nowhere?x=<script>"),
    ("GET", "/blog/post-1/raw"),
    ("GET", "/blog/post-1/raw", b"", {"If-None-Match": '"post-1-3"'}),
    ("GET", "/blog/post-2/raw", b"", {"If-Modified-Since": "Thu, 29 Feb 2024 12:00:02 GMT"}),
    ("GET", "/blog/post-2/raw", b"", {"If-Modified-Since": "Thu, 29 Feb 2024 12:00:01 GMT"}),
    ("PUT", "/blog/post-2/raw", b"", {"If-Match": '"other"'}),
    ("GET", "/blog/new/"),
    ("GET", "/blog/sign-in/?next=/blog/new/"),
    ("POST", "/blog/sign-in/", {**SIGN_IN, "password": "guess"}),
    ("GET", "/blog/sign-in/"),
    ("POST", "/blog/sign-in/", {**SIGN_IN, "next": "//evil.test/"}),
    ("GET", "/blog/sign-in/"),
    ("POST", "/blog/sign-in/", SIGN_IN),
    ("GET", "/blog/new/"),
    ("GET", "/blog/"),
    ("GET", "/blog/"),
    ("POST", "/blog/new/", {"csrfmiddlewaretoken": "TOKEN", "body": "no title"}),
    ("GET", "/blog/new/"),
    ("POST", "/blog/new/", {"csrfmiddlewaretoken": "TOKEN", "title": "Übung & more!", "body": "x"}),
    ("GET", "/blog/ubung-more/"),
    ("GET", "/blog/ubung-more/image/"),
    ("GET", "/blog/post-3/edit/"),
    ("POST", "/blog/post-3/edit/", {"csrfmiddlewaretoken": "TOKEN", "title": "Changed", "body": "y"}),
    ("GET", "/blog/post-3/"),
    ("POST", "/blog/new/", UPLOAD % (b"x", b"image/png"), MULTIPART),
    ("POST", "/blog/new/", UPLOAD[:100], MULTIPART),
    ("POST", "/blog/new/", UPLOAD, {**MULTIPART, "Content-Type": "multipart/form-data"}),
    ("DELETE", "/blog/new/"),
    ("POST", "/blog/post-3/remove/"),
    ("GET", "/blog/post-4/"),
    ("POST", "/blog/post-3/remove/", {"csrfmiddlewaretoken": "TOKEN"}),
    ("POST", "/blog/sign-out/", {"csrfmiddlewaretoken": "TOKEN"}),
    ("GET", "/blog/"),
    ("POST", "/blog/post-4/remove/", {"csrfmiddlewaretoken": "TOKEN"}),
    ("GET", "/blog/", b"", {"Cookie": "csrftoken=short; odd[]=1"}),
    ("GET", "/blog/feed.xml"),
    ("GET", "/archive/post-1.html?a=1&b=%20"),
    ("GET", "/archive/none.html"),
    ("GET", "/about/"),
    ("GET", "/about/a%2Fb/"),
    ("OPTIONS", "/about/"),
    ("POST", "/about/"),
    ("GET", "/blog/", b"", {"Host": "evil.test"}),
    ("GET", "/blog/", b"", {"User-Agent": "badbot/1.0"}),
    ("GET", "/broken/"),
]
