"""Callables that raise ValidationError for a value which does not satisfy a rule.

For what a view gets from a form, a query string or JSON: `validate_email(data["email"])`.  The error's `code` is for
programs, its message for people, and its `params` have the value.
"""

from __future__ import annotations

from miniframe.validators.addresses import (
    MAX_URL_LENGTH,
    DomainNameValidator,
    EmailValidator,
    URLValidator,
    validate_domain_name,
    validate_email,
    validate_ipv4_address,
    validate_ipv6_address,
    validate_ipv46_address,
)
from miniframe.validators.values import (
    EMPTY_VALUES,
    BaseValidator,
    DecimalValidator,
    FileExtensionValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
    RegexValidator,
    StepValueValidator,
    int_list_validator,
    integer_validator,
    validate_comma_separated_integer_list,
    validate_integer,
    validate_slug,
    validate_unicode_slug,
)

__all__ = [
    "BaseValidator",
    "DecimalValidator",
    "DomainNameValidator",
    "EMPTY_VALUES",
    "EmailValidator",
    "FileExtensionValidator",
    "MAX_URL_LENGTH",
    "MaxLengthValidator",
    "MaxValueValidator",
    "MinLengthValidator",
    "MinValueValidator",
    "ProhibitNullCharactersValidator",
    "RegexValidator",
    "StepValueValidator",
    "URLValidator",
    "int_list_validator",
    "integer_validator",
    "validate_comma_separated_integer_list",
    "validate_domain_name",
    "validate_email",
    "validate_integer",
    "validate_ipv46_address",
    "validate_ipv4_address",
    "validate_ipv6_address",
    "validate_slug",
    "validate_unicode_slug",
]
