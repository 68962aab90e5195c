"""Requests on real connections, in octets."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Client, Serve, echo, hello, until  # type: ignore[import-not-found]  # beside this file
