"""Static files under names with their hash: each rewritten once, listed in the manifest, addressed by it."""

from __future__ import annotations

import json
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.files import ContentFile
from miniframe.files.storage import FileSystemStorage, InMemoryStorage
from miniframe.staticfiles.hashing import ReferenceNotFound
from miniframe.staticfiles.storage import (
    HashedFilesMixin,
    ManifestError,
    ManifestFilesMixin,
    ManifestStaticFilesStorage,
    StaticFilesStorage,
)
from miniframe.test.utils import override_settings


@pytest.fixture(autouse=True)
def static_url() -> Any:
    with override_settings(STATIC_URL="/static/"):
        yield


def collect(storage: Any, files: dict[str, str | bytes]) -> list[Any]:
    """Save files in a storage, and post-process them as `collectstatic` would."""
    for name, content in files.items():
        storage.save(name, ContentFile(content))
    return list(storage.post_process({name: (storage, name) for name in files}))


def digest(content: str) -> str:
    return md5(content.encode()).hexdigest()[:12]


@pytest.fixture
def storage(tmp_path: Path) -> ManifestStaticFilesStorage:
    return ManifestStaticFilesStorage(location=tmp_path)


def test_names_carry_the_hash_of_what_is_written(storage: ManifestStaticFilesStorage, tmp_path: Path) -> None:
    collect(storage, {"css/a.css": "@import 'b.css';", "css/b.css": "x { y: url(../i.png) }", "i.png": b"png"})
    image = f"i.{digest('png')}.png"
    b = f'x {{ y: url("../{image}") }}'
    a = f'@import url("b.{digest(b)}.css");'
    assert (tmp_path / f"css/b.{digest(b)}.css").read_text() == b
    assert (tmp_path / f"css/a.{digest(a)}.css").read_text() == a
    assert storage.url("css/a.css") == f"/static/css/a.{digest(a)}.css"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["css", image, "i.png", "staticfiles.json"]


def test_the_manifest_is_all_that_is_read_later(storage: ManifestStaticFilesStorage, tmp_path: Path) -> None:
    collect(storage, {"a.css": "a", "b/c.txt": "c"})
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    assert manifest["paths"] == {"a.css": f"a.{digest('a')}.css", "b/c.txt": f"b/c.{digest('c')}.txt"}
    assert (manifest["version"], len(manifest["hash"])) == ("1.1", 12)
    later = ManifestStaticFilesStorage(location=tmp_path)
    assert later.manifest_hash == manifest["hash"] == storage.manifest_hash
    for path in tmp_path.rglob("*.css"):
        path.unlink()
    assert later.url("a.css") == f"/static/a.{digest('a')}.css"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        pytest.param("a.css?v=1", "/static/a.0cc175b9c0f1.css?v=1", id="query"),
        pytest.param("a.css#x", "/static/a.0cc175b9c0f1.css#x", id="fragment"),
        pytest.param("a.css?#iefix", "/static/a.0cc175b9c0f1.css?#iefix", id="both"),
        pytest.param("b c/ü.txt", "/static/b%20c/%C3%BC.0cc175b9c0f1.txt", id="encoded"),
        pytest.param("100%25.txt", "/static/100%2525.0cc175b9c0f1.txt", id="per-cent"),
        pytest.param("folder/", "/static/folder/", id="folder"),
        pytest.param(None, "/static/", id="none"),
    ],
)
def test_addresses(storage: ManifestStaticFilesStorage, name: str | None, address: str) -> None:
    collect(storage, {"a.css": "a", "b c/ü.txt": "a", "100%25.txt": "a"})
    assert storage.url(name) == address
    with override_settings(DEBUG=True):
        assert storage.url(name) == address.replace(".0cc175b9c0f1", "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("css/stie.css", r"manifest entry for 'css/stie.css'. Did you mean 'css/site.css'\?", id="typo"),
        pytest.param("/css/site.css", r"Did you mean 'css/site.css'\?", id="slash-in-front"),
        pytest.param("quite/another.png", r"If the file is a new one, run collectstatic\.", id="new"),
    ],
)
def test_what_the_manifest_lacks_is_an_error(storage: ManifestStaticFilesStorage, name: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"The manifest is empty or missing: run collectstatic\."):
        storage.url(name)
    collect(storage, {"css/site.css": "a"})
    with pytest.raises(ValueError, match=message):
        storage.url(name)


def test_a_lenient_manifest_makes_up_for_what_it_lacks(tmp_path: Path) -> None:
    class Lenient(ManifestStaticFilesStorage):
        manifest_strict = False

    storage = Lenient(location=tmp_path)
    collect(storage, {"a.css": "url(i.png)", "i.png": "png"})
    expected = storage.url("a.css")
    storage.hashed_files.clear()
    assert storage.url("a.css") == expected
    with pytest.raises(ValueError, match=r"The file 'nope.css' could not be found with <"):
        storage.url("nope.css")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": "9", "paths": {}}'])
def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "staticfiles.json").write_text(text)
    with pytest.raises(ManifestError, match=r"Couldn't load manifest 'staticfiles.json' .* Delete it, and run"):
        ManifestStaticFilesStorage(location=tmp_path)


def test_the_manifest_may_lie_elsewhere(tmp_path: Path) -> None:
    manifests = FileSystemStorage(tmp_path / "manifests")
    storage = ManifestStaticFilesStorage(location=tmp_path / "static", manifest_storage=manifests)
    for _ in range(2):
        collect(storage, {"a.txt": "a"})
    assert manifests.listdir("") == ([], ["staticfiles.json"])
    assert not storage.exists("staticfiles.json")


