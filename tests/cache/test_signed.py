"""Signatures of what caches keep: good for these bytes, in this kind of cache, at this place, and for nothing else."""

from __future__ import annotations

import pytest

from miniframe.cache.backends.signed import UnusableValue, sign, verify

SIGNATURE = 32


@pytest.mark.parametrize(
    ("place", "data"),
    [
        pytest.param(":1:weather:x\0P", b"rest", id="a-NUL-in-the-key"),
        pytest.param(":1:weather:x:P", b"rest", id="a-colon-in-the-key"),
        pytest.param("", b"all of it", id="no-place"),
        pytest.param("\0\0\0\0\0\0\0\x01x", b"rest", id="a-length-in-the-key"),
    ],
)
def test_a_signature_is_good_for_no_other_split_of_key_and_value(place: str, data: bytes) -> None:
    signature = sign(data, "redis", place)[:SIGNATURE]
    whole = place.encode() + data
    lengths = len(place).to_bytes(8)
    for joined in (whole, place.encode() + b"\0" + data, lengths + whole):
        for at in range(len(joined) + 1):
            other, rest = joined[:at].decode(), joined[at:]
            for trimmed in {rest, rest.removeprefix(b"\0")}:
                if (other, trimmed) != (place, data):
                    with pytest.raises(UnusableValue):
                        verify(signature + trimmed, "redis", other)
    assert verify(signature + data, "redis", place) == data


def test_a_signature_of_one_kind_of_cache_is_worthless_in_another() -> None:
    with pytest.raises(UnusableValue):
        verify(sign(b"data", "file", "place"), "redis", "place")
