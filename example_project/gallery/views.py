"""The pages of the gallery, and the pictures themselves."""

from __future__ import annotations

from miniframe import messages
from miniframe.conf import settings
from miniframe.files.storage import default_storage
from miniframe.http import FileResponse, Http404, HttpRequest, HttpResponse
from miniframe.shortcuts import redirect, render
from miniframe.views.decorators.cache import cache_control
from miniframe.views.decorators.http import require_safe
from miniframe.views.generic import View

from core.paging import page_or_404
from gallery import store
from gallery.forms import PictureForm
from gallery.kinds import KINDS
from gallery.models import Picture
from gallery.signals import picture_hung


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the wall."""
    page = page_or_404(store.find(), request.GET.get("page", 1), settings.PICTURES_PER_PAGE)
    return render(request, "gallery/index.html", {"page": page, "page_link": "?page="})


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one picture, and the ways to its neighbours."""
    picture = _picture_or_404(pk)
    newer, older = store.neighbours(picture)
    return render(request, "gallery/detail.html", {"picture": picture, "newer": newer, "older": older})


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def image(request: HttpRequest, pk: int) -> FileResponse:
    """Send a picture to look at.

    The type is the one found in the bytes, and SecurityMiddleware adds `nosniff`, so no browser takes it for a page.
    """
    return _send(_picture_or_404(pk))


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Send a picture to keep."""
    return _send(_picture_or_404(pk), as_attachment=True)


class UploadView(View):
    """Hang up a picture."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, PictureForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PictureForm(request.POST, request.FILES.get("file"))
        if not form.is_valid() or form.upload is None or form.kind is None:
            return self._page(request, form)
        picture = store.add(form.upload, form.kind, form.cleaned["caption"], form.cleaned["taken_by"])
        picture_hung.send(sender=type(self), picture=picture)
        messages.success(request, "Your picture hangs on the wall.")
        return redirect("gallery:detail", pk=picture.id)

    def _page(self, request: HttpRequest, form: PictureForm) -> HttpResponse:
        context = {
            "form": form,
            "kinds": KINDS,
            "megabytes": int(settings.PICTURE_MAX_BYTES) // 1024 // 1024,
        }
        return render(request, "gallery/form.html", context, status=422 if form.errors else 200)


def _picture_or_404(pk: int) -> Picture:
    picture = store.get(pk)
    if picture is None:
        raise Http404("There is no such picture on the wall.")
    return picture


def _send(picture: Picture, *, as_attachment: bool = False) -> FileResponse:
    """Send the file, or the part of it that the request asks for (`Range`).

    The ETag is for who lost the connection on the way: with it a browser asks for the rest of this very file.
    """
    try:
        file = default_storage.open(picture.stored_name)
    except FileNotFoundError:
        raise Http404("The frame is here, but the picture has gone.") from None
    return FileResponse(
        file,
        as_attachment=as_attachment,
        filename=picture.download_name,
        content_type=picture.content_type,
        headers={"ETag": f'"{picture.stored_name}"'},
    )
