"""The pages of the blog."""

import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.generic import RedirectView, TemplateView, View

from blog import store


def found(slug):
    post = store.post(slug)
    if post is None:
        raise Http404(f"No post is called {slug!r}.")
    return post


@require_safe
def index(request):
    page = Paginator(store.posts(), 3).get_page(request.GET.get("page"))
    return TemplateResponse(request, "index.html", {"page": page})


def changed(request, slug):
    post = store.post(slug)
    return post and datetime.datetime.fromtimestamp(post["changed"], datetime.UTC)


@condition(
    etag_func=lambda request, slug: f'"{slug}-{len(store.comments(found(slug)["id"]))}"', last_modified_func=changed
)
def raw(request, slug):
    return HttpResponse(found(slug)["body"], content_type="text/plain; charset=utf-8")


class Detail(View):
    """One post with its comments, and the form for another one."""

    def get(self, request, slug, errors=None, status=200):
        post = found(slug)
        context = {"post": post, "comments": store.comments(post["id"]), "errors": errors or {}, "sent": request.POST}
        return render(request, "detail.html", context, status=status)

    def post(self, request, slug):
        post = found(slug)
        name, text = request.POST.get("name", "").strip(), request.POST.get("text", "").strip()
        errors = {}
        if not name:
            errors["name"] = "This field is required."
        if len(text) < 3:
            errors["text"] = "Say more."
        if errors:
            return self.get(request, slug, errors, status=400)
        store.comment(post["id"], name, text)
        request.session["name"] = name
        messages.success(request, f"Thank you, {name}!")
        return redirect("blog:detail", slug)


@method_decorator(never_cache, name="dispatch")
class SignIn(View):
    def get(self, request):
        request.session.set_test_cookie()
        return render(request, "sign_in.html", {"next": request.GET.get("next", "")})

    def post(self, request):
        if not request.session.test_cookie_worked():
            messages.error(request, "Your browser takes no cookies.")
            return redirect("blog:sign-in")
        if request.POST.get("password") != "open sesame":
            messages.error(request, "Wrong password.", extra_tags="loud")
            return redirect(request.get_full_path())
        request.session.cycle_key()
        request.session["author"] = request.POST["name"]
        request.session.set_expiry(600)
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = reverse("blog:index")
        return HttpResponseRedirect(target)


@require_POST
def sign_out(request):
    request.session.flush()
    messages.info(request, "Signed out.")
    return redirect("blog:index")


@require_http_methods(["GET", "POST"])
def edit(request, slug=None):
    post = found(slug) if slug else None
    if request.method == "POST":
        title = request.POST["title"]
        image = request.FILES.get("image")
        if image and image.content_type != "image/png":
            messages.warning(request, f"{image.name} ({image.size} bytes of {image.content_type}) is no PNG.")
            image = None
        store.save(slug or slugify(title), title, request.POST.get("body", ""), image and image.read())
        messages.success(request, "Saved.")
        return redirect("blog:detail", slug=slug or slugify(title))
    return render(request, "edit.html", {"post": post})


edit.for_authors = True


@require_POST
def remove(request, slug):
    if request.author != "ann":
        raise PermissionDenied("Only Ann may do that.")
    found(slug)
    store.delete(slug)
    return redirect("blog:index")


@cache_control(public=True, max_age=3600)
def image(request, slug):
    import io

    data = found(slug)["image"]
    if data is None:
        raise Http404("no image")
    return FileResponse(io.BytesIO(data), filename=f"{slug}.png")


@vary_on_headers("Accept-Language")
@ensure_csrf_cookie
def feed(request):
    return render(request, "feed.xml", {"posts": store.posts()}, content_type="application/atom+xml")


class About(TemplateView):
    template_name = "about.html"
    extra_context = {"version": 3}

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "topic": kwargs.get("topic", "all")}


class Old(RedirectView):
    permanent = True
    pattern_name = "blog:detail"
    query_string = True


home = RedirectView.as_view(url=reverse_lazy("blog:index"))


def broken(request):
    return 1 / 0


def refused(request, reason=""):
    return render(request, "error.html", {"what": reason}, status=403)


def bad_request(request, exception):
    # Without a page of templates: the host may be what is bad, and the author is not known yet.
    return HttpResponse(f"Bad request: {type(exception).__name__}", status=400, content_type="text/plain")


def forbidden(request, exception):
    return HttpResponse(f"Forbidden: {exception}", status=403)


def not_found(request, exception):
    return render(request, "error.html", {"what": str(exception)}, status=404)


def server_error(request):
    return HttpResponse("Something broke.", status=500, content_type="text/plain")
