"""Facts of the SYSTEM hive: who this machine is, its clock, its disks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.detectors.hive_view import HiveView, coded, filetime, held, iso
from triage.formats.registry import Key
from triage.model import Record, UnixNs

SHUT_DOWN = "Windows was shut down"
USB_INSTALLED = "A USB storage device was first connected"
USB_ARRIVED = "A USB storage device was last connected"
USB_REMOVED = "A USB storage device was last removed"
USB_KNOWN = "Registry key of a USB storage device was written"

EVENTS = (SHUT_DOWN, USB_INSTALLED, USB_ARRIVED, USB_REMOVED, USB_KNOWN)

FACTS = (
    *("host.name", "host.domain", "time.zone", "time.zone_bias", "last.shutdown", "usb.device", "drive.letter"),
    *("services.count", "registry.control_set"),
)

_DEVICE_TIMES = "Properties\\{83da6326-97a6-4088-9453-a1923f573b29}"
_SIGNED = 1 << 31
_DRIVE = re.compile(r"\\DosDevices\\([A-Z]:)", re.IGNORECASE)


def current_control(root: Key) -> Key | None:
    """The control set that `Select` names; the first there is where it names none."""
    select = root.key("Select")
    numbers = [select.number(name) for name in ("Current", "Default", "LastKnownGood")] if select else []
    for number in (*numbers, 1, 2, 3):
        if number is not None and (found := root.key(f"ControlSet{number:03d}")):
            return found
    return None


def host(view: HiveView) -> Iterator[Record]:
    """Computer name and domain."""
    if name := computer_name(view):
        yield view.fact("host.name", name)
    tcpip = view.key("Services\\Tcpip\\Parameters")
    if tcpip and (domain := tcpip.text("Domain") or tcpip.text("NV Domain")):
        yield view.fact("host.domain", domain)
    if view.control:
        yield view.fact("registry.control_set", view.control.name)


def computer_name(view: HiveView) -> str:
    """The NetBIOS name, empty where there is none."""
    key = view.key("Control\\ComputerName\\ComputerName")
    return key.text("ComputerName") if key else ""


def time_zone(view: HiveView) -> Iterator[Record]:
    """The zone's name, and what local time is ahead of UTC, as of the last time Windows wrote it."""
    key = view.key("Control\\TimeZoneInformation")
    if key is None:
        return
    if name := key.text("TimeZoneKeyName") or key.text("StandardName"):
        yield view.fact("time.zone", name)
    bias = key.number("ActiveTimeBias")
    bias = key.number("Bias") if bias is None else bias
    if bias is not None and (minutes := abs(east := -(bias - 2 * (bias & _SIGNED)))) <= 24 * 60:
        yield view.fact("time.zone_bias", f"{'-' if east < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}")


def shutdown(view: HiveView) -> Iterator[Record]:
    """The last orderly shutdown."""
    key = view.key("Control\\Windows")
    value = key.value("ShutdownTime") if key else None
    when = filetime(value.data) if value else None
    if when is not None:
        yield view.fact("last.shutdown", str(iso(when)))
        yield view.event(SHUT_DOWN, when)


def usb_storage(view: HiveView) -> Iterator[Record]:
    """Every stick and disk that was ever plugged in."""
    devices = view.key("Enum\\USBSTOR")
    for model in devices.subkeys() if devices else ():
        for device in model.subkeys():
            name = device.text("FriendlyName") or model.name
            serial = device.name
            yield view.fact("usb.device", f"{name} {serial}")
            told = False
            for what, number in ((USB_INSTALLED, "0064"), (USB_ARRIVED, "0066"), (USB_REMOVED, "0067")):
                when = _device_time(device, number)
                if when is not None:
                    told = True
                    yield view.event(what, when, device=name, serial=serial)
            written = held(device.written)
            if not told and written is not None:
                yield view.event(USB_KNOWN, written, device=name, serial=serial)


def _device_time(device: Key, number: str) -> UnixNs | None:
    """A device property: its own key since Windows 8, a `Data` value two keys deeper in Windows 7."""
    newer = device.key(f"{_DEVICE_TIMES}\\{number}")
    older = device.key(f"{_DEVICE_TIMES}\\0000{number}\\00000000")
    value = newer.value("") if newer else older.value("Data") if older else None
    return filetime(value.data) if value else None


def drive_letters(view: HiveView) -> Iterator[Record]:
    """What each drive letter was last given to: a disk's signature and offset, or a device's name."""
    key = view.hive.key("MountedDevices")
    for value in key.values() if key else ():
        letter = _DRIVE.fullmatch(value.name)
        if letter and isinstance(value.data, bytes):
            yield view.fact("drive.letter", coded({"letter": letter[1].upper(), **_volume(value.data)}))


def _volume(data: bytes) -> dict[str, str]:
    if len(data) == 12:
        return {"disk": data[:4][::-1].hex(), "offset": str(int.from_bytes(data[4:], "little"))}
    if data.startswith(b"DMIO:ID:"):
        return {"partition": data[8:24].hex()}
    return {"device": data[: len(data) & ~1].decode("utf-16-le", "replace")}


def services_count(view: HiveView) -> Iterator[Record]:
    """How many services and drivers are registered."""
    key = view.key("Services")
    if key:
        yield view.fact("services.count", str(sum(1 for _ in key.subkeys())))


GENERATORS = (host, time_zone, shutdown, usb_storage, drive_letters, services_count)
