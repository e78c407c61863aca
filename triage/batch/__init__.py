"""Many images: what lies below a folder, the queue, one `triage scan` for each image, here or on other machines."""

from __future__ import annotations

from triage.batch.cluster import cluster
from triage.batch.finding import CaseFolder, Found, Image, find, find_cases
from triage.batch.gathering import Gathered
from triage.batch.ledger import Ledger, Ticket, tickets_of
from triage.batch.local import local
from triage.batch.marks import told_apart
from triage.batch.offices import Offices, offices_of
from triage.batch.queue import Asked, Engine, Queue

__all__ = [
    "Asked",
    "CaseFolder",
    "Engine",
    "Found",
    "Gathered",
    "Image",
    "Ledger",
    "Offices",
    "Queue",
    "Ticket",
    "cluster",
    "find",
    "find_cases",
    "local",
    "offices_of",
    "tickets_of",
    "told_apart",
]
