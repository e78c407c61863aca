"""From records to judgement."""

from triage.analysis.dossier import Dossier, VerdictLevel
from triage.analysis.judgement import build
from triage.analysis.verdict import exit_code

__all__ = ["Dossier", "VerdictLevel", "build", "exit_code"]
