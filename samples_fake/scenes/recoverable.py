"""A disk on which every fate that WannaCry leaves an original to is to be found, each with its own bytes.

Harmless fakes: documents made up, encrypted by key pairs whose primes stand in this package.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import gmpy2

from samples_fake import components, documents, state, wncry
from samples_fake.scenes.calendar import WHEN_ENCRYPTED, WHEN_INSTALLED, after, office_times, touched
from samples_fake.tree import ARCHIVE, HIDDEN, SYSTEM, Expected, FakeFile, Scene, Volume
from triage.model import Macb, UnixNs

READ_ONLY = 0x1
LAN = "/Users/lan"
DATA = "/Dulieu"
TEMP = f"{LAN}/AppData/Local/Temp"
WORK = "/ProgramData/hxqdwpkvzbr704"

_MIB = 1 << 20
_LATE = (21_577_824, *(4096,) * 7)
"""Bytes of what fills the volume later: the last of them take the clusters of one original, and some of another's."""


def demo_primes() -> tuple[int, int]:
    """Of the key pair of the demo files; its private half travels in the decryptor."""
    noise = random.Random("demo")
    first, second = (int(gmpy2.next_prime(noise.getrandbits(1024) | 3 << 1022)) for _ in range(2))
    return first, second


def document(number: int) -> bytes:
    """An original: a word-processor file of a size that no other has."""
    body = random.Random(number).randbytes(3000 + 977 * number)
    return documents.archive(
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", "word/media/a.bin": body}
    )


def _video() -> bytes:
    return b"\0\0\0\x18ftypmp42" + random.Random("video").randbytes(300_000)


ORIGINALS: Mapping[str, bytes] = (
    {f"{LAN}/Documents/Wiped {number}.docx": document(number) for number in range(2)}
    | {
        f"{DATA}/{name}.docx": document(number)
        for number, name in enumerate(
            (
                "Moved 0",
                "Moved 1",
                "Gone 0",
                "Gone 1",
                "Taken",
                "Partly",
                "Hidden",
                "Demo 0",
                "Demo 1",
                "Lost 0",
                "Lost 1",
            ),
            10,
        )
    }
    | {f"{DATA}/Film.mp4": _video(), f"{DATA}/Deleted here.docx": document(30), f"{DATA}/Half.docx": document(31)}
)
"""The bytes that every original had, by path."""

FATES: Mapping[str, str] = {
    f"{LAN}/Documents/Wiped 0.docx": "deleted-overwritten",
    f"{LAN}/Documents/Wiped 1.docx": "deleted-overwritten",
    f"{DATA}/Moved 0.docx": "original-present",
    f"{DATA}/Moved 1.docx": "original-present",
    f"{DATA}/Gone 0.docx": "deleted-free",
    f"{DATA}/Gone 1.docx": "deleted-free",
    f"{DATA}/Taken.docx": "deleted-overwritten",
    f"{DATA}/Partly.docx": "deleted-partly-reused",
    f"{DATA}/Hidden.docx": "original-present",
    f"{DATA}/Demo 0.docx": "demo-file",
    f"{DATA}/Demo 1.docx": "demo-file",
    f"{DATA}/Lost 0.docx": "lost-without-key",
    f"{DATA}/Lost 1.docx": "lost-without-key",
    f"{DATA}/Film.mp4": "recoverable-without-key",
    f"{DATA}/Deleted here.docx": "deleted-free",
    f"{DATA}/Half.docx": "original-present",
}
"""What is left of each, without the private key of the machine."""


def _files(*, key_on_disk: bool) -> Iterator[FakeFile]:
    when = after(WHEN_ENCRYPTED, 60)
    for number, (path, original) in enumerate(ORIGINALS.items()):
        yield _encrypted(number, path, original, when)
    for number, name in enumerate(("Moved 0", "Moved 1", "Gone 0", "Gone 1", "Taken", "Partly")):
        path = f"{DATA}/{name}.docx"
        yield FakeFile(
            path=f"{TEMP}/{number}.WNCRYT",
            content=ORIGINALS[path],
            times=_copied(path, after(when, 5)),
            deleted=number >= 2,
            early=name in ("Taken", "Partly"),
        )
    for number in range(2):
        path = f"{LAN}/Documents/Wiped {number}.docx"
        wiped = b"\x9d" * len(ORIGINALS[path])
        yield FakeFile(path=path, content=wiped, times=_copied(path, when), deleted=True)
    for name, attributes in (("Hidden", HIDDEN | READ_ONLY), ("Half", ARCHIVE), ("Deleted here", ARCHIVE)):
        path = f"{DATA}/{name}.docx"
        yield FakeFile(
            path=path,
            content=ORIGINALS[path],
            times=_copied(path, office_times(1)),
            attributes=attributes,
            deleted=name == "Deleted here",
        )
    demo = [f"C:{DATA}/Demo {number}.docx.WNCRY".replace("/", "\\") for number in range(2)]
    contents = {
        "u.wnry": components.decryptor() + state.dky(demo_primes()),
        "f.wnry": state.f_wnry(demo),
        "00000000.pky": state.pky_of_dky(),
        "00000000.eky": state.eky(3),
        **({"00000000.dky": state.dky()} if key_on_disk else {}),
    }
    yield FakeFile(path=WORK, folder=True, attributes=HIDDEN | SYSTEM, written=WHEN_ENCRYPTED)
    for name, content in contents.items():
        yield FakeFile(path=f"{WORK}/{name}", content=content, written=WHEN_ENCRYPTED)


def _encrypted(number: int, path: str, original: bytes, when: UnixNs) -> FakeFile:
    demo = "/Demo " in path
    modulus = demo_primes()[0] * demo_primes()[1] if demo else state.MODULUS
    if path.endswith(".mp4"):
        content, ending = wncry.staged(original), ".WNCYR"
    else:
        content, ending = wncry.sealed(original, modulus, seed=number), ".WNCRYT" if "/Half" in path else ".WNCRY"
    return FakeFile(
        path=path + ending, content=content, times=_copied(path, after(when, number)), written=when, attributes=ARCHIVE
    )


def _copied(path: str, changed: UnixNs) -> Macb:
    return touched(office_times(list(ORIGINALS).index(path)), changed=changed)


def scene(*, key_on_disk: bool = False) -> Scene:
    """One NTFS volume of 24 MiB.

    Args:
        key_on_disk: the attackers' answer to a payment, `00000000.dky`, lies there.
    """
    files = tuple(_files(key_on_disk=key_on_disk))
    taken = tuple(
        FakeFile(
            path=f"/Anh/{number}.raw",
            content=bytes([number + 1]) * size,
            late=True,
            written=after(WHEN_ENCRYPTED, 86_400),
        )
        for number, size in enumerate(_LATE)
    )
    return Scene(
        name="recoverable",
        about="Every fate that an original can have: moved, deleted, overwritten, hidden, staged, a demo file, lost.",
        volumes=(
            Volume(filesystem="ntfs", size=24 * _MIB, label="DULIEU", made=WHEN_INSTALLED, files=(*files, *taken)),
        ),
        expected=Expected(
            verdict="encrypted",
            states={"valid": len(ORIGINALS) - 2, "staged": 1, "partial": 1},
            found={(0, f"{DATA}/Film.mp4.WNCYR"): "encrypted", (0, f"{WORK}/00000000.pky"): "infected"},
        ),
    )
