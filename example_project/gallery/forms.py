"""The upload form: words as in any form, and a file that has to be a picture."""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.files.uploadedfile import UploadedFile

from core.forms import Field, Form, Typed
from gallery.kinds import HEAD, KINDS, Kind, kind_of


class PictureForm(Form):
    """Caption, photographer, and the file."""

    fields = (
        Field("caption", "Caption", longest=100, shortest=3),
        Field("taken_by", "Taken by", longest=40, shortest=2, autocomplete="name"),
    )

    def __init__(self, typed: Typed | None = None, upload: UploadedFile | None = None) -> None:
        super().__init__(typed)
        self.upload = upload
        self.kind: Kind | None = None

    def is_valid(self) -> bool:
        """Check the words and the file; `kind` is the file's format afterwards."""
        super().is_valid()
        problem = self._problem_with_file()
        if problem:
            self.errors["file"] = problem
        return not self.errors

    def _problem_with_file(self) -> str:
        limit = int(settings.PICTURE_MAX_BYTES)
        if self.upload is None:
            return "Please choose a picture."
        if not self.upload.size:
            return "This file is empty."
        if self.upload.size > limit:
            return f"At most {limit // 1024 // 1024} MB, please; this file has {self.upload.size / 1024 / 1024:.1f}."
        self.upload.seek(0)
        self.kind = kind_of(self.upload.read(HEAD))
        self.upload.seek(0)
        if self.kind is None:
            return f"This is not a picture that we can show: {', '.join(each.name for each in KINDS)} only."
        return ""