def failure(results: list[Any]) -> tuple[str, Exception]:
    ((name, _, error),) = [result for result in results if isinstance(result[2], Exception)]
    return name, error


def test_references_that_lead_nowhere_are_named_with_file_and_line(
    storage: ManifestStaticFilesStorage, tmp_path: Path
) -> None:
    text = "@import 'gone.css';\na { b: url(ok.png) }\nc { d: url(img/logo.pgn) url(../up.png) }\n"
    name, error = failure(collect(storage, {"a.css": text, "ok.png": "x", "img/logo.png": "x"}))
    assert (name, type(error)) == ("a.css", ReferenceNotFound)
    assert str(error).splitlines() == [
        f"{tmp_path}/a.css, line 1: 'gone.css' leads to the static file 'gone.css', which does not exist.",
        f"{tmp_path}/a.css, line 3: '../up.png' leads to the static file '../up.png', which does not exist.",
        f"{tmp_path}/a.css, line 3: 'img/logo.pgn' leads to the static file 'img/logo.pgn', which does not exist. "
        f"Did you mean 'img/logo.png'?",
    ]


@pytest.mark.parametrize(
    ("files", "name", "kind", "text"),
    [
        pytest.param(
            {"a.css": "@import 'b.css'", "b.css": "@import 'c.css'", "c.css": "@import 'a.css'"},
            "a.css, b.css, c.css",
            RuntimeError,
            "refer to each other in a circle",
            id="circle",
        ),
        pytest.param({"a.css": "url(a.css)"}, "a.css", RuntimeError, "Max post-process passes exceeded", id="itself"),
        pytest.param({"a.css": b"\xff"}, "a.css", UnicodeDecodeError, "", id="not-utf-8"),
    ],
)
def test_what_cannot_be_hashed_leaves_the_old_manifest(
    storage: ManifestStaticFilesStorage, files: dict[str, str | bytes], name: str, kind: type[Exception], text: str
) -> None:
    collect(storage, {"old.txt": "old"})
    before = storage.read_manifest()
    failed, error = failure(collect(storage, files))
    assert (failed, isinstance(error, kind), text in str(error)) == (name, True, True)
    assert storage.read_manifest() == before
    assert storage.url("old.txt").startswith("/static/old.")


def test_a_second_run_writes_only_what_has_changed(storage: ManifestStaticFilesStorage) -> None:
    files: dict[str, str | bytes] = {"a.css": "url(i.png)", "i.png": "1", "j.png": "2"}
    collect(storage, files)
    written = {name: done for name, _, done in collect(storage, files | {"i.png": "new"})}
    assert written == {"a.css": True, "i.png": True, "j.png": False}


def test_long_chains_of_imports_are_followed(storage: ManifestStaticFilesStorage) -> None:
    files: dict[str, str | bytes] = {f"{number}.css": f"@import '{number + 1}.css'" for number in range(1500)}
    results = collect(storage, files | {"1500.css": "end"})
    assert not [result for result in results if isinstance(result[2], Exception)]


def test_modules_are_rewritten_if_asked(tmp_path: Path) -> None:
    class Modules(ManifestStaticFilesStorage):
        support_js_module_import_aggregation = True

    storage = Modules(location=tmp_path)
    collect(storage, {"a.js": "import b from './b.js' with {type: 'json'}\n// import c from './gone.js'", "b.js": "1"})
    with storage.open(storage.stored_name("a.js")) as file:
        text = file.read().decode()
    assert text == f"import b from \"./b.{digest('1')}.js\" with {{type: 'json'}}\n// import c from './gone.js'"


def test_addresses_below_another_host_keep_their_paths(tmp_path: Path) -> None:
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="https://cdn.example.com/assets/")
    collect(storage, {"css/a.css": "url(/assets/i.png) url(/other/i.png)", "i.png": "i"})
    with storage.open(storage.stored_name("css/a.css")) as file:
        assert file.read().decode() == f'url("/assets/i.{digest("i")}.png") url(/other/i.png)'
    assert storage.url("i.png").startswith("https://cdn.example.com/assets/i.")


def test_other_storages_can_have_hashes_too() -> None:
    class Hashed(HashedFilesMixin, InMemoryStorage):
        def file_hash(self, name: str, content: Any = None) -> str | None:
            return None if name.endswith(".png") else "v2"

    storage = Hashed(base_url="/x/")
    for _ in range(2):
        collect(storage, {"a.css": "url(i.png)", "i.png": "1"})
        storage.delete("a.css")
        storage.delete("i.png")
    collect(storage, {"a.css": "url(i.png)", "i.png": "1"})
    assert (storage.url("a.css"), storage.url("i.png")) == ("/x/a.v2.css", "/x/i.png")
    fresh = Hashed(base_url="/x/")
    fresh._root = storage._root
    assert fresh.url("a.css") == "/x/a.v2.css"


def test_the_plain_storage_replaces_files_in_their_place(tmp_path: Path) -> None:
    storage = StaticFilesStorage(location=tmp_path)
    assert [storage.save("a.txt", ContentFile(text)) for text in ("1", "2")] == ["a.txt", "a.txt"]
    assert (tmp_path / "a.txt").read_text() == "2"


def test_settings_are_asked_for_by_name() -> None:
    with override_settings(STATIC_ROOT=None), pytest.raises(ImproperlyConfigured, match="set the STATIC_ROOT setting"):
        StaticFilesStorage().path("a")
    with override_settings(STATIC_URL=None), pytest.raises(ImproperlyConfigured, match="STATIC_URL"):
        StaticFilesStorage()
    assert issubclass(ManifestStaticFilesStorage, (ManifestFilesMixin, StaticFilesStorage))
