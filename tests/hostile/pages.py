"""A report as a browser's parser sees it: which elements, which attributes, which data blocks."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser


class Page(HTMLParser):
    """Counts elements, collects attributes and the content of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text: list[str] = []
        self._within = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements[tag] += 1
        self._within = tag
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src", "action", "data", "srcset", "style") and value:
                self.links.append(value)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        self._within = ""

    def handle_data(self, data):
        if self._within == "script":
            kept, text = self.scripts[-1]
            self.scripts[-1] = kept, text + data
        elif self._within != "style":
            self.text.append(data)
