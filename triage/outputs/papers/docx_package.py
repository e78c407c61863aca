"""The DOCX around the blocks: page, styles, numbers of pages, and a package whose bytes depend on the paper alone."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Final

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as DocxParagraph

from triage.outputs.papers.layout import BODY_PT, MARGINS_MM

FONT: Final = "Times New Roman"
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - python-docx wants it without a zone
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_KEPT_STYLES: Final = frozenset(
    ("Normal", "Header", "Footer", "Heading 1", "Heading 2", "Heading 3", "Default Paragraph Font", "Normal Table")
)
_DROPPED: Final = ("/stylesWithEffects", "/thumbnail", "/customXml", "/numbering", "/webSettings")
_LANGUAGES: Final = {"vi": "vi-VN", "en": "en-GB"}


def blank(lang: str, title: str, footer: str) -> Docx:
    """An empty A4 document in the layout of an office."""
    document = Document()
    _page(document, footer)
    _styles(document, lang)
    properties = document.core_properties
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.title = title
    properties.created = properties.modified = _EPOCH
    for part in (document.part, document.part.package):
        for key, relation in list(part.rels.items()):
            if relation.reltype.endswith(_DROPPED):
                del part.rels[key]
    return document


def packed(document: Docx) -> bytes:
    """The package, stored and dated 1980: the same bytes whatever the clock and the compressor."""
    saved, out = io.BytesIO(), io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name in given.namelist():
            member = zipfile.ZipInfo(name, _ZIP_EPOCH)
            member.create_system = 0
            package.writestr(member, given.read(name))
    return out.getvalue()


def element(name: str, **attributes: str) -> BaseOxmlElement:
    """`w:<name>` with attributes of the same name space."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _page(document: Docx, footer: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    _page_number(section.header.paragraphs[0])
    for foot in (section.first_page_footer, section.footer):
        paragraph = foot.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(footer)
        run.italic, run.font.size = True, Pt(9)


def _page_number(paragraph: DocxParagraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind in ("begin", "PAGE", "separate", "2", "end"):
        run = paragraph.add_run("2" if kind == "2" else "")
        run.font.size = Pt(13)
        if kind == "PAGE":
            instruction = element("instrText")
            instruction.text = kind
            run._r.append(instruction)  # noqa: SLF001 - python-docx has no fields
        elif kind != "2":
            run._r.append(element("fldChar", fldCharType=kind))  # noqa: SLF001


def _styles(document: Docx, lang: str) -> None:
    for style in list(document.styles):
        if style.name not in _KEPT_STYLES:
            style.delete()
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for fonts in defaults.iter(qn("w:rFonts")):
        for key in list(fonts.attrib):
            del fonts.attrib[key]
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGES[lang])
    for style in document.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH and isinstance(style, ParagraphStyle):
            _plain(style)
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    normal.font.size = Pt(BODY_PT)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    normal.paragraph_format.widow_control = True


def _plain(style: ParagraphStyle) -> None:
    font = style.font
    font.name, font.color.rgb = FONT, RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for key in [key for key in fonts.attrib if "Theme" in key]:
        del fonts.attrib[key]
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), FONT)
    if style.name.startswith("Heading"):
        font.size, font.bold, font.italic = Pt(BODY_PT), not style.name.endswith("3"), style.name.endswith("3")
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(6)
        style.paragraph_format.keep_with_next = True
