"""The short names of links, in base 62."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Base62Converter:
    regex = "[0-9A-Za-z]{1,8}"

    def to_python(self, value):
        number = 0
        for digit in value:
            number = number * 62 + DIGITS.index(digit)
        if number > 62**7:
            raise ValueError(value)
        return number

    def to_url(self, value):
        text = ""
        while True:
            value, digit = divmod(value, 62)
            text = DIGITS[digit] + text
            if not value:
                return text
