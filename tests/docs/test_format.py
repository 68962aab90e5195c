"""The format that pages are written in: what CONTRIBUTING.md tells of it is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.browsing import Browser, text_of
from tests.docs.comparing import difference, lines_in_order
from tests.docs.reading import Block, read_blocks
from tests.docs.shell import Shell, commands_of
from tests.docs.story import Story, is_run
from tests.docs.writing import change, split_caption

PAGE = Path("docs/page.md")


def blocks(*lines: str) -> list[Block]:
    return read_blocks(PAGE, "\n".join(lines))


# Reading


def test_a_block_is_known_by_its_language_its_caption_and_its_line() -> None:
    (block,) = blocks(
        "Text.", "", "```{code-block} python", ":caption: mysite/views.py", ":linenos:", "", "x = 1", "```"
    )
    assert (block.language, block.caption, block.text, block.line) == ("python", "mysite/views.py", "x = 1", 7)
    assert block.place == "docs/page.md:7"


def test_a_comment_above_a_block_gives_the_reason_why_it_is_not_run() -> None:
    first, second = blocks(
        "<!-- not run: needs the", "machine -->", "```console", "$ reboot", "```", "", "```text", "x", "```"
    )
    assert first.not_run == "needs the machine"
    assert not is_run(first)
    assert second.not_run == ""


def test_a_comment_can_hold_commands_that_a_reader_need_not_see() -> None:
    (block,) = blocks("<!-- unseen:", "$ mkdir a", "$ cd a", "-->")
    assert (block.language, block.text) == ("console", "$ mkdir a\n$ cd a")


def test_blocks_inside_of_other_directives_are_found() -> None:
    assert [block.text for block in blocks("````{note}", "```console", "$ true", "```", "````")] == ["$ true"]


def test_a_block_in_a_list_loses_its_indentation() -> None:
    (block,) = blocks("1. First", "", "   ```python", "   if x:", "       y", "   ```")
    assert block.text == "if x:\n    y"


def test_a_fence_that_is_not_closed_is_told() -> None:
    with pytest.raises(ValueError, match=r"docs/page\.md:2: this fence is not closed"):
        blocks("", "```python", "x")


# Writing

BEFORE = """\
'''Views.'''

import a
from b import c

NAMES = [
    "a",
]
NONE: list[str] = []


@a.decorated
def home():
    return 1


class Shelf:
    def get(self):
        return 2
