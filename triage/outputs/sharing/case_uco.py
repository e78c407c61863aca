"""case-uco.jsonld: the same in CASE 1.5 on UCO 1.5, JSON-LD.

One investigation: the scan is an action of a tool on the evidence; what it found are observable objects with facets,
held together by a provenance record.

References:
    CASE 1.5.0 and its examples; UCO core, observable, action, tool, types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from triage.analysis.dossier import Dossier
from triage.model import UnixNs
from triage.outputs.escapes import to_json, visible
from triage.outputs.sharing import words
from triage.outputs.sharing.found import FoundFile, FoundHost, FoundKey, FoundService, Shared, shared
from triage.outputs.sharing.ids import Ids, stamp

Object = dict[str, object]

_UCO: Final = "https://ontology.unifiedcyberontology.org/uco"
_CONTEXT: Final = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "kb": "urn:triage:case:",
    "uco-action": f"{_UCO}/action/",
    "uco-core": f"{_UCO}/core/",
    "uco-identity": f"{_UCO}/identity/",
    "uco-marking": f"{_UCO}/marking/",
    "uco-observable": f"{_UCO}/observable/",
    "uco-tool": f"{_UCO}/tool/",
    "uco-types": f"{_UCO}/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_METHODS: Final = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256"}


def render(dossier: Dossier, lang: str, organisation: str = words.NOBODY) -> Iterator[bytes]:  # noqa: ARG001
    """One graph. organisation: who tells it; the same in every language."""
    graph = _Graph(dossier, shared(dossier), organisation).graph()
    yield to_json({"@context": _CONTEXT, "@graph": graph}, indent=2).encode() + b"\n"


class _Graph:
    """The graph in the making; every node has its own id, nodes refer to each other by it."""

    def __init__(self, dossier: Dossier, found: Shared, organisation: str) -> None:
        self._dossier, self._found, self._organisation = dossier, found, organisation
        self._ids = Ids(dossier.evidence)
        self._nodes: list[Object] = []

    def graph(self) -> list[Object]:
        found = self._found
        who = self._node("uco-identity:Organization", "organisation", {"uco-core:name": self._organisation})
        evidence, machine = self._evidence(), self._machine()
        objects = [
            *(self._file(file) for file in found.files.values()),
            *(self._registry(key) for key in found.keys.values()),
            *(self._service(service) for service in found.services.values()),
            *(self._host(host) for host in found.hosts.values()),
        ]
        marking = self._marking()
        record = self._node(
            "case-investigation:ProvenanceRecord",
            "found",
            {
                "uco-core:description": words.told(self._dossier, found),
                "case-investigation:exhibitNumber": visible(self._dossier.evidence.fingerprint_before) or "unnumbered",
                "uco-core:object": [evidence, machine, *objects],
                "uco-core:objectMarking": marking,
            },
        )
        tool = {"uco-core:name": "triage", "uco-tool:version": visible(self._dossier.tool_version) or "unknown"}
        action = self._node(
            "case-investigation:InvestigativeAction",
            "scan",
            {
                "uco-core:name": "Forensic triage",
                "uco-action:startTime": _time(min((line.when for line in self._dossier.journal), default=found.made)),
                "uco-action:endTime": _time(found.made),
                "uco-action:instrument": self._node("uco-tool:Tool", "tool", tool),
                "uco-action:performer": who,
                "uco-action:object": evidence,
                "uco-action:result": record,
            },
        )
        self._node(
            "case-investigation:Investigation",
            "investigation",
            {
                "uco-core:name": words.title(found),
                "case-investigation:focus": [family.name for family in found.families.values()] or ["Triage"],
                "uco-core:object": [action, record],
                "uco-core:objectMarking": marking,
            },
        )
        return self._nodes

    def _node(self, kind: str, key: str, properties: Mapping[str, object]) -> Object:
        """Adds a node; gives the reference to it."""
        name = kind.partition(":")[2]
        ident = f"kb:{name}-{self._ids.of('case', name, key)}"
        self._nodes.append({"@id": ident, "@type": kind, **properties})
        return {"@id": ident}

    def _observable(self, kind: str, key: str, **facets: Object) -> Object:
        made = [self._node(f"uco-observable:{facet}", f"{kind} {key}", fields) for facet, fields in facets.items()]
        return self._node(f"uco-observable:{kind}", key, {"uco-core:hasFacet": made})

    def _hash(self, owner: str, method: str, value: str) -> Object:
        return self._node(
            "uco-types:Hash",
            f"{owner} {method}",
            {
                "uco-types:hashMethod": method,
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value},
            },
        )

    def _marking(self) -> Object:
        model = self._node(
            "uco-marking:StatementMarking",
            "tlp",
            {"uco-marking:definitionType": "statement", "uco-marking:statement": "TLP:AMBER"},
        )
        fields = {"uco-marking:definitionType": "statement", "uco-marking:definition": model}
        return self._node("uco-marking:MarkingDefinition", "tlp", fields)

    def _evidence(self) -> Object:
        evidence = self._dossier.evidence
        hashes = [
            self._hash("evidence", _METHODS[name], value)
            for name, value in sorted(evidence.hashes.items())
            if name in _METHODS and _is_hex(value)
        ]
        content: Object = {"uco-observable:sizeInBytes": _whole(evidence.size)}
        if hashes:
            content["uco-observable:hash"] = hashes
        return self._observable(
            "Image",
            "evidence",
            ImageFacet={"uco-observable:imageType": visible(evidence.format) or "unknown"},
            FileFacet={"uco-observable:fileName": visible(evidence.name)},
            ContentDataFacet=content,
        )

    def _machine(self) -> Object:
        return self._observable(
            "Computer",
            "machine",
            ComputerSpecificationFacet={"uco-observable:hostname": words.machine(self._dossier)},
            OperatingSystemFacet={"uco-core:name": words.system(self._dossier)},
        )

    def _file(self, file: FoundFile) -> Object:
        key = file.sha256 or file.name
        fields: Object = {"uco-observable:fileName": file.name, "uco-observable:sizeInBytes": _whole(file.size)}
        if file.folder:
            fields["uco-observable:filePath"] = f"{file.folder}\\{file.name}"
        if file.first is not None:
            fields["uco-observable:observableCreatedTime"] = _time(file.first)
        facets: dict[str, Object] = {"FileFacet": fields}
        if file.sha256:
            facets["ContentDataFacet"] = {"uco-observable:hash": self._hash(key, "SHA256", file.sha256)}
        return self._observable("File", key, **facets)

    def _registry(self, key: FoundKey) -> Object:
        place = f"{key.key} {key.name}"
        value = self._node(
            "uco-observable:WindowsRegistryValue",
            place,
            {"uco-core:name": key.name, "uco-observable:data": key.data},
        )
        fields: Object = {"uco-observable:key": key.key, "uco-observable:registryValues": value}
        return self._observable("WindowsRegistryKey", place, WindowsRegistryKeyFacet=fields)

    def _service(self, service: FoundService) -> Object:
        fields: Object = {"uco-observable:serviceName": service.name}
        if service.display:
            fields["uco-observable:displayName"] = service.display
        if service.image:
            fields["uco-observable:startCommandLine"] = service.image
        return self._observable("WindowsService", service.name, WindowsServiceFacet=fields)

    def _host(self, host: FoundHost) -> Object:
        if host.meaning == "address":
            kind = "IPv6Address" if ":" in host.name else "IPv4Address"
            fields: Object = {"uco-observable:addressValue": host.name}
            facets = {f"{kind}Facet": fields}
        else:
            kind, facets = "DomainName", {"DomainNameFacet": {"uco-observable:value": host.name}}
        made = [self._node(f"uco-observable:{facet}", f"{kind} {host.name}", rows) for facet, rows in facets.items()]
        properties: Object = {"uco-core:hasFacet": made}
        if said := words.HOSTS.get(host.meaning):
            properties["uco-core:description"] = said
        return self._node(f"uco-observable:{kind}", host.name, properties)


def _time(when: UnixNs) -> Object:
    return {"@type": "xsd:dateTime", "@value": stamp(when)}


def _whole(number: int) -> Object:
    return {"@type": "xsd:integer", "@value": str(max(0, number))}


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(letter in "0123456789abcdefABCDEF" for letter in text)
