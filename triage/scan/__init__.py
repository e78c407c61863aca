"""The pipeline: plan, units of work, worker processes, case."""

from triage.scan.depth import Depth
from triage.scan.pipeline import ScanOptions, scan
from triage.scan.pool import Limits
from triage.scan.progress import Progress

__all__ = ["Depth", "Limits", "Progress", "ScanOptions", "scan"]
