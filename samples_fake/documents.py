"""Ordinary files of an ordinary office, as content to find nothing in. Made up from beginning to end."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

from samples_fake.pe import FakePe, build_pe
from samples_fake.pe_resources import version_resource

ARTICLE = """Mã độc tống tiền WannaCry lây lan qua lỗ hổng SMB: những điều người dùng cần biết

Ngày 12/5/2017, mã độc WannaCry bắt đầu lây lan trên toàn cầu qua lỗ hổng MS17-010 của Windows.
Khi bị nhiễm, tài liệu bị đổi tên thành .WNCRY và máy hiện cửa sổ Wana Decrypt0r 2.0 đòi tiền chuộc
bằng bitcoin. Trong thư mục bị mã hóa có tệp @Please_Read_Me@.txt và @WanaDecryptor@.exe;
chương trình tasksche.exe và mssecsvc.exe chạy ngầm. Tên miền
iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com là công tắc dừng, không nên chặn.

VNCERT đề nghị các đơn vị cập nhật bản vá, tắt SMBv1, chặn cổng 445 và sao lưu dữ liệu.
"""


def text(topic: str, lines: int = 12) -> bytes:
    """A Vietnamese office text, UTF-8 with a byte order mark and Windows line ends."""
    words = (
        "Căn cứ",
        "kế hoạch",
        "báo cáo",
        "phòng",
        "tổng hợp",
        "số liệu",
        "quý",
        "năm 2017",
        "đề nghị",
        "đơn vị",
        "thực hiện",
        "kết quả",
        "ngân sách",
        "cán bộ",
        "văn bản",
        "tỉnh Lạng Sơn",
    )
    pick = random.Random(topic)
    body = [topic] + [" ".join(pick.choices(words, k=10)) + "." for _ in range(lines)]
    return ("\ufeff" + "\r\n".join(body) + "\r\n").encode()


def docx(topic: str) -> bytes:
    """A Word document with one paragraph for each line of `text`."""
    paragraphs = "".join(
        f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text(topic).decode("utf-8-sig").splitlines()
    )
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _office(
        "word/document.xml",
        main,
        (
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body>{paragraphs}</w:body></w:document>"
        ),
    )


def xlsx(topic: str) -> bytes:
    """A workbook that names no sheet: enough to be told by its content."""
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return _office(
        "xl/workbook.xml",
        main,
        (
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheets/><!-- {topic} --></workbook>"
        ),
    )


def _office(part: str, content_type: str, xml: str) -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    )
    return archive({"[Content_Types].xml": types.encode(), part: xml.encode()})


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP file, always dated 1980-01-01."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def pdf(topic: str) -> bytes:
    """A PDF of one empty page."""
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Title<{topic.encode('utf-16-be').hex()}>>>",
    )
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{offset:010d} 00000 n \n" for offset in offsets).encode()
    return bytes(
        out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    )


def jpeg(seed: int, size: int = 1500) -> bytes:
    """What begins and ends as a photograph; noise between."""
    start = bytes.fromhex("ffd8ffe000104a46494600010101006000600000")
    noise = random.Random(seed).randbytes(size).replace(b"\xff", b"\xfe")
    return start + b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00" + noise + b"\xff\xd9"


def png(seed: int) -> bytes:
    """A picture of 16 by 16 grey pixels."""
    pick = random.Random(seed)
    rows = b"".join(b"\0" + pick.randbytes(16) for _ in range(16))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def bmp(width: int = 64, height: int = 16) -> bytes:
    """A black bitmap, 24 bits a pixel."""
    pixels = bytes(width * 3 * height)
    head = struct.pack(
        "<2sIIIIiiHHIIiiII", b"BM", 54 + len(pixels), 0, 54, 40, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0
    )
    return head + pixels


def shortcut(target: str) -> bytes:
    """A shell link that holds its target as a name only."""
    clsid = bytes.fromhex("0114020000000000c000000000000046")
    flags = 0x4 | 0x80  # has a name; Unicode
    head = (struct.pack("<I", 0x4C) + clsid + struct.pack("<II", flags, 0)).ljust(0x4C, b"\0")
    return head + struct.pack("<H", len(target)) + target.encode("utf-16-le")


def noise(seed: int, size: int) -> bytes:
    """Bytes as random as any ciphertext."""
    return random.Random(seed).randbytes(size)


def zone_identifier(zone: int = 3) -> bytes:
    """The stream that browsers write beside a download."""
    return f"[ZoneTransfer]\r\nZoneId={zone}\r\n".encode()


def windows_program(name: str, version: tuple[int, int, int, int], *, dll: bool = False, bits: int = 64) -> bytes:
    """A file of Windows by its version information; a harmless fake that returns at once."""
    dotted = ".".join(map(str, version))
    strings = {
        "CompanyName": "Microsoft Corporation",
        "FileDescription": f"{name} (harmless fake)",
        "FileVersion": dotted,
        "InternalName": name,
        "OriginalFilename": name,
        "ProductVersion": dotted,
    }
    return build_pe(
        FakePe(bits=bits, dll=dll, timestamp=1290246124, linker=(9, 0), resources=(version_resource(strings, version),))
    )
