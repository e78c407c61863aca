"""What an output says, whatever it is packed in."""

from __future__ import annotations

import io
import zipfile


def text_of(data: bytes) -> str:
    """What an output says: of a workbook all its parts, of a table its lines without what Excel needs."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"\n".join(book.read(name) for name in book.namelist())
    return data.decode("utf-8-sig").replace("\r\n", "\n")
