"""Is this a value of the right form, size or length?

A class makes a validator from its rule, and instances with the same rule are equal.

Source: Django's reference "Validators".
Not here: addresses (`addresses`); pictures, for which one would ask Pillow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from miniframe.exceptions import ValidationError

__all__ = [
    "Validator",
    "BaseValidator",
    "DecimalValidator",
    "EMPTY_VALUES",
    "FileExtensionValidator",
    "MaxLengthValidator",
    "MaxValueValidator",
    "MinLengthValidator",
    "MinValueValidator",
    "ProhibitNullCharactersValidator",
    "RegexValidator",
    "StepValueValidator",
    "int_list_validator",
    "integer_validator",
    "validate_comma_separated_integer_list",
    "validate_integer",
    "validate_slug",
    "validate_unicode_slug",
]

EMPTY_VALUES: tuple[Any, ...] = (None, "", [], (), {})
"""What counts as "nothing was given"."""


class Validator:
    """The parent of all: two validators of a class are equal if their attributes are, which are the rule."""

    def __eq__(self, other: object) -> bool:
        return self._rule() == other._rule() if type(other) is type(self) else NotImplemented

    __hash__: ClassVar[None]  # type: ignore[assignment]  # equal by value and changeable

    def _set(self, **given: Any) -> None:
        """Set attributes; what was not given (None) is the class's."""
        vars(self).update({name: getattr(self, name) if value is None else value for name, value in given.items()})

    def _rule(self) -> dict[str, Any]:
        # What is allowed is allowed in any order.
        return {name: frozenset(value) if isinstance(value, list) else value for name, value in vars(self).items()}


class RegexValidator(Validator):
    """The value as text has a match of `regex`; with `inverse_match` it has none.

    Raises:
        TypeError: `flags` are given for an expression that is compiled already.
    """

    regex: Any = ""
    message: Any = "Enter a valid value."
    code = "invalid"
    inverse_match = False
    flags = 0

    def __init__(
        self,
        regex: str | re.Pattern[str] | None = None,
        message: Any = None,
        code: str | None = None,
        inverse_match: bool | None = None,
        flags: int | None = None,
    ) -> None:
        self._set(message=message, code=code, inverse_match=inverse_match, flags=flags)
        regex = self.regex if regex is None else regex
        if self.flags and not isinstance(regex, str):
            raise TypeError("If the flags are set, regex must be a regular expression string.")
        self.regex = re.compile(regex, self.flags) if isinstance(regex, str) else regex

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        if bool(self.regex.search(str(value))) is bool(self.inverse_match):
            raise ValidationError(self.message, code=self.code, params={"value": value})


integer_validator: RegexValidator = RegexValidator(r"^-?\d+\Z", message="Enter a valid integer.")
validate_slug: RegexValidator = RegexValidator(
    r"^[-a-zA-Z0-9_]+\Z", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
)
validate_unicode_slug: RegexValidator = RegexValidator(
    r"^[-\w]+\Z", "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens."
)


def validate_integer(value: Any) -> None:
    """The value is a whole number, in digits."""
    integer_validator(value)


def int_list_validator(
    sep: str = ",", message: Any = None, code: str = "invalid", allow_negative: bool = False
) -> RegexValidator:
    """Return a validator for whole numbers with `sep` between them."""
    number = r"-?\d+" if allow_negative else r"\d+"
    return RegexValidator(rf"^{number}(?:{re.escape(sep)}{number})*\Z", message, code)


validate_comma_separated_integer_list: RegexValidator = int_list_validator(
    message="Enter only digits separated by commas."
)


class BaseValidator(Validator):
    """The value stands in a relation to `limit_value`, which may be a function that returns it.

    A subclass says in `compare` when the rule is broken, and in `clean` what of the value is compared.
    """

    message: Any = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    code = "limit_value"

    def __init__(self, limit_value: Any, message: Any = None) -> None:
        self.limit_value = limit_value
        self._set(message=message)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        cleaned = self.clean(value)
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        if self.compare(cleaned, limit):
            params = {"limit_value": limit, "show_value": cleaned, "value": value}
            raise ValidationError(self._wording(limit), code=self.code, params={**params, **self._more(limit)})

    def _wording(self, limit: Any) -> Any:
        """Return the message in the number that fits the limit."""
        return self.message

    def _more(self, limit: Any) -> dict[str, Any]:
        """Return what else the message may show."""
        return {}

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether the value `a` breaks the rule of the limit `b`."""
        return bool(a is not b)

    def clean(self, x: Any) -> Any:
        """Return what of a value is compared: the value itself."""
        return x


class MaxValueValidator(BaseValidator):
    """The value is `limit_value` at most."""

    message = "Ensure this value is less than or equal to %(limit_value)s."
    code = "max_value"

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether it is more."""
        return bool(a > b)


