"""Names to tokens, and a text without the names that were met."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from triage.case.redactions import Redactions
from triage.intel.public_names import PublicNames

USER: Final = "USER"
HOST: Final = "HOST"
DOMAIN: Final = "DOMAIN"
TAG: Final = "TAG"
HIDDEN: Final = "NAME"
DOCUMENT: Final = "DOC"
FOLDER: Final = "DIR"
TEXT: Final = "TEXT"
DEVICE: Final = "DEVICE"
LABEL: Final = "LABEL"
ANALYST: Final = "ANALYST"
EVIDENCE: Final = "EVIDENCE"
MAIL: Final = "MAIL"
SID: Final = "SID"
ADDRESS: Final = "IP"
CARD: Final = "MAC"

_EVERYWHERE: Final = (HIDDEN, USER, HOST, DOMAIN, TAG)
"""Names of these kinds are taken out of every text, not only where they are expected."""
_KINDS: Final = "|".join(
    (*_EVERYWHERE, DOCUMENT, FOLDER, TEXT, DEVICE, LABEL, ANALYST, EVIDENCE, MAIL, SID, ADDRESS, CARD)
)
TOKEN: Final = re.compile(rf"\b(?:{_KINDS})-\d+")

_ANYWHERE: Final = 5
"""Letters from which a name is looked for inside words, too."""
_SHORTEST: Final = 3
_SID: Final = re.compile(r"(?i)\bS-1-(?:5-21|12-1)(?:-\d+){3,8}\b")
_MAIL: Final = re.compile(r"[\w.+-]*\w@[\w-]+(?:\.[\w-]+)+")
_CARD: Final = re.compile(r"(?i)(?<![0-9a-f:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![0-9a-f:-])")
_V4: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)")
_V6: Final = re.compile(r"(?i)(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:%\w+)?(?![\w:])")
_INTERNAL: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
            *("fc00::/7", "fe80::/10", "fec0::/10"),
        ),
    )
)
_SHORT_NAME: Final = re.compile(r"(?i)([^ .~\\/]{1,6})~\d{1,3}(?:\.[^ .~\\/]{1,3})?")


def folded(text: str) -> str:
    """A name without regard to case and Unicode form."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def plain(text: str) -> str:
    """A name without its diacritics."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(letter for letter in bare if not unicodedata.combining(letter)))


def is_internal(text: str) -> bool:
    """An address that only a network of one's own knows."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return any(address in network for network in _INTERNAL if network.version == address.version)


