"""docs/reference/settings.md has every setting, and tells its default right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from miniframe.conf import global_settings

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text()
TOLD = dict(re.findall(r"^### `(\w+)`\n\nDefault: `(.+)`\n", PAGE, flags=re.MULTILINE))
SETTINGS = {name: value for name, value in vars(global_settings).items() if name.isupper()}


def test_every_setting_has_a_section_with_its_default_and_no_other_has() -> None:
    assert sorted(TOLD) == sorted(SETTINGS)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_the_default_is_told_as_it_is(name: str) -> None:
    # Sums as the source has them are good: 60 * 60 * 24 * 7 says "a week" better than 604800.
    told = eval(TOLD[name], {"__builtins__": {}})
    assert (told, type(told)) == (SETTINGS[name], type(SETTINGS[name]))


def test_every_section_says_more_than_the_default() -> None:
    bare = re.findall(r"^### `(\w+)`\n\nDefault: `.+`\n\n(?=#|\Z)", PAGE, flags=re.MULTILINE)
    assert not bare
