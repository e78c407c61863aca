"""What was found on one machine, for those who gather such things: STIX 2.1, MISP, CASE/UCO.

All three tell the same (`found.py`), with ids that the same case always gives, and times from the case alone.
Names of people's documents are not told: they are counted.
"""
