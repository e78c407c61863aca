"""Harmless fakes: files, disk images and scenes that carry indicators of ransomware and nothing else.

No byte here comes from malware and none of it does anything: programs return at their first
instruction, "encrypted" bodies are pseudo-random numbers, keys are noise. Everything is built
from fixed seeds and fixed times, so the same scene gives the same bytes.
"""
