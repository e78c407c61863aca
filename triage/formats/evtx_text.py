"""An event as its readers print it, JSON or XML, made one flat record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from triage.errors import FormatError
from triage.formats.logrecord import LogRecord
from triage.model import UnixNs

_ATTRIBUTES, _TEXT = "#attributes", "#text"
_NO_DATA = frozenset({"System", _ATTRIBUTES})
_PARTS = frozenset({"EventData", "UserData"})
_DEPTH_MAX = 8
_VALUES_MAX = 500


def record(tree: Any, number: int, when: UnixNs) -> LogRecord:  # noqa: ANN401 - decoded JSON
    """The record of an event in the JSON form of the reader `evtx`; when: of the record's header.

    Raises:
        FormatError: no event.
    """
    event = tree.get("Event") if isinstance(tree, dict) else None
    system = event.get("System") if isinstance(event, dict) else None
    if not isinstance(system, dict) or not isinstance(event, dict):
        raise FormatError("Event/System", 0)
    number_text = _text(system.get("EventID"))
    if not number_text.isdecimal() or len(number_text) > 10:
        raise FormatError("Event/System/EventID", 0)
    data: dict[str, str] = {}
    unnamed = 0
    leaves = (leaf for part, value in event.items() if part not in _NO_DATA for leaf in _values(value, part, 0))
    for name, text in islice(leaves, _VALUES_MAX):
        if name == "Data":
            unnamed += 1
            name = f"param{unnamed}"
        if text or name not in _PARTS:
            data.setdefault(name, text)
    return LogRecord(
        record_id=number,
        when=when if when > 0 else _created(system),
        channel=_text(system.get("Channel")),
        provider=_attribute(system.get("Provider"), "Name"),
        event_id=int(number_text),
        computer=_text(system.get("Computer")),
        user=_attribute(system.get("Security"), "UserID"),
        data=data,
    )


def said(tree: Any) -> tuple[int, UnixNs]:  # noqa: ANN401 - decoded JSON
    """Number and time as the event itself gives them; 0 where it does not.

    Raises:
        FormatError: no event.
    """
    event = tree.get("Event") if isinstance(tree, dict) else None
    system = event.get("System") if isinstance(event, dict) else None
    if not isinstance(system, dict):
        raise FormatError("Event/System", 0)
    number = _text(system.get("EventRecordID"))
    return (int(number) if number.isdecimal() and len(number) < 20 else 0), _created(system)


def _created(system: dict[str, Any]) -> UnixNs:
    """The time that the event itself names; 1970 where it names none."""
    try:
        when = datetime.fromisoformat(_attribute(system.get("TimeCreated"), "SystemTime"))
    except ValueError:
        return UnixNs(0)
    return UnixNs((when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000)


def from_xml(text: str) -> dict[str, object]:
    """The same form of an event in XML.

    Raises:
        xml.etree.ElementTree.ParseError: no XML.
    """
    root = ElementTree.fromstring(text.rstrip("\0"))  # noqa: S314 - expat bounds entities; the reader writes none
    return {_local(root.tag): _node(root, 0)}


def _node(element: ElementTree.Element, depth: int) -> object:
    children = list(element) if depth < _DEPTH_MAX else []
    if not children and not element.attrib:
        return element.text or ""
    node: dict[str, object] = {_ATTRIBUTES: dict(element.attrib)} if element.attrib else {}
    if not children:
        node[_TEXT] = element.text or ""
    unnamed: list[object] = []
    for child in children:
        name = child.get("Name") if _local(child.tag) == "Data" else _local(child.tag)
        if name is None:
            unnamed.append(child.text or "")
        elif _local(child.tag) == "Data":
            node.setdefault(name, child.text or "")
        else:
            node.setdefault(name, _node(child, depth + 1))
    if unnamed:
        node["Data"] = {_TEXT: unnamed}
    return node


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _values(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """(name, text) of every leaf."""
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == _TEXT:
                yield from _values(inner, name, depth + 1)
            elif key == _ATTRIBUTES:
                continue
            else:
                yield from _values(inner, key, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, name, depth + 1)
    else:
        yield name, _text(value)


def _text(value: object) -> str:
    """A leaf as text; of an element with attributes its own text."""
    if isinstance(value, dict):
        return _text(value.get(_TEXT))
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _attribute(value: object, name: str) -> str:
    attributes = value.get(_ATTRIBUTES) if isinstance(value, dict) else None
    return _text(attributes.get(name)) if isinstance(attributes, dict) else ""
