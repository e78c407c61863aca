"""Synthetic overviews for tests of outputs."""

from __future__ import annotations

import random

from tests.dossiers import HOSTILE
from triage.analysis.overview import Condition, Losses, Machine, Overview, overview_of

OFFICES = ("Sở Y tế", "Sở Tài chính", "Văn phòng UBND tỉnh", "UBND huyện Phước Long", "")


def many(count: int, *, losses: bool = True) -> Overview:
    """So many machines in every condition, spread over offices."""
    chance = random.Random(count)
    rows = []
    for number in range(count):
        condition = tuple(Condition)[number % len(Condition)]
        office = chance.choice(OFFICES)
        is_hit = condition in (Condition.ENCRYPTED, Condition.INFECTED)
        files = chance.randrange(1, 90_000) if condition is Condition.ENCRYPTED else 0
        rows.append(
            Machine(
                name=f"{office}/máy {number:04d}.E01" if office else f"máy {number:04d}.E01",
                office=office,
                case=f"cases/máy {number:04d}.E01",
                host=f"PC-{number:04d}",
                size=chance.randrange(10**9, 10**12),
                condition=condition,
                verdict="" if condition in (Condition.WAITING, Condition.NOT_EXAMINED) else "encrypted",
                encrypted_files=files,
                encrypted_bytes=files * 123_457,
                first_sign=f"2017-05-12T{chance.randrange(24):02d}:{chance.randrange(60):02d}:07Z" if is_hit else "",
                outcome="finished" if is_hit else "",
                patch=chance.choice(("patched", "vulnerable", "undetermined", "")),
                smb1=chance.choice(("enabled", "disabled", "undetermined", "")),
                losses=Losses(lost_files=files // 2, recoverable_files=files // 3) if losses and files else None,
                entries=100_000,
                gaps=number % 3,
                finished=True,
                same_as="máy 0000.E01" if condition is Condition.COPY else "",
                problem="empty file: copy the image again" if condition is Condition.NOT_EXAMINED else "",
            )
        )
    return overview_of(rows, ["notes.txt"])


def hostile() -> Overview:
    """Every text of it may have been chosen by an attacker."""
    rows = [
        Machine(
            name=text,
            office=text,
            case=text,
            host=text,
            condition=tuple(Condition)[number % len(Condition)],
            verdict="encrypted",
            outcome=text,
            first_sign=text,
            patch=text,
            smb1=text,
            same_as=text,
            problem=text,
            missing=((text, 1),),
            encrypted_files=(1 << 63) - 1,
            encrypted_bytes=(1 << 63) - 1,
        )
        for number, text in enumerate(HOSTILE)
    ]
    return overview_of(rows, HOSTILE)
