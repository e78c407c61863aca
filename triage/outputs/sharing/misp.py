"""misp.json: one MISP event, core format.

Hashes of the malware's programs are for detection (`to_ids`); kill-switch domains, relays and what only this machine
has are not. The event is neither published nor distributed: who imports it decides.

References:
    MISP core format (draft-dulaunoy-misp-core-format); templates of misp-objects, by uuid and version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triage.analysis.dossier import Dossier, VerdictLevel
from triage.model import UnixNs
from triage.outputs.escapes import to_json, visible
from triage.outputs.sharing import words
from triage.outputs.sharing.found import FoundFile, FoundHost, FoundKey, FoundService, Shared, shared
from triage.outputs.sharing.ids import Ids, seconds, stamp

Object = dict[str, object]

_TEMPLATES: Final = {
    "file": ("688c46fb-5edb-40a3-8273-1af7923e2215", "25", "file"),
    "forensic-case": ("3ea36022-ae93-455e-88b1-d43aca789cac", "1", "misc"),
    "forensic-evidence": ("fe44c648-63ef-43fc-b3de-af71a2e023e4", "2", "misc"),
    "registry-key": ("8b3228ad-6d82-4fe6-b2ae-05426308f1d5", "5", "file"),
    "windows-service": ("7598cc63-7ba3-4d0a-91c0-b875c6013035", "1", "misc"),
}
"""Name to uuid, version and category of the object's template."""

_THREAT: Final = {VerdictLevel.ENCRYPTED: "1", VerdictLevel.INFECTED: "1", VerdictLevel.SUSPICIOUS: "2"}
_LOW: Final = "3"
_TAGS: Final = {
    "wannacry": (
        'misp-galaxy:ransomware="WannaCry"',
        'misp-galaxy:mitre-malware="WannaCry - S0366"',
        'misp-galaxy:malpedia="WannaCryptor"',
    )
}
_HOST_TYPES: Final = {"address": "ip-dst"}


def render(dossier: Dossier, lang: str, organisation: str = words.NOBODY) -> Iterator[bytes]:  # noqa: ARG001
    """One event. organisation: who tells it; the same in every language."""
    yield to_json({"Event": _Event(dossier, shared(dossier), organisation).event()}, indent=2).encode() + b"\n"


