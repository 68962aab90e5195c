"""The API's own tests."""

import datetime
import json

from django.apps import apps
from django.test import Client, RequestFactory, SimpleTestCase, override_settings, tag
from django.urls import NoReverseMatch, reverse

from api import signals, store, views


class BookTests(SimpleTestCase):
    def setUp(self):
        store.reset()
        self.ann = Client(headers={"authorization": "Bearer secret"})

    def test_the_list_has_pages(self):
        response = self.client.get(reverse("v1:books"), {"page": 2, "size": 10})
        self.assertEqual([book["id"] for book in response.json()["books"]], list(range(11, 21)))
        self.assertIn('rel="prev"', response["Link"])

    def test_a_book_is_made(self):
        before = signals.COUNTS["changed"]
        response = self.ann.post("/v1/books/", {"title": "New", "price": 2}, content_type="application/json")
        self.assertEqual(response.status_code, 201)
        self.assertEqual(self.client.get(response["Location"]).json()["title"], "New")
        self.assertEqual(signals.COUNTS["changed"], before + 1)

    def test_json_is_compared(self):
        response = self.client.get("/v1/books/4/")
        self.assertJSONEqual(json.dumps(response.json()["tags"]), '["a"]')

    def test_nobody_may_write_without_a_token(self):
        for method in (self.client.post, self.client.put, self.client.patch, self.client.delete):
            self.assertEqual(method("/v1/books/1/").status_code, 401)

    def test_a_stale_tag_is_refused(self):
        data = {"title": "x", "price": 1}
        stale = self.ann.put("/v1/books/1/", data, content_type="application/json", headers={"if-match": '"0"'})
        self.assertEqual(stale.status_code, 412)

    @tag("slow")
    def test_the_export_is_streamed(self):
        response = self.client.get("/v1/books.csv")
        self.assertTrue(response.streaming)
        self.assertEqual(response.getvalue().count(b"\r\n"), 24)

    @override_settings(TOKENS={})
    def test_tokens_are_a_setting(self):
        self.assertEqual(self.ann.delete("/v1/books/1/").status_code, 401)


class OtherTests(SimpleTestCase):
    def test_an_async_view(self):
        since = datetime.date(2024, 3, 1)
        self.assertEqual(self.client.get(reverse("v2:summary", kwargs={"since": since})).json()["since"], "2024-03-01")

    def test_a_view_that_forgets_its_answer(self):
        with self.assertRaisesMessage(ValueError, "didn't return an HttpResponse object"):
            self.client.get("/nothing/")

    def test_a_name_that_does_not_exist(self):
        with self.assertRaises(NoReverseMatch):
            reverse("v3:books")

    def test_the_app_is_there(self):
        self.assertEqual(apps.get_app_config("api").verbose_name, "Books")

    def test_a_view_alone(self):
        request = RequestFactory().post("/echo/", {"a": ["1", "2"]}, secure=True)
        self.assertEqual(json.loads(views.echo(request).content)["fields"], {"a": ["1", "2"]})
