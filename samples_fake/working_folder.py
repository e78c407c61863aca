"""What lies in the folder that WannaCry works from: programs, keys, state, copies of the note. Harmless fakes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from samples_fake import components, documents, state


def working_folder(started: int, progress: Callable[[], bytes]) -> dict[str, Callable[[], bytes]]:
    """By name, in the order in which they are written.

    Args:
        started: of the countdown, seconds since 1970.
        progress: makes `00000000.res`.
    """
    return {
        "tasksche.exe": components.tasksche,
        "@WanaDecryptor@.exe": components.decryptor,
        "@Please_Read_Me@.txt": state.note,
        "b.wnry": documents.bmp,
        "c.wnry": partial(state.c_wnry, started=started),
        "f.wnry": partial(state.f_wnry, [r"C:\Dulieu\Van ban den\CV-104-UBND.pdf.WNCRY"]),
        "r.wnry": state.note_template,
        "s.wnry": partial(components.archive, 1024),
        "t.wnry": state.t_wnry,
        "u.wnry": components.decryptor,
        "taskdl.exe": components.taskdl,
        "taskse.exe": components.taskse,
        "00000000.pky": partial(state.pky, 7),
        "00000000.eky": partial(state.eky, 7),
        "00000000.res": progress,
    }
