"""Disks of their own for tests: an ext4 in a file, whose power can be cut and which can be full."""

import fcntl
import os
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event

#: `EXT4_IOC_SHUTDOWN`, and the flag that keeps even the journal from being written.
_SHUTDOWN, _NO_LOG = 0x8004587D, 2

#: Seconds within which a disk that nobody uses any more can be taken out.
_PATIENCE = 10.0


@dataclass
class Disk:
    """A disk in a file; needs root."""

    image: Path
    at: Path

    def put_in(self) -> None:
        """Make what is on it visible at its place."""
        self.at.mkdir(exist_ok=True)
        _run("mount", "-o", "loop", self.image, self.at)

    def take_out(self) -> None:
        """The opposite; safe where it is out already. Who was killed may still let go of it."""
        until = time.monotonic() + _PATIENCE
        while self.at.is_mount():
            try:
                _run("umount", self.at)
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                Event().wait(0.1)

    def cut_power(self) -> None:
        """From now on nothing reaches it; what had not yet is lost."""
        place = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(place, _SHUTDOWN, struct.pack("I", _NO_LOG))
        finally:
            os.close(place)

    def fill(self, name: str, *, leave: int = 0) -> Path:
        """Fill it with one file, to the last block but `leave` bytes."""
        path = self.at / name
        with path.open("wb") as file:
            found = os.statvfs(self.at)
            os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - leave)
        return path


def make_disk(folder: Path, megabytes: int) -> Disk:
    """Make an empty disk; it is in."""
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", image)
    disk = Disk(image, folder / "disk")
    disk.put_in()
    return disk


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
