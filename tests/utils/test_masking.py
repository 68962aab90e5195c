"""Secrets in source code are hidden, whatever the code looks like; other strings stay."""

from __future__ import annotations

import pytest

from miniframe.utils.masking import mask_source, secrets_in


@pytest.mark.parametrize(
    ("source", "masked"),
    [
        pytest.param('SECRET_KEY = "geheim"', 'SECRET_KEY = "*"', id="assignment"),
        pytest.param("SECRET_KEY = 'geheim'\nNAME = 'x'", "SECRET_KEY = '*'\nNAME = 'x'", id="ends-with-its-line"),
        pytest.param('SECRET_KEY: Final[str] = rb"geheim"', 'SECRET_KEY: Final[str] = rb"*"', id="annotated"),
        pytest.param('SECRET_KEY = "geheim', 'SECRET_KEY = "*', id="quote-forgotten"),
        pytest.param('SECRET_KEY = "geheim\nNAME = "x"', 'SECRET_KEY = "*\nNAME = "x"', id="quote-forgotten-above"),
        pytest.param('SECRET_KEY = "ge\\"heim"', 'SECRET_KEY = "*"', id="quote-within"),
        pytest.param('SECRET_KEY = "ge\\\nheim"', 'SECRET_KEY = "*\n"', id="joined-lines"),
        pytest.param('SECRET_KEY = "geheim\\', 'SECRET_KEY = "*\\', id="ends-in-a-backslash"),
        pytest.param('SECRET_KEY = """ge\nheim"""', 'SECRET_KEY = """*\n"""', id="three-quotes"),
        pytest.param('SECRET_KEY = """ge\nheim', 'SECRET_KEY = """*\n', id="three-quotes-forgotten"),
        pytest.param('SECRET_KEY = (\n "a"\n "b"\n)\nX = "c"', 'SECRET_KEY = (\n "*"\n "*"\n)\nX = "c"', id="lines"),
        pytest.param('SECRET_KEY = \\\n "a"', 'SECRET_KEY = \\\n "*"', id="continued"),
        pytest.param('SECRET_KEY_FALLBACKS = ["a", "b"]', 'SECRET_KEY_FALLBACKS = ["*", "*"]', id="list"),
        pytest.param('API_TOKENS = "a", "b"', 'API_TOKENS = "*", "*"', id="tuple"),
        pytest.param(
            'D = {"USER": "ann", "PASSWORD": "x", "PORT": "1"}', 'D = {"USER": "ann", "PASSWORD": "*", "PORT": "1"}',
            id="dict",
        ),
        pytest.param('D["API_KEY"] = "x"', 'D["API_KEY"] = "*"', id="key-in-brackets"),
        pytest.param('f(token="x", name="y")', 'f(token="*", name="y")', id="argument"),
        pytest.param('self.password = "x"', 'self.password = "*"', id="attribute"),
        pytest.param('def f(password: str = "x", n="y"): ...', 'def f(password: str = "*", n="y"): ...', id="default"),
        pytest.param(
            'SECRET_KEY = os.environ.get("SECRET_KEY", "geheim")', 'SECRET_KEY = os.environ.get("SECRET_KEY", "*")',
            id="fallback-of-a-variable",
        ),
        pytest.param('X = (\nSECRET_KEY = "a"\n', 'X = (\nSECRET_KEY = "*"\n', id="after-an-open-bracket"),
        pytest.param('X = ]\nSECRET_KEY = "a"\n', 'X = ]\nSECRET_KEY = "*"\n', id="after-a-stray-bracket"),
        pytest.param("DEBUG = = True\nSECRET_KEY = 'a'", "DEBUG = = True\nSECRET_KEY = '*'", id="after-an-error"),
    ],
)  # fmt: skip
def test_what_a_name_of_a_secret_gets_is_hidden(source: str, masked: str) -> None:
    assert mask_source(source, stars="*") == masked
    assert masked.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        'DEBUG = True\nNAME = "x"',
        'SECRET_KEY = os.environ["SECRET_KEY"]',
        'SECRET_KEY = ""',
        'if token == "x": pass',
        'if token:\n    name = "x"',
        'get_token("x")',
        '# SECRET_KEY\nNAME = "x"',
        'def check(password):\n    return "x"',
        'def check(password): return "x"',
        'KEYBOARD = "x"',
    ],
)
def test_other_strings_stay(source: str) -> None:
    assert mask_source(source) == source


def test_the_secrets_of_a_file_can_be_had_to_look_for_them_elsewhere() -> None:
    assert secrets_in('SECRET_KEY = "a" "b"\nNAME = "c"\nD = {"password": \'d\'}') == ["a", "b", "d"]


def test_a_large_file_takes_no_time_to_speak_of() -> None:
    source = 'X = "' + "\\" * 50_001 + "'\n" + "'''\n" * 3001 + "(" * 50_000
    assert mask_source(source).count("\n") == source.count("\n")
