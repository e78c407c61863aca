"""stix.json: a STIX 2.1 bundle.

What may be looked for elsewhere is an indicator with a sighting on this machine; everything else is observed data. A
kill-switch domain, a relay's address, a key of this machine alone is never an indicator.

References:
    OASIS STIX 2.1; FIRST TLP 2.0 and its STIX extension; ATT&CK; CVE-2017-0144.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from triage.analysis.dossier import Dossier
from triage.intel.families import Family
from triage.model import UnixNs
from triage.outputs.escapes import to_json, visible
from triage.outputs.sharing import words
from triage.outputs.sharing.found import FoundFile, FoundHost, FoundKey, FoundService, Shared, shared
from triage.outputs.sharing.ids import Ids, observable_id, stamp

Object = dict[str, object]

TLP_AMBER: Final[Mapping[str, object]] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "created": "2022-10-01T00:00:00.000Z",
    "name": "TLP:AMBER",
    "extensions": {
        "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
            "extension_type": "property-extension",
            "tlp_2_0": "amber",
        }
    },
}


def render(dossier: Dossier, lang: str, organisation: str = words.NOBODY) -> Iterator[bytes]:  # noqa: ARG001
    """One bundle. organisation: who tells it; the same in every language."""
    yield to_json(_Bundle(dossier, shared(dossier), organisation).bundle(), indent=2).encode() + b"\n"


class _Bundle:
    """The bundle in the making; objects in a fixed order."""

    def __init__(self, dossier: Dossier, found: Shared, organisation: str) -> None:
        self._dossier, self._found = dossier, found
        self._ids = Ids(dossier.evidence)
        self._objects: dict[str, Object] = {}
        self._made = stamp(found.made)
        self._by = self._id("identity", "organisation", organisation)
        self._put({"type": "identity", "id": self._by, "name": organisation, "identity_class": "organization"})
        self._put(dict(TLP_AMBER))

    def bundle(self) -> Object:
        host = words.machine(self._dossier)
        machine = self._make(
            "identity", "machine", name=host, identity_class="system", description=words.system(self._dossier)
        )
        malware = {family.id: self._malware(family) for family in self._found.families.values()}
        for ident in malware.values():
            self._relate(ident, "targets", machine)
        for technique in sorted(self._found.attack):
            self._technique(technique, list(malware.values()))
        for file in self._found.files.values():
            self._file(file, machine, malware)
        for key in self._found.keys.values():
            self._registry(key)
        for service in self._found.services.values():
            self._service(service)
        for contact in self._found.hosts.values():
            self._contact(contact, machine, malware)
        self._vulnerability(machine, malware)
        self._report()
        ident = self._id("bundle", *self._objects)
        return {"type": "bundle", "id": ident, "objects": list(self._objects.values())}

    # -- objects ------------------------------------------------------------------------------------------------------

    def _id(self, kind: str, *what: str) -> str:
        return f"{kind}--{self._ids.of('stix', kind, *what)}"

    def _put(self, given: Object) -> str:
        kind, ident = str(given["type"]), str(given["id"])
        if kind != "marking-definition":
            given = {**given, "spec_version": "2.1", "object_marking_refs": [TLP_AMBER["id"]]}
            if kind not in words.OBSERVABLES:
                given |= {"created": self._made, "modified": self._made}
                if ident != self._by:
                    given["created_by_ref"] = self._by
        order = ("type", "spec_version", "id", "created_by_ref", "created", "modified")
        first = {name: given[name] for name in order if name in given}
        self._objects.setdefault(ident, {**first, **{k: v for k, v in given.items() if k not in first}})
        return ident

    def _make(self, kind: str, *what: str, **fields: object) -> str:
        return self._put({"type": kind, "id": self._id(kind, *what), **fields})

    def _relate(self, source: str, how: str, target: str) -> None:
        fields = {"relationship_type": how, "source_ref": source, "target_ref": target}
        self._make("relationship", source, how, target, **fields)

    def _observed(self, about: str, refs: list[str], times: tuple[UnixNs | None, UnixNs | None], count: int = 1) -> str:
        first, last = (self._found.made if when is None else when for when in times)
        return self._make(
            "observed-data",
            about,
            *refs,
            first_observed=stamp(first),
            last_observed=stamp(max(first, last)),
            number_observed=min(count, 999_999_999),
            object_refs=refs,
        )

    def _malware(self, family: Family) -> str:
        fields: Object = {"name": family.name, "is_family": True, "malware_types": ["unknown"]}
        if family.extensions:
            fields["malware_types"] = ["ransomware"]
        if family.aliases:
            fields["aliases"] = list(family.aliases)
        if family.summary:
            fields["description"] = family.summary
        return self._make("malware", family.id, **fields)

    def _technique(self, technique: str, malware: list[str]) -> None:
        reference = {"source_name": "mitre-attack", "external_id": technique}
        ident = self._make("attack-pattern", technique, name=technique, external_references=[reference])
        for source in malware:
            self._relate(source, "uses", ident)

    def _file(self, file: FoundFile, machine: str, malware: Mapping[str, str]) -> None:
        properties: Object = {"name": file.name}
        if file.sha256:
            properties["hashes"] = {"SHA-256": file.sha256}
        refs = []
        if file.folder:
            folder = observable_id("directory", path=file.folder)
            refs.append(self._put({"type": "directory", "id": folder, "path": file.folder}))
            properties["parent_directory_ref"] = folder
        ident = observable_id("file", **properties)
        self._put({"type": "file", "id": ident, **properties, "size": max(0, file.size)})
        observed = self._observed("file", [ident, *refs], (file.first, file.last), file.places)
        if not (file.indicator and file.sha256):
            return
        indicator = self._make(
            "indicator",
            "file",
            file.sha256,
            name=f"{file.name} ({words.family_name(self._found, file.family)})",
            description="; ".join(file.titles),
            indicator_types=["malicious-activity"],
            pattern=f"[file:hashes.'SHA-256' = '{file.sha256}']",
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=self._made,
        )
        if file.family in malware:
            self._relate(indicator, "indicates", malware[file.family])
        self._sighting(indicator, [observed], machine, (file.first, file.last), file.places)

    def _sighting(
        self, of: str, observed: list[str], machine: str, times: tuple[UnixNs | None, UnixNs | None], count: int
    ) -> None:
        fields: Object = {"sighting_of_ref": of, "observed_data_refs": observed, "where_sighted_refs": [machine]}
        fields["count"] = min(count, 999_999_999)
        first, last = times
        if first is not None:
            fields["first_seen"] = stamp(first)
        if last is not None:
            fields["last_seen"] = stamp(last)
        self._make("sighting", of, machine, **fields)

    def _registry(self, key: FoundKey) -> None:
        value = {"name": key.name, "data": key.data, "data_type": "REG_SZ"}
        ident = observable_id("windows-registry-key", key=key.key, values=[value])
        self._put({"type": "windows-registry-key", "id": ident, "key": key.key, "values": [value]})
        self._observed("registry", [ident], (self._found.first, self._found.last))

    def _service(self, service: FoundService) -> None:
        key = rf"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\{service.name}"
        texts = {"DisplayName": service.display, "ImagePath": service.image}
        values = [{"name": name, "data": text, "data_type": "REG_SZ"} for name, text in texts.items() if text]
        properties: Object = {"key": key, **({"values": values} if values else {})}
        ident = observable_id("windows-registry-key", **properties)
        self._put({"type": "windows-registry-key", "id": ident, **properties})
        self._observed("service", [ident], (self._found.first, self._found.last))

    def _contact(self, host: FoundHost, machine: str, malware: Mapping[str, str]) -> None:
        kind = "domain-name" if host.meaning != "address" else "ipv6-addr" if ":" in host.name else "ipv4-addr"
        ident = observable_id(kind, value=host.name)
        self._put({"type": kind, "id": ident, "value": host.name})
        observed = self._observed("host", [ident], (host.first, host.last), host.count)
        if host.meaning in words.HOSTS:
            self._make("note", "host", host.name, content=words.HOSTS[host.meaning], object_refs=[ident, observed])
        for family, source in malware.items():
            if host.meaning in ("kill-switch", "onion") and family == "wannacry":
                self._sighting(source, [observed], machine, (host.first, host.last), host.count)

    def _vulnerability(self, machine: str, malware: Mapping[str, str]) -> None:
        state = words.patch(self._dossier)
        exploited = malware.get("wannacry")
        if not state and not exploited:
            return
        reference = {"source_name": "cve", "external_id": words.CVE}
        ident = self._make(
            "vulnerability", words.CVE, name=words.CVE, description=words.CVE_SAYS, external_references=[reference]
        )
        if exploited:
            self._relate(exploited, "exploits", ident)
        if state:
            self._make("note", "patch", state, content=state, object_refs=[ident, machine])

    def _report(self) -> None:
        refs = [ident for ident in self._objects if not ident.startswith("marking-definition")]
        self._make(
            "report",
            "case",
            name=visible(words.title(self._found)),
            description=words.told(self._dossier, self._found),
            report_types=["malware"] if self._found.infected else ["observed-data"],
            published=self._made,
            object_refs=refs,
        )
