"""The system checks know a TEMPLATES setting that cannot work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.template.checks import check_templates
from miniframe.test.utils import override_settings

BACKEND = "miniframe.template.backends.jinja2.Jinja2"


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        pytest.param([], [], id="none"),
        pytest.param([{"BACKEND": BACKEND, "DIRS": [Path(__file__).parent]}], [], id="right"),
        pytest.param([{"BACKEND": "elsewhere.Engine"}], [], id="somebody-elses"),
        pytest.param([{"DIRS": []}], ["templates.E100"], id="no-backend"),
        pytest.param([{"BACKEND": BACKEND}, {"BACKEND": BACKEND}], ["templates.E100"], id="twice"),
        pytest.param([{"BACKEND": "django.template.backends.django.DjangoTemplates"}], ["templates.E101"], id="django"),
        pytest.param([{"BACKEND": BACKEND, "DIRS": ["/no/such"]}], ["templates.W102"], id="missing-folder"),
    ],
)
def test_check_templates(rows: list[dict[str, Any]], ids: list[str]) -> None:
    with override_settings(TEMPLATES=rows):
        assert [message.id for message in check_templates()] == ids
