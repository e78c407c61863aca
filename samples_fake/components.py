"""WannaCry's programs by name.

Harmless fakes: each returns at once and only carries what its original is known by.

Sizes are small and hashes are our own; where a size is itself an indicator, padding makes it true.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType

from samples_fake import state
from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_resources import Resource, version_resource

KILL_SWITCH = "http://www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"
ARCHIVE_PASSWORD = "WNcry@2ol7"
WORM_SIZE = 0x38D000
"""Bytes of the real `mssecsvc.exe`; the launcher's resource begins with this number."""

MESSAGE_LANGUAGES = ("english", "vietnamese", "portuguese", "chinese (simplified)", "japanese")

_SMB_STRINGS = (
    "__TREEID__PLACEHOLDER__",
    "__USERID__PLACEHOLDER__",
    "__TREEPATH_REPLACE__",
    "PC NETWORK PROGRAM 1.0",
    "LANMAN1.0",
    "Windows for Workgroups 3.1a",
    "LM1.2X002",
    "NT LM 0.12",
)
_SMB_PATHS = (r"\\192.168.56.20\IPC$", r"\\172.16.99.5\IPC$")
SMB_PROBES = (
    bytes.fromhex("00000031ff534d422b000000001807c0") + b"JlJmIhClBsr\0",
    bytes.fromhex("ff534d4233000000001807c000") + bytes.fromhex("08fffe000841000900000010"),
    bytes.fromhex("ff534d4232000000001807c00000000000000000000000000000fffe00004100"),
)


def _microsoft(original: str, description: str) -> Resource:
    return version_resource(
        {
            "CompanyName": "Microsoft Corporation",
            "FileDescription": description,
            "FileVersion": "6.1.7601.17514 (win7sp1_rtm.101119-1850)",
            "InternalName": original,
            "LegalCopyright": "Harmless fake for testing",
            "OriginalFilename": original,
            "ProductName": "Microsoft\N{REGISTERED SIGN} Windows\N{REGISTERED SIGN} Operating System",
            "ProductVersion": "6.1.7601.17514",
        },
        (6, 1, 7601, 17514),
    )