class Names:
    """The tokens of one case.

    While it learns, every name is only written down; `ready` numbers them and makes the texts' filter.
    """

    def __init__(self, tokens: Redactions, public: PublicNames, hidden: Iterable[str] = ()) -> None:
        """hidden: what else must not be read: the organisation, its owner."""
        self.public = public
        self._tokens = tokens
        self._learning = True
        self._filter: re.Pattern[str] | None = None
        self._exact: dict[str, tuple[str, str]] = {}
        self._people: dict[str, str] = {}
        for text in hidden:
            self.token(HIDDEN, text)

    def ready(self) -> None:
        """Ends the learning."""
        self._tokens.settle()
        self._learning = False
        wanted: dict[str, tuple[str, str]] = {}
        for kind in _EVERYWHERE:
            for key, text in self._tokens.known(kind):
                self._exact.setdefault(key, (kind, text))
                if kind is USER:
                    self._people[re.sub(r"[ .]", "", plain(key))] = text
                for form in dict.fromkeys((key, folded(plain(text)))):
                    if len(form) >= _SHORTEST and form not in self.public.words and not self._is_common(form):
                        wanted.setdefault(form, (kind, text))
        self._wanted = wanted
        if wanted:
            ordered = sorted(wanted, key=lambda form: (-len(form), form))
            self._filter = re.compile("|".join(map(_pattern, ordered)), re.IGNORECASE)

    def _is_common(self, form: str) -> bool:
        """A word that names of Windows hold: it is hidden where it is expected, or every path would be torn."""
        public = self.public
        sets = (public.folders, public.system_roots, public.people, public.profiles, public.accounts, public.extensions)
        return any(form in names for names in sets) or public.is_malware(form)

    def token(self, kind: str, text: str) -> str:
        """The token of a name; an empty name stays empty, a token stays itself."""
        if not text or TOKEN.fullmatch(text):
            return text
        key, text = _storable(folded(text)), _storable(unicodedata.normalize("NFC", text))
        if self._learning:
            self._tokens.meet(kind, key, text)
            return text
        number = self._tokens.number(kind, key, text)
        return f"{kind}-{number:04d}" if kind == DOCUMENT else f"{kind}-{number}"

    def exact(self, text: str) -> str | None:
        """The token of a person, machine or tag of just this name, None where there is none."""
        known = self._exact.get(folded(text))
        return None if known is None else self.token(*known)

    # -- names that are expected -------------------------------------------------------------------------------------

    def user(self, text: str) -> str:
        r"""An account: `name`, `DOMAIN\name`, `name@domain`, a SID; built-in ones stay."""
        before, slash, name = text.rpartition("\\")
        if slash:
            stripped = before.rstrip("\\")
            return self.host(stripped, DOMAIN) + before[len(stripped) :] + slash + self.user(name)
        if _MAIL.fullmatch(text):
            return self.token(MAIL, text)
        if _SID.fullmatch(text) or text.upper().startswith("S-1-"):
            return self.scrub(text)
        if self._is_nobody(text):
            return text
        if text.endswith("$"):
            return self.host(text[:-1]) + "$"
        if short := _SHORT_NAME.fullmatch(text):
            return text if self._learning else self._short(text, short[1])
        return self.exact(text) or self.token(USER, text)

    def _short(self, text: str, start: str) -> str:
        """`NGUYEN~1` is whoever alone has a name that begins so."""
        begin = folded(start)
        fits = {person for bare, person in self._people.items() if bare.startswith(begin)}
        return self.token(USER, fits.pop() if len(fits) == 1 else text)

    def host(self, text: str, kind: str = HOST) -> str:
        """A computer or domain; what every network has stays."""
        if self._is_nobody(text) or text in ("-", "."):
            return text
        if is_internal(text):
            return self.token(ADDRESS, text)
        bare = text.strip("\\")
        if folded(bare) in self.public.hosts or _V4.fullmatch(bare):
            return text
        return text.replace(bare, self.exact(bare) or self.token(kind, bare))

    def _is_nobody(self, text: str) -> bool:
        return not text or folded(text) in self.public.accounts or text in ("-", "?")

    # -- any text ----------------------------------------------------------------------------------------------------

    def scrub(self, text: str) -> str:
        """The text without mail addresses, SIDs, internal addresses, and names that were met anywhere."""
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if "@" in text:
            text = _MAIL.sub(lambda found: self.token(MAIL, found[0]), text)
        text = _SID.sub(lambda found: self.token(SID, found[0].upper()), text)
        text = _CARD.sub(lambda found: self.token(CARD, found[0]), text)
        text = _V4.sub(self._address, text)
        if text.count(":") > 1:
            text = _V6.sub(self._address, text)
        return self._filter.sub(self._known, text) if self._filter else text

    def _address(self, found: re.Match[str]) -> str:
        return self.token(ADDRESS, found[0]) if is_internal(found[0]) else found[0]

    def _known(self, found: re.Match[str]) -> str:
        known = self._wanted.get(folded(found[0]))
        return self.token(*known) if known else self.token(HIDDEN, found[0])


def _pattern(form: str) -> str:
    pattern = re.escape(form)
    return pattern if len(form) >= _ANYWHERE else rf"(?<![^\W_]){pattern}(?![^\W_])"


def _storable(text: str) -> str:
    """Nothing that UTF-8 cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()
