"""Offline forensic triage of Windows machines hit by ransomware, WannaCry first.

evidence -> detectors -> case -> analysis -> outputs
(reads the evidence, read-only) | (reads only the case)
"""

__version__ = "0.1.0"
