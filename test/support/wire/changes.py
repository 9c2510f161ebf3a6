"""Waiting for the next thing that a server writes, instead of looking again and again."""

import ctypes
import os
import select
import time

_IN_MODIFY, _IN_CREATE, _IN_DELETE = 0x2, 0x100, 0x200


class Changes:
    """What is written in a folder, or to a file. Made before the first look, it misses nothing that comes after."""

    def __init__(self, place):
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._events < 0 or libc.inotify_add_watch(self._events, os.fsencode(place), _IN_MODIFY | _IN_CREATE | _IN_DELETE) < 0:
            raise OSError(ctypes.get_errno(), f"inotify: {place}")

    def await_one(self, seconds):
        """False if nothing was written since the last call for so long."""
        if not select.select([self._events], [], [], max(0, seconds))[0]:
            return False
        os.read(self._events, 65536)
        return True

    def await_true(self, condition, seconds, what):
        """Until a look at it, now or after something was written, finds `condition` met."""
        end = time.monotonic() + seconds
        while not condition():
            assert self.await_one(end - time.monotonic()), f"not within {seconds} s: {what}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._events)
