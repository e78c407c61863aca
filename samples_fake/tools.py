"""Programs of other malware. Harmless fakes: each returns at once and only carries what its original is known by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from samples_fake.components import SMB_PROBES
from samples_fake.pe import FakePe, build_pe


def older_decryptor() -> bytes:
    """A harmless fake of `!WanaDecryptor!.exe`, from the family's first months."""
    return build_pe(
        FakePe(
            strings=("WANACRY", ".wcry"),
            wide_strings=("!Please Read Me!.txt", "!WanaDecryptor!.exe"),
            timestamp=1486500000,
        )
    )


def gandcrab_program() -> bytes:
    """A harmless fake of a GandCrab program: the banner and the sentence of its notes, and nothing that writes them."""
    return build_pe(
        FakePe(
            wide_strings=(
                "---= GANDCRAB V5.1 =---",
                "other important files are encrypted and have the extension: .KRAB",
                "KRAB-DECRYPT.txt",
            ),
            timestamp=1552000000,
        )
    )


def smb_exploit() -> bytes:
    """A harmless fake of an exploit program of the leak of April 2017: the names of its options, and no exploit."""
    options = (
        "NetworkTimeout",
        "TargetIp",
        "TargetPort",
        "VerifyTarget",
        "VerifyBackdoor",
        "MaxExploitAttempts",
        "GroomAllocations",
        "DllPayload",
        "DllOrdinal",
        "ProcessCommandLine",
    )
    return build_pe(FakePe(strings=("Eternalblue", *options), blobs=SMB_PROBES, timestamp=1287000000))


def smb_exploit_configuration() -> bytes:
    """A harmless fake of the configuration beside such a program: names and no values."""
    head = '<?xml version="1.0" encoding="utf-8"?>\r\n'
    return (
        head + '<t:config xmlns:t="urn:trch" id="0" name="Eternalblue" version="2.2.0">\r\n<!-- harmless fake -->\r\n'
        '<t:inputparameters><t:parameter name="TargetIp"/></t:inputparameters>\r\n</t:config>\r\n'
    ).encode()


TOOLS: Mapping[str, Callable[[], bytes]] = MappingProxyType(
    {
        "!WanaDecryptor!.exe": older_decryptor,
        "Eternalblue-2.2.0.exe": smb_exploit,
        "Eternalblue-2.2.0.xml": smb_exploit_configuration,
        "gandcrab.exe": gandcrab_program,
    }
)
