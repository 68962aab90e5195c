"""The scenarios with Django: those of miniframe, with the names of modules moved back."""

from __future__ import annotations

from pathlib import Path

from peers import moved

exec(compile(moved(Path(__file__).with_name("miniframe_app.py").read_text()), __file__, "exec"))
