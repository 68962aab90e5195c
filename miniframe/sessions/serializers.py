"""How a session becomes bytes: as JSON, and never by pickle.

Unpickling runs whatever its author wants to be run, so that whoever gets hold of SECRET_KEY, or of the store, would own
the server too. settings.SESSION_SERIALIZER may name another class with `dumps(obj) -> bytes` and `loads(data)`.
"""

from __future__ import annotations

from miniframe.signing import JSONSerializer

__all__ = ["JSONSerializer"]
