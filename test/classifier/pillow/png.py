"""PNG files of every colour type, depth, filter and interlacing, with the chunks that change what is seen."""
import io
import struct
import zlib

from PIL import Image

from picture import SIZES, colours, packed, samples

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name, data, crc=None):
    right = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", right if crc is None else crc)


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(lines, step, kind):
    out, above = b"", bytes(len(lines[0]) if lines else 0)
    for y, line in enumerate(lines):
        how = y % 5 if kind == "all" else kind
        row = bytearray()
        for x, value in enumerate(line):
            a, b, c = (line[x - step] if x >= step else 0), above[x], (above[x - step] if x >= step else 0)
            row.append((value - (0, a, b, (a + b) // 2, paeth(a, b, c))[how]) & 255)
        out, above = out + bytes([how]) + bytes(row), line
    return out


def png(width, height, colour, bits, interlaced=False, kind="all", before=b"", after=b"", most=None, cut=0, crc=None):
    pixels = samples(width, height, CHANNELS[colour], (1 << bits) - 1 if most is None else most)
    step = max(1, CHANNELS[colour] * bits // 8)
    passes = PASSES if interlaced else [(0, 0, 1, 1)]
    data = b""
    for left, top, dx, dy in passes:
        lines = [packed([v for p in row[left::dx] for v in p], bits) for row in pixels[top::dy] if row[left::dx]]
        data += filtered(lines, step, kind)
    packed_data = zlib.compress(data, 9)
    if cut:
        packed_data = packed_data[:-cut]
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", packed_data, crc) + after + chunk(b"IEND", b"")


def palette(count):
    return chunk(b"PLTE", b"".join(bytes(c) for c in colours(count)))


def exif(orientation):
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0"


def xmp(orientation):
    text = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
    return text


def variants():
    for width, height in SIZES:
        size = f"{width}x{height}"
        for colour, bits in KINDS:
            plte = palette(1 << bits) if colour == 3 else b""
            for interlaced in (False, True):
                name = f"png {size} type {colour} {bits} bits{' interlaced' if interlaced else ''}"
                yield name, png(width, height, colour, bits, interlaced, "all", plte)
            trns = {0: struct.pack(">H", 1), 2: struct.pack(">HHH", *samples(width, height, 3, (1 << bits) - 1)[0][0]),
                    3: bytes((0, 128, 255, 7))[:1 << bits]}.get(colour)
            if trns:
                yield f"png {size} type {colour} {bits} bits tRNS", png(width, height, colour, bits, False, 1, plte + chunk(b"tRNS", trns))
    width, height = 17, 9
    for colour, bits in KINDS:
        plte = palette(1 << bits) if colour == 3 else b""
        for kind in range(5):
            yield f"png type {colour} {bits} bits filter {kind}", png(width, height, colour, bits, False, kind, plte)
        for name, extra in {
            "gAMA": chunk(b"gAMA", struct.pack(">I", 100000)), "sRGB": chunk(b"sRGB", b"\0"),
            "cHRM": chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
            "pHYs": chunk(b"pHYs", struct.pack(">IIB", 100, 300, 1)),
            "sBIT": chunk(b"sBIT", bytes([min(bits, 5)] * (3 if colour == 3 else CHANNELS[colour]))),
        }.items():
            yield f"png type {colour} {bits} bits {name}", png(width, height, colour, bits, False, "all", extra + plte)
        yield f"png type {colour} {bits} bits wrong CRC", png(width, height, colour, bits, False, "all", plte, crc=7)
        yield f"png type {colour} {bits} bits cut", png(width, height, colour, bits, False, "all", plte, cut=12)
        yield f"png type {colour} {bits} bits exif 6", png(width, height, colour, bits, False, "all", plte + chunk(b"eXIf", exif(6)))
    yield "png no palette", png(width, height, 3, 8)
    yield "png short palette", png(width, height, 3, 8, before=palette(9))
    yield "png short palette within", png(width, height, 3, 8, before=palette(9), most=8)
    yield "png 4 bits short palette", png(width, height, 3, 4, before=palette(9))
    yield "png grey palette", png(width, height, 3, 8, before=chunk(b"PLTE", bytes(v for v in range(256) for _ in range(3))))
    yield "png colour with palette", png(width, height, 2, 8, before=palette(16))
    yield "png wrong CRC of text", png(width, height, 2, 8, before=chunk(b"tEXt", b"a\0b", 5))
    yield "png unknown chunk", png(width, height, 2, 8, before=chunk(b"abCd", b"hello"))
    yield "png unknown critical chunk", png(width, height, 2, 8, before=chunk(b"ABCD", b"hello"))
    whole = png(width, height, 2, 8)
    yield "png trailing bytes", whole + b"trailing" * 4
    yield "png without IEND", whole[:-12]
    for orientation in range(0, 10):
        yield f"png exif {orientation}", png(width, height, 2, 8, before=chunk(b"eXIf", exif(orientation)))
        yield f"png exif {orientation} after", png(width, height, 6, 8, after=chunk(b"eXIf", exif(orientation)))
        text = b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(orientation)
        yield f"png xmp {orientation}", png(width, height, 2, 8, before=chunk(b"iTXt", text))
    frames = [Image.new("RGB", (9, 7), c) for c in ("red", "green", "blue")]
    for default in (False, True):
        out = io.BytesIO()
        frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], default_image=default)
        yield f"png animated default {default}", out.getvalue()
