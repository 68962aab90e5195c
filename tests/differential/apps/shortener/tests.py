"""The shortener's own tests."""

from django.core import signing
from django.core.cache import cache, caches
from django.test import SimpleTestCase, modify_settings, override_settings
from django.urls import reverse

from shortener.converters import Base62Converter


@override_settings(HITS_A_MINUTE=1000)
class ShortenTests(SimpleTestCase):
    def setUp(self):
        cache.clear()
        caches["limits"].clear()

    def make(self, target="http://example.com/"):
        return self.client.post("/", {"target": target})

    def test_a_link_is_made_and_followed(self):
        self.assertRedirects(self.make(), "/made/100?new=1")
        self.assertRedirects(self.client.get("/100"), "http://example.com/", fetch_redirect_response=False)
        self.assertContains(self.client.get("/made/100"), "did so 1 times")

    def test_only_the_owner_may_remove(self):
        self.make()
        page = self.client.get("/made/100").content.decode()
        link = page.partition('href="/remove/')[2].partition('"')[0]
        self.assertNotContains(self.client_class().get("/made/100"), "Remove")
        self.assertEqual(self.client.post("/remove/" + link).status_code, 204)
        self.assertEqual(self.client.get("/100").status_code, 410)

    def test_a_forged_link_removes_nothing(self):
        forged = signing.TimestampSigner(salt="other").sign("3844")
        self.assertEqual(self.client.post(reverse("remove", args=[forged])).content, b"BadSignature")

    def test_bad_addresses(self):
        for target in ("", "ftp://x", "//x", "http://"):
            with self.subTest(target=target):
                self.assertEqual(self.make(target).status_code, 400)

    def test_statistics_are_kept_for_a_minute(self):
        first = self.client.get("/statistics").content
        self.make()
        self.assertEqual(self.client.get("/statistics").content, first)
        self.assertIn("max-age=60", self.client.get("/statistics")["Cache-Control"])

    def test_json(self):
        self.assertEqual(self.client.get("/statistics", headers={"accept": "application/json"}).json()["hits"], {})


class LimitTests(SimpleTestCase):
    @override_settings(HITS_A_MINUTE=2)
    def test_too_many_are_held_up(self):
        caches["limits"].clear()
        self.assertEqual([self.client.get("/zz").status_code for _ in range(3)], [404, 404, 429])

    @modify_settings(MIDDLEWARE={"remove": ["shortener.middleware.RateLimit"]})
    def test_without_the_middleware_nobody_is(self):
        self.assertNotIn("X-Hits-Left", self.client_class().get("/"))


class ConverterTests(SimpleTestCase):
    def test_there_and_back(self):
        for number in (0, 61, 62, 3844, 62**7):
            self.assertEqual(Base62Converter().to_python(Base62Converter().to_url(number)), number)