class _Event:
    """The event in the making."""

    def __init__(self, dossier: Dossier, found: Shared, organisation: str) -> None:
        self._dossier, self._found, self._organisation = dossier, found, organisation
        self._ids = Ids(dossier.evidence)
        self._time = str(seconds(found.made))

    def event(self) -> Object:
        found = self._found
        day = stamp(found.first if found.first is not None else found.made)[:10]
        return {
            "uuid": self._uuid("event"),
            "info": words.title(found),
            "date": day,
            "timestamp": self._time,
            "threat_level_id": _THREAT.get(found.level, _LOW),
            "analysis": "2" if self._dossier.finished else "1",
            "distribution": "0",
            "published": False,
            "Orgc": {"uuid": self._uuid("organisation", self._organisation), "name": self._organisation},
            "Tag": [{"name": name} for name in self._tags()],
            "Attribute": list(self._attributes()),
            "Object": list(self._objects()),
        }

    def _uuid(self, *what: str) -> str:
        return self._ids.of("misp", *what)

    def _tags(self) -> Iterator[str]:
        yield "tlp:amber"
        for family in self._found.families:
            yield from _TAGS.get(family, ())

    # -- attributes ---------------------------------------------------------------------------------------------------

    def _attributes(self) -> Iterator[Object]:
        facts = self._dossier.facts
        for host in self._found.hosts.values():
            yield self._host(host)
        for wallet in self._found.wallets:
            yield self._attribute("Financial fraud", "btc", wallet, comment="In the settings of the malware.")
        if state := words.patch(self._dossier):
            yield self._attribute("External analysis", "vulnerability", words.CVE, comment=state)
        if tag := visible(facts.get("wannacry.tag", "")):
            said = "Name that WannaCry takes on this machine: computed from the computer's name."
            yield self._attribute("Artifacts dropped", "windows-service-name", tag, comment=said)
        if name := visible(facts.get("host.name", "")):
            yield self._attribute("Targeting data", "target-machine", name, comment=words.system(self._dossier))
        yield self._attribute("Other", "text", words.told(self._dossier, self._found))

    def _host(self, host: FoundHost) -> Object:
        kind = _HOST_TYPES.get(host.meaning, "domain")
        comment = words.HOSTS.get(host.meaning, "")
        return self._attribute("Network activity", kind, host.name, comment=comment, times=(host.first, host.last))

    def _attribute(
        self,
        category: str,
        kind: str,
        value: str,
        *,
        to_ids: bool = False,
        comment: str = "",
        relation: str = "",
        within: str = "",
        times: tuple[UnixNs | None, UnixNs | None] = (None, None),
    ) -> Object:
        attribute: Object = {
            "uuid": self._uuid("attribute", within, relation, category, kind, value),
            "type": kind,
            "category": category,
            "value": value,
            "to_ids": to_ids,
            "distribution": "5",
            "timestamp": self._time,
            "comment": comment,
        }
        if relation:
            attribute["object_relation"] = relation
        for name, when in zip(("first_seen", "last_seen"), times, strict=True):
            if when is not None:
                attribute[name] = stamp(when)
        return attribute

    # -- objects ------------------------------------------------------------------------------------------------------

    def _objects(self) -> Iterator[Object]:
        yield self._case()
        yield self._evidence()
        for file in self._found.files.values():
            yield self._file(file)
        for key in self._found.keys.values():
            yield self._registry(key)
        for service in self._found.services.values():
            yield self._service(service)

    def _object(self, name: str, key: str, rows: list[tuple[str, str, str, str, bool]], comment: str = "") -> Object:
        """rows: (relation, type, category, value, to_ids); those without a value are left out."""
        template, version, category = _TEMPLATES[name]
        ident = self._uuid("object", name, key)
        return {
            "uuid": ident,
            "name": name,
            "meta-category": category,
            "template_uuid": template,
            "template_version": version,
            "timestamp": self._time,
            "distribution": "5",
            "comment": comment,
            "Attribute": [
                self._attribute(kind_category, kind, value, to_ids=to_ids, relation=relation, within=ident)
                for relation, kind, kind_category, value, to_ids in rows
                if value
            ],
        }

    def _number(self) -> str:
        return visible(self._dossier.evidence.fingerprint_before)[:16] or "unnumbered"

    def _case(self) -> Object:
        rows = [
            ("case-number", "text", "Other", self._number(), False),
            ("analysis-start-date", "datetime", "Other", stamp(self._found.made), False),
            ("additional-comments", "text", "Other", words.title(self._found), False),
        ]
        return self._object("forensic-case", self._number(), rows)

    def _evidence(self) -> Object:
        evidence = self._dossier.evidence
        hashes = ", ".join(f"{visible(name)} {visible(value)}" for name, value in sorted(evidence.hashes.items()))
        rows = [
            ("case-number", "text", "Other", self._number(), False),
            ("evidence-number", "text", "Other", visible(evidence.fingerprint_before) or "unnumbered", False),
            ("type", "text", "Other", "Hard drive" if evidence.format != "folder" else "Other", False),
            ("acquisition-tools", "text", "Other", f"triage {visible(self._dossier.tool_version)}", False),
            ("name", "text", "Other", visible(evidence.name), False),
            ("additional-comments", "text", "Other", hashes, False),
        ]
        return self._object("forensic-evidence", "evidence", rows)

    def _file(self, file: FoundFile) -> Object:
        rows = [
            ("sha256", "sha256", "Payload delivery", file.sha256 or "", file.indicator),
            ("filename", "filename", "Payload delivery", file.name, False),
            ("path", "text", "Other", file.folder, False),
            ("size-in-bytes", "size-in-bytes", "Other", str(max(0, file.size)), False),
        ]
        one = self._object("file", file.sha256 or file.name, rows, "; ".join(map(visible, file.titles)))
        for name, when in (("first_seen", file.first), ("last_seen", file.last)):
            if when is not None:
                one[name] = stamp(when)
        return one

    def _registry(self, key: FoundKey) -> Object:
        rows = [
            ("key", "regkey", "Persistence mechanism", key.key, False),
            ("name", "text", "Other", key.name, False),
            ("data", "text", "Other", key.data, False),
        ]
        return self._object("registry-key", f"{key.key}\\{key.name}", rows)

    def _service(self, service: FoundService) -> Object:
        rows = [
            ("name", "windows-service-name", "Artifacts dropped", service.name, False),
            ("display", "windows-service-displayname", "Artifacts dropped", service.display, False),
            ("image-path", "text", "Other", service.image, False),
        ]
        return self._object("windows-service", service.name, rows)
