"""A copy of a dossier that may leave the office: names of people, machines and documents become tokens.

Not what is known to be secret is taken out, but what is not known to be public: below people's folders and on data
drives every name becomes a token unless Windows or the malware calls a thing so. On top, names of people and machines
that were met anywhere are taken out of every text, in whatever case or Unicode form.

Limits:
    Times, sizes, hashes, names of programs and of services, and public addresses stay. A name of a person that stands
    only within such a name is found where it is also an account, a profile, a computer, or was given to be hidden.
"""

from triage.analysis.redaction.names import Names
from triage.analysis.redaction.redacted import is_redacted, learn, redact, redact_chronicle

__all__ = ["Names", "is_redacted", "learn", "redact", "redact_chronicle"]
