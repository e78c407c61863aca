"""The name that WannaCry derives from the computer's: its folder, its service and its Run value share it.

References:
    Static analysis of the loader ed01ebfb…; MSVC's `rand` (multiplier 214013, increment 2531011).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator


def install_tag(computer_name: str) -> str:
    """The tag of a computer: 8 to 15 letters, then 3 digits.

    Args:
        computer_name: as `GetComputerNameW` gives it (the NetBIOS name, upper case).
    """
    units = computer_name.encode("utf-16-le", "surrogatepass")
    seed = 1
    for (unit,) in struct.iter_unpack("<H", units):
        seed = seed * unit & 0xFFFFFFFF
    rand = _rand(seed)
    length = next(rand) % 8 + 8
    letters = [chr(ord("a") + next(rand) % 26) for _ in range(length)]
    digits = [str(next(rand) % 10) for _ in range(3)]
    return "".join(letters + digits)


def _rand(state: int) -> Iterator[int]:
    """What `rand()` of Microsoft's C library gives after `srand(state)`, 0 to 32767."""
    while True:
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        yield state >> 16 & 0x7FFF
