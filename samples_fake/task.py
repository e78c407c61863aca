"""Scheduled tasks: harmless fakes that name a command. XML of Windows Vista and later, `.job` of XP.

References:
    [MS-TSCH] 2.4 .JOB File Format, 2.5 XML Task Definition.
"""

from __future__ import annotations

import struct
from datetime import datetime
from xml.sax.saxutils import escape

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def build_task(
    command: str, arguments: str = "", *, author: str = "PC\\Lan", registered: str = "2017-05-12T14:44:00Z"
) -> bytes:
    """As Windows writes it: UTF-16 with a mark."""
    lines = (
        '<?xml version="1.0" encoding="UTF-16"?>',
        f'<Task version="1.2" xmlns="{NAMESPACE}">',
        f"<RegistrationInfo><Date>{registered}</Date><Author>{escape(author)}</Author>",
        "<URI>\\Fake</URI></RegistrationInfo>",
        "<Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>",
        '<Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal></Principals>',
        "<Settings><Hidden>true</Hidden><Enabled>true</Enabled></Settings>",
        f'<Actions Context="Author"><Exec><Command>{escape(command)}</Command>',
        f"<Arguments>{escape(arguments)}</Arguments></Exec></Actions>",
        "</Task>",
    )
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")


def build_job(command: str, arguments: str = "", *, last_run: datetime | None = None) -> bytes:
    """A job without triggers. last_run: local time."""
    ran = (0,) * 8
    if last_run is not None:
        when = last_run
        ran = (when.year, when.month, when.isoweekday() % 7, when.day, when.hour, when.minute, when.second, 0)
    raws = [f"{text}\0".encode("utf-16-le") if text else b"" for text in (command, arguments, "", "Lan", "Fake")]
    strings = b"".join(struct.pack("<H", len(raw) // 2) + raw for raw in raws)
    at = 68 + 2
    fixed = struct.pack("<HH16sHHHHHHIIIII8H", 0x0501, 1, b"fake" * 4, at, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, *ran)
    return fixed + struct.pack("<H", 0) + strings + struct.pack("<HHH", 0, 0, 0)
