"""People: accounts of the SAM hive.

References:
    libyal winreg-kb, "Security Account Manager keys", the `F` value of a user.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, filetime
from triage.model import Record

LOGGED_ON = "Local account last logged on"
PASSWORD_SET = "Password of a local account was last set"  # noqa: S105  a phrase
LOGON_FAILED = "Logon to a local account last failed"

EVENTS = (LOGGED_ON, PASSWORD_SET, LOGON_FAILED)
FACTS = ("users",)

_USERS = "SAM\\Domains\\Account\\Users"
_TIMES = struct.Struct("<8xQ8xQ8xQ")


def accounts(view: HiveView) -> Iterator[Record]:
    """Local accounts by name, with their last logon."""
    users = view.key(_USERS)
    names = users.key("Names") if users else None
    for account in names.subkeys() if names else ():
        yield view.fact("users", account.name)
        default = account.value("")
        # the type of the default value is the account's number
        record = users.key(f"{default.type:08X}") if users and default else None
        fixed = record.value("F") if record else None
        if fixed is None or not isinstance(fixed.data, bytes) or len(fixed.data) < _TIMES.size:
            continue
        for what, ticks in zip((LOGGED_ON, PASSWORD_SET, LOGON_FAILED), _TIMES.unpack_from(fixed.data), strict=True):
            when = filetime(ticks)
            if when is not None:
                yield view.event(what, when, account=account.name)


SAM = (accounts,)
