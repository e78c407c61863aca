"""The registry of a fake Windows 7 machine, infected or not. Harmless: text in hives, no program anywhere.

Last-written times tell the story of the fake: the worm's service at 07:44:00Z, the loader's one second later.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from samples_fake.hive import Data, Expand, Raw, Values, build_hive
from triage.formats.tag import install_tag
from triage.model import UnixNs
from triage.times import from_unix, to_filetime

COMPUTER = "DESKTOP-V5VC9B3"
"""The published pair: this name gives the tag evmdthrukdvwcqn063."""

WRITTEN = from_unix(1493600400)  # 2017-05-01T01:00:00Z, before anything happened
WORM = from_unix(1494575040)  # 2017-05-12T07:44:00Z
LOADER = from_unix(1494575041)

_SECOND = 1_000_000_000

CONTROL = "ControlSet001"
SAIGON_BIAS = -420 & 0xFFFFFFFF


def shimcache(paths: Sequence[tuple[str, UnixNs]]) -> bytes:
    """The compatibility cache of 64-bit Windows 7: a header, a table of rows, the paths."""
    table, text = b"", b""
    start = 128 + 48 * len(paths)
    for path, modified in paths:
        raw = path.encode("utf-16-le")
        table += struct.pack(
            "<HHIQQIIQQ", len(raw), len(raw) + 2, 0, start + len(text), to_filetime(modified), 2, 0, 0, 0
        )
        text += raw + b"\0\0"
    return struct.pack("<II", 0xBADC0FEE, len(paths)).ljust(128, b"\0") + table + text


def system_hive(
    computer: str = COMPUTER,
    *,
    infected: bool = True,
    tag: str = "",
    smb1: Data | None = None,
    when: UnixNs = WORM,
) -> bytes:
    """SYSTEM.

    Args:
        computer: its name.
        infected: with the worm's service and the loader's.
        tag: another name for the loader's service than the computer's own.
        smb1: the server's setting.
        when: the worm's service was written; the loader's follows a second later, the shutdown 76 minutes later.
    """
    keys: dict[str, Values] = {
        "Select": {"Current": 1, "Default": 1, "Failed": 0, "LastKnownGood": 1},
        "MountedDevices": {
            "\\DosDevices\\C:": bytes.fromhex("deadbeef") + struct.pack("<Q", 1 << 20),
            "\\DosDevices\\E:": "_??_USBSTOR#Disk&Ven_Fake&Prod_Stick#0001&0".encode("utf-16-le"),
        },
        f"{CONTROL}\\Control\\ComputerName\\ComputerName": {"ComputerName": computer},
        f"{CONTROL}\\Control\\TimeZoneInformation": {
            "Bias": SAIGON_BIAS,
            "ActiveTimeBias": SAIGON_BIAS,
            "TimeZoneKeyName": "SE Asia Standard Time",
        },
        f"{CONTROL}\\Control\\Windows": {"ShutdownTime": struct.pack("<Q", to_filetime(_later(when, 76 * 60)))},
        f"{CONTROL}\\Enum\\USBSTOR\\Disk&Ven_Fake&Prod_Stick\\0001&0": {"FriendlyName": "Fake Stick USB Device"},
        f"{CONTROL}\\Services\\Tcpip\\Parameters": {"Domain": "tinh.example", "Hostname": computer},
        f"{CONTROL}\\Services\\Tcpip\\Parameters\\Interfaces\\{{0a1b}}": {
            "EnableDHCP": 1,
            "DhcpIPAddress": "192.168.56.20",
            "DhcpDefaultGateway": ("192.168.56.1",),
            "DhcpServer": "192.168.56.1",
            "LeaseObtainedTime": when // _SECOND - 1040,
        },
        f"{CONTROL}\\Services\\LanmanServer": {"Start": 2, "DependOnService": ("SamSS", "Srv")},
        f"{CONTROL}\\Services\\LanmanServer\\Parameters": {} if smb1 is None else {"SMB1": smb1},
        f"{CONTROL}\\Services\\srv": {"Start": 3, "ImagePath": Expand("System32\\DRIVERS\\srv.sys")},
        f"{CONTROL}\\Services\\mrxsmb10": {"Start": 3},
        f"{CONTROL}\\Services\\MpsSvc": {"Start": 2},
        f"{CONTROL}\\Services\\Spooler": {"Start": 2, "ImagePath": Expand("%SystemRoot%\\System32\\spoolsv.exe")},
        **_firewall(f"{CONTROL}\\Services\\SharedAccess\\Parameters\\FirewallPolicy"),
    }
    times = {}
    cached = [("\\??\\C:\\Windows\\System32\\svchost.exe", WRITTEN)]
    if infected:
        tag = tag or install_tag(computer)
        worm, loader = f"{CONTROL}\\Services\\mssecsvc2.0", f"{CONTROL}\\Services\\{tag}"
        keys[worm] = {
            **_service("C:\\WINDOWS\\mssecsvc.exe -m security"),
            "DisplayName": "Microsoft Security Center (2.0) Service",
        }
        keys[loader] = {**_service(f'cmd.exe /c "C:\\ProgramData\\{tag}\\tasksche.exe"'), "DisplayName": tag}
        manager = f"{CONTROL}\\Control\\Session Manager"
        keys[manager] = {"PendingFileRenameOperations": ("\\??\\C:\\Users\\Lan\\AppData\\Local\\Temp\\17.WNCRYT", "")}
        times = {worm: when, loader: _later(when, 1), manager: _later(when, 3600)}
        cached.insert(0, ("\\??\\C:\\Windows\\mssecsvc.exe", when))
    keys[f"{CONTROL}\\Control\\Session Manager\\AppCompatCache"] = {"AppCompatCache": shimcache(cached)}
    return build_hive(keys, WRITTEN, times)


def _service(image: str) -> dict[str, Data]:
    return {"Type": 0x10, "Start": 2, "ErrorControl": 1, "ImagePath": Expand(image), "ObjectName": "LocalSystem"}


def _firewall(top: str) -> dict[str, Values]:
    return {
        f"{top}\\DomainProfile": {"EnableFirewall": 1},
        f"{top}\\StandardProfile": {"EnableFirewall": 0},
        f"{top}\\PublicProfile": {"EnableFirewall": 1},
        f"{top}\\FirewallRules": {
            "FPS-SMB-In-TCP": "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=445|App=System"
            "|Name=@FirewallAPI.dll,-28511|",
            "FPS-SMB-Off": "v2.10|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=445|App=System|Name=off|",
            "Range": "v2.10|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=135-139|RA4=LocalSubnet|Name=range|",
            "Other": "v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|Name=rdp|",
        },
    }


def _later(when: UnixNs, seconds: int) -> UnixNs:
    return UnixNs(when + seconds * _SECOND)


def software_hive(
    *,
    infected: bool = True,
    computer: str = COMPUTER,
    updates: Sequence[str] = ("KB2999226",),
    when: UnixNs = WORM,
) -> bytes:
    """SOFTWARE of 64-bit Windows 7 SP1. when: as in `system_hive`."""
    version = "Microsoft\\Windows NT\\CurrentVersion"
    packages = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages"
    keys: dict[str, Values] = {
        version: {
            "ProductName": "Windows 7 Professional",
            "CurrentVersion": "6.1",
            "CurrentBuild": "7601",
            "CSDVersion": "Service Pack 1",
            "EditionID": "Professional",
            "InstallDate": 1420070400,
        },
        f"{version}\\ProfileList\\S-1-5-18": {
            "ProfileImagePath": Expand("%systemroot%\\system32\\config\\systemprofile")
        },
        f"{version}\\ProfileList\\S-1-5-21-1-2-3-1000": {"ProfileImagePath": Expand("C:\\Users\\Lan")},
        "Microsoft\\Windows\\CurrentVersion\\Run": {"UniKey": "C:\\Program Files\\UniKey\\UniKeyNT.exe"},
    }
    for kb in updates:
        keys[f"{packages}\\Package_for_{kb}~31bf3856ad364e35~amd64~~6.1.1.0"] = {"CurrentState": 0x70}
    keys[f"{packages}\\Package_for_KB4012212~31bf3856ad364e35~amd64~~6.1.1.9"] = {"CurrentState": 0x20}  # not installed
    times = {}
    if infected:
        tag, run = install_tag(computer), "Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Run"
        keys["Wow6432Node\\WanaCrypt0r"] = {"wd": f"C:\\ProgramData\\{tag}"}
        times = {"Wow6432Node\\WanaCrypt0r": _later(when, 1), run: _later(when, 70)}
        keys[run] = {tag: f'"C:\\ProgramData\\{tag}\\tasksche.exe"'}
    return build_hive(keys, WRITTEN, times, name="SOFTWARE")


def user_hive(*, infected: bool = True, when: UnixNs = LOADER) -> bytes:
    """NTUSER.DAT of the user Lan. when: the wallpaper was set."""
    desktop = "Control Panel\\Desktop"
    wallpaper = "C:\\Users\\Lan\\Desktop\\@WanaDecryptor@.bmp" if infected else "C:\\Windows\\Web\\img0.jpg"
    keys: dict[str, Values] = {
        desktop: {"Wallpaper": wallpaper},
        "Software\\Microsoft\\Windows\\CurrentVersion\\Run": {},
        "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\ZoneMap": {
            **dict.fromkeys(("ProxyBypass", "IntranetName", "UNCAsIntranet"), 1),
            "AutoDetect": 0 if infected else 1,
        },
    }
    return build_hive(keys, WRITTEN, {desktop: when} if infected else {}, name="NTUSER.DAT")


def classes_hive(*, infected: bool = True, when: UnixNs = LOADER) -> bytes:
    """UsrClass.dat of the user Lan. when: a program was last started for the first time."""
    cache = "Local Settings\\Software\\Microsoft\\Windows\\Shell\\MuiCache"
    programs: dict[str, Data] = {
        "LangID": b"\x2a\x04",
        "C:\\Windows\\System32\\notepad.exe.FriendlyAppName": "Notepad",
        "C:\\Windows\\System32\\notepad.exe.ApplicationCompany": "Fake for a test",
    }
    if infected:
        decryptor = "C:\\Users\\Lan\\Desktop\\@WanaDecryptor@.exe"
        programs[f"{decryptor}.FriendlyAppName"] = "Load PerfMon Counters"
        programs[f"{decryptor}.ApplicationCompany"] = "Fake for a test"
    return build_hive({cache: programs}, WRITTEN, {cache: when}, name="UsrClass.dat")


def sam_hive() -> bytes:
    """SAM with one account of a person, who logged on once."""
    users = "SAM\\Domains\\Account\\Users"
    fixed = struct.pack("<8xQ8xQ8xQ", to_filetime(WORM), to_filetime(WRITTEN), 0).ljust(80, b"\0")
    return build_hive(
        {f"{users}\\000003E8": {"F": fixed}, f"{users}\\Names\\Lan": {"": Raw(0x3E8, b"")}}, WRITTEN, name="SAM"
    )


def amcache_hive(path: str, sha1: str) -> bytes:
    """Amcache.hve of Windows 10 with one program."""
    key = f"Root\\InventoryApplicationFile\\{path.rpartition(chr(92))[2]}|1f2e"
    return build_hive(
        {key: {"LowerCaseLongPath": path.lower(), "FileId": f"0000{sha1}"}}, WRITTEN, {key: WORM}, name="Amcache.hve"
    )
