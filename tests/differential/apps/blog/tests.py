"""The blog's own tests."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory, SimpleTestCase, override_settings
from django.urls import resolve, reverse

from blog import store, views


class PagesTests(SimpleTestCase):
    def test_the_index_lists_three_posts(self):
        response = self.client.get(reverse("blog:index"))
        self.assertContains(response, "<li>", count=3)
        self.assertEqual(response.resolver_match.view_name, "blog:index")

    def test_home_leads_to_the_index(self):
        self.assertRedirects(self.client.get("/"), "/blog/")

    def test_a_missing_post_is_told(self):
        self.assertContains(self.client.get("/blog/none/"), "No post is called", status_code=404)

    def test_a_comment_is_thanked_for_once(self):
        response = self.client.post("/blog/post-5/", {"name": "Bo", "text": "hello"}, follow=True)
        self.assertEqual(response.redirect_chain, [("/blog/post-5/", 302)])
        self.assertContains(response, "Thank you, Bo!", html=False)
        self.assertNotContains(self.client.get("/blog/post-5/"), "Thank you")

    def test_a_bad_comment_is_refused(self):
        response = self.client.post("/blog/post-5/", {"name": ""})
        self.assertContains(response, "This field is required.", status_code=400)

    def test_forms_are_protected(self):
        client = Client(enforce_csrf_checks=True)
        self.assertEqual(client.post("/blog/post-5/", {"name": "x", "text": "yyy"}).status_code, 403)

    def test_an_error_is_answered_by_the_site(self):
        client = Client(raise_request_exception=False)
        self.assertEqual(client.get("/broken/").content, b"Something broke.")
        with self.assertRaises(ZeroDivisionError):
            self.client.get("/broken/")


class AuthorTests(SimpleTestCase):
    def setUp(self):
        self.client.get("/blog/sign-in/")
        self.client.post("/blog/sign-in/", {"name": "ann", "password": "open sesame"})

    def test_an_author_is_known(self):
        self.assertEqual(self.client.session["author"], "ann")
        self.assertContains(self.client.get("/blog/new/"), "ann")

    def test_a_picture_is_kept(self):
        picture = SimpleUploadedFile("x.png", b"\x89PNG", content_type="image/png")
        self.client.post("/blog/new/", {"title": "With a picture", "image": picture})
        response = self.client.get("/blog/with-a-picture/image/")
        self.assertEqual(b"".join(response.streaming_content), b"\x89PNG")
        self.assertEqual(response["Content-Type"], "image/png")

    def test_signing_out_forgets(self):
        self.client.post("/blog/sign-out/")
        self.assertEqual(self.client.get("/blog/new/").status_code, 403)


class UnitTests(SimpleTestCase):
    def test_a_view_alone(self):
        request = RequestFactory().get("/blog/post-1/raw")
        self.assertEqual(views.raw(request, slug="post-1").content, store.post("post-1")["body"].encode())

    def test_routes(self):
        self.assertEqual(resolve("/blog/a-b/edit/").kwargs, {"slug": "a-b"})
        self.assertEqual(reverse("blog:edit", args=["x"]), "/blog/x/edit/")

    @override_settings(SITE_NAME="Another")
    def test_the_name_is_a_setting(self):
        self.assertContains(self.client.get("/blog/"), "Another")
