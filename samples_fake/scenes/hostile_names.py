"""Names that break reports: every file is an encrypted fake, so each must be found under its name. Harmless."""

from __future__ import annotations

import unicodedata
from functools import partial

from samples_fake import documents, wncry
from samples_fake.scenes.calendar import WHEN_INSTALLED
from samples_fake.tree import Expected, FakeFile, Scene, Volume
from triage.text import printable

PRINTABLE = (
    "pipe|and|pipe.docx",
    "=cmd|' C'!A0.csv",
    '=HYPERLINK("http:evil.invalid","x").csv',
    "@SUM(1+1)*cmd.csv",
    "+1+1.csv",
    "-rf.csv",
    "<script>alert(1)<script>.html",
    "<img src=x onerror=alert(1)>.html",
    "{{7*7}}{% raw %}.txt",
    "\"double\" and 'single'.txt",
    "'; DROP TABLE entries;--.txt",
    "$(reboot)`reboot`;reboot&.txt",
    "%s%n%x%00.txt",
    "comma, semicolon; colon.txt",
    "...",
    ".. ",
    " ..",
    "leading and trailing space ",
    "trailing dot.",
    "CON",
    "aux.txt",
    "NUL.WNCRY",
    "back\\slash.txt",
    unicodedata.normalize("NFC", "Đề nghị tiếp khách.docx"),
    unicodedata.normalize("NFD", "Đề nghị tiếp khách.docx"),
    "CASE.txt",
    "case.TXT",
    "a" * 251 + ".txt",
    "\N{PILE OF POO}\N{FAMILY}\N{VARIATION SELECTOR-16}.txt",
)
"""Names that reports can show after escaping. One slash less than in real attacks: NTFS keeps it for paths."""

UNPRINTABLE = (
    "new\nline.txt",
    "carriage\rreturn.txt",
    "tab\there.txt",
    "bell\a and \x7f delete.txt",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07.txt",
    "photo\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "\N{LEFT-TO-RIGHT ISOLATE}isolate\N{POP DIRECTIONAL ISOLATE}.txt",
    "zero\N{ZERO WIDTH SPACE}width.txt",
    "line\N{LINE SEPARATOR}separator.txt",
    "byte order\N{ZERO WIDTH NO-BREAK SPACE}mark.txt",
    "c1\x9bcontrol.txt",
    "lone high \ud83d.txt",
    "lone low \ude00.txt",
    "undecodable \udcff.txt",
    "swapped \ude00\ud83d.txt",
    "non-character \uffff.txt",
)
"""Names with what no report may show raw."""

LONG = "ế" * 251 + ".txt"
"""255 units, 757 bytes in UTF-8: more than a Linux folder can hold, and than TSK keeps of a name."""

DEEP = "/deep" + "".join(f"/folder number {n:02d} of the deep path" for n in range(24))


def scene() -> Scene:
    """One NTFS volume; the states count every name, `found` those that every reader gives alike."""
    names = (*PRINTABLE, *UNPRINTABLE)
    files = [
        FakeFile(path=f"/hostile/{name}", content=partial(wncry.encrypted, 100 + index, seed=index % 8))
        for index, name in enumerate(names)
    ]
    files += [
        FakeFile(path=f"{DEEP}/bottom.docx.WNCRY", content=partial(wncry.encrypted, 77, seed=1)),
        FakeFile(
            path="/streams/host.txt",
            content=b"host",
            streams={"ẩn\n|=cmd()": wncry.encrypted(60, seed=2), "Zone.Identifier": documents.zone_identifier()},
        ),
        FakeFile(
            path="/links/one.bin",
            content=partial(wncry.encrypted, 90, seed=3),
            hard_links=("/links/two\n.bin", "/links/three|.bin"),
        ),
        FakeFile(path=f"/long/{LONG}", content=b"found or not, it must not be lost"),
        FakeFile(path="/empty.WNCRY"),
        FakeFile(path="/sparse.bin", content=b"end", hole=8 << 20),
        FakeFile(path="/deleted\n|name.WNCRY", content=partial(wncry.encrypted, 5000, seed=4), deleted=True),
    ]
    found = {(0, printable(f"/hostile/{name}")): "encrypted" for name in PRINTABLE}
    found |= {(0, f"{DEEP}/bottom.docx.WNCRY"): "encrypted", (0, "/empty.WNCRY"): "suspicious"}
    volume = Volume(filesystem="ntfs", size=16 << 20, label="HOSTILE", made=WHEN_INSTALLED, files=tuple(files))
    return Scene(
        name="hostile_names",
        about="Names with line ends, markup, formulas, bidi controls, lone surrogates; a path of 800 characters.",
        volumes=(volume,),
        # + deep, stream, link (content examined once), deleted
        expected=Expected(
            verdict="encrypted", states={"valid": len(names) + 4}, found=found, silent=((0, "/sparse.bin"),)
        ),
    )