def archive(size: int = 2048) -> bytes:
    """A harmless fake of the loader's ZIP: local headers of members marked as encrypted, noise for their bytes."""
    noise = random.Random(2058)
    members = (
        *(f"msg/m_{language}.wnry" for language in MESSAGE_LANGUAGES),
        "b.wnry",
        "c.wnry",
        "r.wnry",
        "s.wnry",
        "t.wnry",
        "taskdl.exe",
        "taskse.exe",
        "u.wnry",
    )
    local, central = bytearray(), bytearray()
    for name in members:
        body = noise.randbytes(size // len(members))
        fields = struct.pack("<HHHHHIIIHH", 20, 1, 8, 0x6A00, 0x4AAB, 0, len(body), len(body), len(name), 0)
        at = len(local)
        local += b"PK\x03\x04" + fields + name.encode() + body
        central += b"PK\x01\x02\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    count = len(members)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)
    return bytes(local + central) + end


def mssecsvc() -> bytes:
    """A harmless fake of the worm, `mssecsvc.exe`."""
    return build_pe(
        FakePe(
            timestamp=1290243788,
            strings=(
                KILL_SWITCH,
                *_SMB_STRINGS,
                r"C:\%s\qeriuwjhrf",
                r"C:\%s\%s",
                "WINDOWS",
                "tasksche.exe",
                "mssecsvc.exe",
                "mssecsvc2.0",
                "Microsoft Security Center (2.0) Service",
                "%s -m security",
                r"Global\MsWinZonesCacheCounterMutexA",
            ),
            wide_strings=_SMB_PATHS,
            blobs=SMB_PROBES,
            imports={
                "KERNEL32.dll": ("GetTickCount", "MoveFileExA", "CreateProcessA"),
                "ADVAPI32.dll": ("CreateServiceA", "StartServiceCtrlDispatcherA"),
                "WS2_32.dll": ("connect",),
                "WININET.dll": ("InternetOpenA", "InternetOpenUrlA"),
            },
            resources=(
                Resource(type="R", id=1831, data=tasksche()),
                _microsoft("lhdfrgui.exe", "Microsoft\N{REGISTERED SIGN} Disk Defragmenter"),
            ),
        )
    )


def tasksche() -> bytes:
    """A harmless fake of the loader, `tasksche.exe`: the archive is a resource `XIA` 2058 that cannot be opened."""
    return build_pe(
        FakePe(
            timestamp=1290243905,
            strings=(
                ARCHIVE_PASSWORD,
                "icacls . /grant Everyone:F /T /C /Q",
                "attrib +h .",
                r"Global\MsWinZonesCacheCounterMutexA",
                "Global\\MsWinZonesCacheCounterMutexA0",
                r"%s\Intel",
                r"%s\ProgramData",
                r"C:\%s\qeriuwjhrf",
                r"C:\%s\%s",
                'cmd.exe /c "%s"',
                "tasksche.exe",
                "taskdl.exe",
                "TaskStart",
                "t.wnry",
                "msg/m_portuguese.wnry",
                "WANACRY!",
                "WNcry",
                "Microsoft Enhanced RSA and AES Cryptographic Provider",
                "<!-- Windows 10 --> ",
                *state.WALLETS,
            ),
            wide_strings=("WanaCrypt0r", "Software\\", *_SMB_PATHS),
            imports={
                "KERNEL32.dll": ("GetTickCount", "GetComputerNameW", "CopyFileA"),
                "ADVAPI32.dll": ("CryptReleaseContext", "RegSetValueExA"),
                "MSVCRT.dll": ("rand", "srand"),
            },
            resources=(
                Resource(type="XIA", id=2058, data=archive()),
                _microsoft("diskpart.exe", "DiskPart"),
            ),
        )
    )


def encryptor_dll() -> bytes:
    """A harmless fake of the encryptor, which in truth exists in memory only: export `TaskStart`."""
    return build_pe(
        FakePe(
            dll=True,
            timestamp=1247533975,
            module_name="kbdlv.dll",
            exports=("TaskStart",),
            strings=(
                "WANACRY!",
                "Global\\MsWinZonesCacheCounterMutexW",
                "MsWinZonesCacheCounterMutexA",
                "Microsoft Enhanced RSA and AES Cryptographic Provider",
                "attrib +h +s %C:\\%s",
                "taskkill.exe /f /im Microsoft.Exchange.*",
                "taskkill.exe /f /im sqlserver.exe",
                "cmd.exe /c start /b %s vs",
                "%08X.pky",
                "%08X.eky",
                "%08X.res",
                "%08X.dky",
                "TESTDATA",
                "@WanaDecryptor@.exe",
                "taskse.exe",
                "taskdl.exe",
                "tasksche.exe",
                "cscript.exe //nologo m.vbs",
            ),
            wide_strings=(
                "@Please_Read_Me@.txt",
                "@WanaDecryptor@.exe",
                "@WanaDecryptor@.exe.lnk",
                "@WanaDecryptor@.bmp",
                ".WNCRY",
                ".WNCRYT",
                ".WNCYR",
                "$RECYCLE",
                "hibsys",
                "This folder protects against ransomware. Modifying it will reduce protection",
            ),
        )
    )


def decryptor() -> bytes:
    """A harmless fake of `@WanaDecryptor@.exe`, alias `u.wnry`."""
    return build_pe(
        FakePe(
            timestamp=1247527175,
            strings=(
                "Wana Decrypt0r 2.0",
                "Ooops, your files have been encrypted!",
                "Send $%d worth of bitcoin to this address:",
                "WANACRY!",
                "WanaCrypt0r",
                "@WanaDecryptor@.exe",
                "@Please_Read_Me@.txt",
                "msg\\m_%s.wnry",
                "http://www.btcfrog.com/qr/bitcoinPNG.php?address=%s",
                "https://dist.torproject.org/torbrowser/6.5.1/tor-win32-0.2.9.10.zip",
                "TaskData",
                "taskhsvc.exe",
                "tor.exe",
                "%08X.dky",
                "%08X.pky",
                "cmd.exe /c vssadmin delete shadows /all /quiet & wmic shadowcopy delete & bcdedit /set {default} "
                "bootstatuspolicy ignoreallfailures & bcdedit /set {default} recoveryenabled no & "
                "wbadmin delete catalog -quiet",
                "vssadmin delete shadows /all /quiet",
                *state.ONIONS,
                *state.WALLETS,
            ),
            wide_strings=("Wana Decrypt0r 2.0", "Contact Us", "<About bitcoin>", "<How to buy bitcoins>"),
            resources=(_microsoft("LODCTR.EXE", "Load PerfMon Counters"),),
        )
    )


def taskdl() -> bytes:
    """A harmless fake of `taskdl.exe`, which deletes `.WNCRYT` files: 20,480 bytes as the original."""
    return _sized(
        FakePe(
            timestamp=1247526817,
            wide_strings=("*.WNCRYT", ".WNCRYT", "%s\\*%s", "%C:\\%s", "$RECYCLE", "hibsys"),
            imports={
                "KERNEL32.dll": ("DeleteFileW", "FindFirstFileW", "GetLogicalDrives", "GetTempPathW"),
                "MSVCP60.dll": ("??_7out_of_range@std@@6B@",),
            },
            resources=(_microsoft("cliconfg.exe", "SQL Client Configuration Utility EXE"),),
        ),
        20480,
    )


def taskse() -> bytes:
    """A harmless fake of `taskse.exe`, which starts the decryptor in each session: 20,480 bytes as the original."""
    return _sized(
        FakePe(
            timestamp=1247526840,
            strings=(
                "WTSEnumerateSessionsA",
                "WTSQueryUserToken",
                "WTSFreeMemory",
                "Wtsapi32.dll",
                "winsta0\\default",
                "SeTcbPrivilege",
                "CreateEnvironmentBlock",
                "DestroyEnvironmentBlock",
                "Userenv.dll",
            ),
            imports={"KERNEL32.dll": ("LoadLibraryA",), "ADVAPI32.dll": ("DuplicateTokenEx", "CreateProcessAsUserA")},
            resources=(_microsoft("waitfor.exe", "waitfor - wait/send a signal over a network"),),
        ),
        20480,
    )


def launcher_dll() -> bytes:
    """A harmless fake of the x64 DLL that DoublePulsar injects: `PlayGame`, and the worm's size before a fake worm."""
    return build_pe(
        FakePe(
            bits=64,
            dll=True,
            timestamp=1494476432,
            linker=(9, 0),
            module_name="launcher.dll",
            exports=("PlayGame",),
            strings=("mssecsvc.exe", "WINDOWS", r"C:\%s\%s", "launcher.dll", "PlayGame"),
            imports={"KERNEL32.dll": ("CreateFileA", "CreateProcessA", "FindResourceA", "LockResource")},
            resources=(Resource(type="W", id=101, data=struct.pack("<I", WORM_SIZE) + mssecsvc()),),
        )
    )


def _sized(fake: FakePe, size: int) -> bytes:
    data = build_pe(fake)
    return data + bytes(size - len(data))


COMPONENTS: Mapping[str, Callable[[], bytes]] = MappingProxyType(
    {
        "mssecsvc.exe": mssecsvc,
        "tasksche.exe": tasksche,
        "encryptor.dll": encryptor_dll,
        "@WanaDecryptor@.exe": decryptor,
        "u.wnry": decryptor,
        "taskdl.exe": taskdl,
        "taskse.exe": taskse,
        "launcher.dll": launcher_dll,
    }
)
