"""The same files get the same names and contents as from Django, so browsers' caches survive a move."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage as Theirs
from django.core.files.base import ContentFile as TheirFile
from django.test.utils import override_settings as override_theirs

from miniframe.files import ContentFile
from miniframe.staticfiles.storage import ManifestStaticFilesStorage
from miniframe.test.utils import override_settings


class TheirModules(Theirs):  # type: ignore[misc]  # Django has no types
    support_js_module_import_aggregation = True


class Modules(ManifestStaticFilesStorage):
    support_js_module_import_aggregation = True


IMAGES = {"i.png": "1", "img/j.png": "2", "fonts/f.eot": "3", "fonts/f.svg": "4", "x.map": "{}"}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.css": "url(i.png) url('img/j.png')"}, id="quotes"),
        pytest.param(
            {"a.css": "@import 'b.css'; @import url(css/c.css);", "b.css": "b", "css/c.css": "c"}, id="import"
        ),
        pytest.param({"css/a.css": "url(../i.png) url(../img/../i.png)"}, id="folders"),
        pytest.param({"a.css": "url(/static/img/j.png) url(/media/x.png)"}, id="from-the-root"),
        pytest.param({"a.css": "url(fonts/f.eot?#iefix) url(fonts/f.svg#name) url(i.png?v=2)"}, id="tails"),
        pytest.param({"a.css": "url() url(#a) url(data:x) url(//h/x) url(https://h/x) url(about:blank)"}, id="others"),
        pytest.param({"a.css": "a{}\n/*# sourceMappingURL=x.map*/\n"}, id="css-source-map"),
        pytest.param({"a.js": "1;\n//# sourceMappingURL=x.map"}, id="js-source-map"),
        pytest.param({"c.css": "@import 'b.css'", "b.css": "@import 'a.css'", "a.css": "url(i.png)"}, id="chain"),
        pytest.param(
            {
                "a.js": "import x from './b.js';\nimport * as y from \"./b.js\";\nexport { z } from './b.js';\n"
                "const m = import('./b.js');\nimport v from 'vue';\n",
                "b.js": "export const z = 1;\n",
            },
            id="modules",
        ),
    ],
)
def test_copies_are_the_same(tmp_path: Path, files: dict[str, str]) -> None:
    trees: list[dict[str, Any]] = []
    with override_settings(STATIC_URL="/static/"), override_theirs(STATIC_URL="/static/"):
        for storage_class, file_class in ((Modules, ContentFile), (TheirModules, TheirFile)):
            root = tmp_path / storage_class.__name__
            storage: Any = storage_class(location=root)
            for name, content in {**files, **IMAGES}.items():
                storage.save(name, file_class(content.encode()))
            assert list(storage.post_process({name: (storage, name) for name in {**files, **IMAGES}}))
            tree = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}
            trees.append(tree | {"staticfiles.json": json.loads(tree["staticfiles.json"])})
    assert trees[0] == trees[1]
