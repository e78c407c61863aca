"""Small EWF1 images, byte by byte, for tests that damage them."""

import struct
import zlib

CHUNK = 1024  # two sectors


def section(kind: bytes, start: int, content: bytes, *, last: bool = False) -> bytes:
    end = start if last else start + 76 + len(content)
    header = struct.pack("<16sQQ40x", kind, end, 76 + len(content))
    return header + struct.pack("<I", zlib.adler32(header)) + content


def summed(content: bytes) -> bytes:
    return content + struct.pack("<I", zlib.adler32(content))


def chunk_of(data: bytes, *, compress: bool) -> bytes:
    return zlib.compress(data) if compress else summed(data)


def table(offsets: list[tuple[int, bool]], base: int) -> bytes:
    header = summed(struct.pack("<I4xQ4x", len(offsets), base))
    return header + summed(b"".join(struct.pack("<I", (at - base) | packed << 31) for at, packed in offsets))


def segment(number: int, chunks: list[bytes], sectors: int, *, last: bool, md5: bytes = b"") -> bytes:
    """One segment; every third chunk is stored plain."""
    image = b"EVF\x09\x0d\x0a\xff\x00" + struct.pack("<BHH", 1, number, 0)
    volume = struct.pack("<4xIIIQ", -(-sectors * 512 // CHUNK), CHUNK // 512, 512, sectors).ljust(1048, b"\0")
    image += section(b"volume" if number == 1 else b"data", len(image), summed(volume))
    start, stored, places = len(image), b"", []
    for index, data in enumerate(chunks):
        places.append((start + 76 + len(stored), index % 3 != 2))
        stored += chunk_of(data, compress=index % 3 != 2)
    image += section(b"sectors", start, stored)
    image += section(b"table", len(image), table(places, start))
    image += section(b"table2", len(image), table(places, start))
    if md5:
        image += section(b"hash", len(image), summed(md5 + bytes(16)))
    return image + section(b"done" if last else b"next", len(image), b"", last=True)


def ewf_image(media: bytes, segments: int = 1) -> list[bytes]:
    """The segments of an image of media, a whole number of sectors."""
    chunks = [media[at : at + CHUNK] for at in range(0, len(media), CHUNK)]
    per = -(-len(chunks) // segments)
    return [
        segment(
            number + 1,
            chunks[number * per : (number + 1) * per],
            len(media) // 512,
            last=number == segments - 1,
            md5=b"\x11" * 16 if number == segments - 1 else b"",
        )
        for number in range(segments)
    ]