"""


@pytest.mark.parametrize(
    ("place", "text", "found"),
    [
        pytest.param("at the end", "def x():\n    pass", "        return 2\n\n\ndef x():\n    pass\n", id="end"),
        pytest.param("among the imports", "import d", "from b import c\nimport d\n\nNAMES", id="imports"),
        pytest.param("instead of the imports", "import d", "\n\nimport d\n\nNAMES", id="all-imports"),
        pytest.param("in NAMES", '"b",', '    "a",\n    "b",\n]\n', id="list"),
        pytest.param("in NONE", '"b",', 'NONE: list[str] = [\n    "b",\n]\n', id="empty-list"),
        pytest.param("in Shelf", "def put(self): ...", "return 2\n\n    def put(self): ...\n", id="class"),
        pytest.param("instead of home", "def home(): ...", "\n\n\ndef home(): ...\n\n\nclass", id="function"),
        pytest.param("instead of home()", "def home(): ...", "\n\n\ndef home(): ...\n\n\nclass", id="parentheses"),
        pytest.param(
            "instead of Shelf.get", "def get(self): ...", "class Shelf:\n    def get(self): ...\n", id="method"
        ),
        pytest.param("after home", "x = 1", "return 1\n\n\nx = 1\n\n\nclass", id="after-function"),
        pytest.param("before home", "x = 1", "[]\n\n\nx = 1\n\n\n@a.decorated", id="before-function"),
        pytest.param("after `return 1`", "    # end", "    return 1\n    # end\n", id="after-line"),
        pytest.param("before `return 1`", "    # end", "    # end\n    return 1\n", id="before-line"),
        pytest.param("instead of `return 1`", "    return 3", "def home():\n    return 3\n\n", id="line"),
    ],
)
def test_a_caption_says_where_a_block_goes(place: str, text: str, found: str, tmp_path: Path) -> None:
    file = tmp_path / "views.py"
    file.write_text(BEFORE)
    change(file, place, text)
    assert found in file.read_text()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("somewhere", "is none of: at the end; among the imports"),
        ("instead of away", "defines no 'away'"),
        ("after `return`", "2 lines of the file have the text 'return'"),
    ],
)
def test_a_place_that_is_not_there_is_told(place: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "views.py"
    file.write_text(BEFORE)
    with pytest.raises(ValueError, match=told):
        change(file, place, "x")


def test_a_caption_without_a_place_makes_the_file(tmp_path: Path) -> None:
    assert split_caption("templates/a b.html") == ("templates/a b.html", "")
    change(tmp_path / "templates/new/a.html", "", "<p>\n")
    assert (tmp_path / "templates/new/a.html").read_text() == "<p>\n"


# Comparing


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        pytest.param("a\nb\n", "a\n\nb  \n", id="blanks"),
        pytest.param("in ... ms", "in 12 ms\n", id="within-a-line"),
        pytest.param("a\n...\nz", "a\nb\nc\nz\n", id="lines"),
        pytest.param("a\n...", "a\n", id="no-lines"),
        pytest.param("  a b  c", "  a b       c\n", id="widths-of-columns"),
        pytest.param("red", "\x1b[31mred\x1b[0m\n", id="colours"),
    ],
)
def test_output_is_as_it_is_shown(shown: str, real: str) -> None:
    assert difference(shown, real) == ""


@pytest.mark.parametrize(("shown", "real"), [("a", "a\nb"), ("a\nb", "a"), ("1... ms", "2 ms")])
def test_output_that_differs_is_told(shown: str, real: str) -> None:
    assert "as the page shows it" in difference(shown, real)


def test_lines_of_a_page_are_looked_for_in_their_order() -> None:
    assert lines_in_order("a\nc", "a\nb\nc") == ""
    assert "no line 'a'" in lines_in_order("c\na", "a\nb\nc")


# The terminal


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "reader").mkdir()
    return Shell(tmp_path / "reader", [], {}, {"path/to/miniframe": "/where/it/lies"})


def test_a_console_is_read_as_commands_and_what_they_print() -> None:
    first, second, third = commands_of("$ ls\na\nb\n$ cat <<END\n> x\n> END\n^C")
    assert (first.line, first.shown) == ("ls", "a\nb\n")
    assert (second.line, second.shown) == ("cat <<END\nx\nEND", None)
    assert third.line == "^C"


def test_folder_and_variables_are_kept_from_line_to_line(shell: Shell) -> None:
    for command in commands_of("$ mkdir a && cd a\n$ export NAME=Ada\n$ echo $NAME in $(basename $PWD)\nAda in a"):
        assert shell.run(command) == ""


def test_a_command_that_fails_is_told_unless_the_page_shows_what_it_prints(shell: Shell) -> None:
    (silent, left_out, shown) = commands_of("$ echo no; false\n$ echo no; false\n...\n$ echo no; false\nno")
    assert "exit status 1\nno" in shell.run(silent)
    assert "exit status 1\nno" in shell.run(left_out)
    assert shell.run(shown) == ""


def test_ports_and_folders_of_a_page_stand_for_those_of_this_machine(shell: Shell) -> None:
    line = "http://127.0.0.1:8000/ and 8443, path/to/miniframe, 80 and 18000"
    assert shell.shown(shell.real(line)) == line
    assert ":8000" not in shell.real(line)
    assert "/where/it/lies, 80 and 18000" in shell.real(line)


# Pages

HTML = """<title>T</title><script>no</script><h1>Lost &amp; found</h1><p>one
<b>red</b> umbrella</p><form method=post action=/new/><input type=hidden name=token value=t>
<label for=t>Title:</label><input id=t name=title><label>Text <textarea name=text>old</textarea></label></form>"""


def test_a_page_is_read_by_its_lines() -> None:
    assert lines_in_order("Lost & found\none red umbrella\nTitle:", text_of(HTML)) == ""
    assert "no" not in text_of(HTML)


def test_a_form_is_filled_in_by_its_labels(story: Story, tmp_path: Path) -> None:
    story.shell.execute("miniframe startproject mysite && cd mysite")
    page = blocks(
        "```{code-block} python",
        ":caption: mysite/views.py, instead of home",
        "def home(request: HttpRequest) -> HttpResponse:",
        f"    return HttpResponse(str(sorted(request.POST.items())) if request.method == 'POST' else '''{HTML}''')",
        "```",
        "```{code-block} python",
        ":caption: mysite/urls.py, in urlpatterns",
        'path("new/", views.home),',
        "```",
        "<!-- unseen:",
        "$ sed -i /csrf/d mysite/settings.py",
        "-->",
        "```console",
        "$ python manage.py runserver",
        "Starting development server at http://127.0.0.1:8000/",
        "```",
        "```{code-block} text",
        ":caption: http://127.0.0.1:8000/, filled in and sent",
        "Title: A hat",
        "Text: black",
        "```",
        "```{code-block} text",
        ":caption: the page that follows",
        "[('text', 'black'), ('title', 'A hat'), ('token', 't')]",
        "```",
        "```{code-block} text",
        ":caption: what the server says",
        "[...] POST /new/ 200 ...",
        "```",
        "```python",
        ">>> reverse('home'), client.get('/').status_code",
        "('/', 200)",
        "```",
    )
    story.tell(page)


def test_a_label_that_no_form_has_is_told() -> None:
    browser = Browser()
    with pytest.raises(AssertionError, match="no page has been opened"):
        browser.send({"Title": "x"})
    with pytest.raises(AssertionError, match="no page has been opened"):
        browser.press("Send")
    browser.close()


def test_a_step_that_goes_wrong_is_told_with_its_place(story: Story) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"docs/page\.md:2: \$ echo b"):
        story.tell(blocks("```console", "$ echo b", "a", "```"))


def test_python_compares_as_doctest_does_and_keeps_its_names(story: Story) -> None:
    story.tell(blocks("```python", "x = 20", "```", "```python", ">>> x + 1", "21", ">>> [x, 1]", "[...]", "```"))
    with pytest.raises(pytest.fail.Exception, match="Expected:"):
        story.tell(blocks("```python", ">>> x", "21", "```"))


def test_a_how_to_page_may_only_name_libraries_that_are_installed_here(story: Story) -> None:
    story.tell(blocks("```console", '$ pip install "jinja2 > 1"', "```"))
    with pytest.raises(pytest.fail.Exception, match="group dev"):
        story.tell(blocks("```console", "$ pip install no-such-library", "```"))
