"""By which way changes are learnt of: the system's events, or a look at the files where no events come.

No events come from a file system whose files are changed by another kernel: a network drive, a folder of the host
mounted into a container or a virtual machine, a drive of Windows seen from its Linux.  Nobody says so; the name of
the file system tells.  MINIFRAME_RELOAD_POLL decides where the name does not: "1" looks always, "0" never.

Source: Linux, proc_pid_mounts(5) and inotify(7), "Limitations and caveats".
Not here: how one waits (see `events`) and looks (see `ledger`).
"""

from __future__ import annotations

import os
import sys

from miniframe.autoreload.watching.layout import lies_in

__all__ = ["POLL", "looks_always", "reload_method", "silent_parts", "silent_system"]

POLL = "MINIFRAME_RELOAD_POLL"
"""The environment variable that decides: "0" waits for events everywhere, another value looks at the files."""

_MOUNTS = "/proc/self/mounts"
# Shares of Windows and of the network; what Docker Desktop, Lima, Colima, OrbStack, Podman, VirtualBox, VMware,
# Parallels and WSL show their guests of the host; and what clouds are mounted with.
_SILENT = frozenset(
    "9p afs ceph cifs davfs drvfs fakeowner fuse.gcsfuse fuse.glusterfs fuse.grpcfuse fuse.orbstack fuse.osxfs "
    "fuse.rclone fuse.s3fs fuse.sshfs fuse.vmhgfs-fuse glusterfs lustre macfuse ncpfs nfs nfs4 osxfs prl_fs smb3 "
    "smbfs vboxsf virtiofs vmhgfs wslfs".split()
)


def looks_always() -> bool:
    """Return whether MINIFRAME_RELOAD_POLL asks to look at the files, whatever they lie on."""
    return os.environ.get(POLL, "0") not in ("", "0")


def silent_system(folder: str) -> str:
    """Return the kind of file system of a folder if that hides changes that others make, else ""; Linux only."""
    # The deepest mount point is the one that counts, and the last one on it.
    depth, kind = 0, ""
    for point, system in _mounts():
        if lies_in(folder, point or os.sep) and len(point) >= depth:
            depth, kind = len(point), system
    return kind if kind in _SILENT else ""


def silent_parts(folder: str) -> list[str]:
    """Return the folders below this one at which such a file system begins."""
    points = dict.fromkeys(point for point, _ in _mounts() if point != folder and lies_in(point, folder))
    return [point for point in points if silent_system(point)]


def _mounts() -> list[tuple[str, str]]:
    """Return (where, kind of file system) of all mounts; nothing where they are not told, or not to be asked."""
    if os.environ.get(POLL) == "0":
        return []
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as table:
            lines = [line.split(" ")[1:3] for line in table]
    except OSError:
        return []
    return [(_unescaped(point).rstrip(os.sep), system) for point, system in lines]


def _unescaped(point: str) -> str:
    first, *others = point.split("\\")
    return first + "".join(chr(int(part[:3], 8)) + part[3:] for part in others)


def reload_method(folder: str = "") -> str:
    """Return how changes in a folder are learnt of, for people; the folder is that of the program, unless given."""
    folder = os.path.realpath(folder or sys.path[0] or ".")
    if looks_always():
        return f"a look at the files now and then, as {POLL} asks"
    kind = silent_system(folder)
    if kind:
        return f"a look at the files now and then, for {kind} sends no events of changes in {folder}"
    return "file events"