class MinValueValidator(BaseValidator):
    """The value is `limit_value` at least."""

    message = "Ensure this value is greater than or equal to %(limit_value)s."
    code = "min_value"

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether it is less."""
        return bool(a < b)


class StepValueValidator(BaseValidator):
    """The value is `offset` and a whole number of times `limit_value`."""

    message = "Ensure this value is a multiple of step size %(limit_value)s."
    code = "step_size"

    def __init__(self, limit_value: Any, message: Any = None, offset: Any = None) -> None:
        if message is None and offset is not None:
            examples = "%(offset)s, %(valid_value1)s, %(valid_value2)s, and so on."
            message = f"{self.message[:-1]}, starting from %(offset)s, e.g. {examples}"
        super().__init__(limit_value, message)
        self.offset = offset

    def _more(self, limit: Any) -> dict[str, Any]:
        if self.offset is None:
            return {}
        start = self.offset
        return {"offset": start, "valid_value1": start + limit, "valid_value2": start + 2 * limit}

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether it lies between two steps, apart from what floats cannot hold."""
        rest = math.remainder(a - (self.offset or 0), b)
        return not math.isclose(rest, 0, abs_tol=1e-9)


def _one_of(message: Any, *nouns: str) -> Any:
    """Return the message with its nouns, given in the plural, in the singular."""
    for noun in nouns if isinstance(message, str) else ():
        message = message.replace(noun, noun[:-1])
    return message


class _Length(BaseValidator):
    def clean(self, x: Any) -> int:
        """Return the value's length."""
        return len(x)

    def _wording(self, limit: Any) -> Any:
        return _one_of(self.message, "characters") if limit == 1 else self.message


class MinLengthValidator(_Length):
    """The value has `limit_value` characters or entries at least."""

    message = "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d)."
    code = "min_length"

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether it is shorter."""
        return bool(a < b)


class MaxLengthValidator(_Length):
    """The value has `limit_value` characters or entries at most."""

    message = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."
    code = "max_length"

    def compare(self, a: Any, b: Any) -> bool:
        """Return whether it is longer."""
        return bool(a > b)


class DecimalValidator(Validator):
    """A `Decimal` has `max_digits` digits at most, `decimal_places` of them after the point; None: any number."""

    messages: dict[str, Any] = {
        "invalid": "Enter a number.",
        "max_digits": "Ensure that there are no more than %(max)s digits in total.",
        "max_decimal_places": "Ensure that there are no more than %(max)s decimal places.",
        "max_whole_digits": "Ensure that there are no more than %(max)s digits before the decimal point.",
    }

    def __init__(self, max_digits: int | None, decimal_places: int | None) -> None:
        self.max_digits = max_digits
        self.decimal_places = decimal_places

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):  # NaN, Infinity
            raise ValidationError(self.messages["invalid"], code="invalid", params={"value": value})
        places = max(0, -exponent)
        # 1E+3 has four digits, 0.001 has three; zero has one however it is written.
        total = max(len(digits) + max(0, exponent) if any(digits) else 1, places)
        whole = None if None in (self.max_digits, self.decimal_places) else self.max_digits - self.decimal_places  # type: ignore[operator]
        rules = (
            ("max_digits", total, self.max_digits),
            ("max_decimal_places", places, self.decimal_places),
            ("max_whole_digits", total - places, whole),
        )
        for code, has, most in rules:
            if most is not None and has > most:
                message = self.messages[code]
                message = _one_of(message, "digits", "places") if most == 1 else message
                raise ValidationError(message, code=code, params={"max": most, "value": value})


class FileExtensionValidator(Validator):
    """A file's name ends with one of the extensions, in any case; the name says nothing of what is in the file."""

    message: Any = "File extension “%(extension)s” is not allowed. Allowed extensions are: %(allowed_extensions)s."
    code = "invalid_extension"

    def __init__(
        self, allowed_extensions: Sequence[str] | None = None, message: Any = None, code: str | None = None
    ) -> None:
        self.allowed_extensions: list[str] | None = (
            None if allowed_extensions is None else [each.lower() for each in allowed_extensions]
        )
        self._set(message=message, code=code)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        extension = Path(value.name).suffix[1:].lower()
        if self.allowed_extensions is not None and extension not in self.allowed_extensions:
            allowed = ", ".join(self.allowed_extensions)
            params = {"extension": extension, "allowed_extensions": allowed, "value": value}
            raise ValidationError(self.message, code=self.code, params=params)


class ProhibitNullCharactersValidator(Validator):
    """The value as text has no NUL in it."""

    message: Any = "Null characters are not allowed."
    code = "null_characters_not_allowed"

    def __init__(self, message: Any = None, code: str | None = None) -> None:
        self._set(message=message, code=code)

    def __call__(self, value: Any) -> None:
        """Raise ValidationError if the rule is broken."""
        if "\x00" in str(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})
