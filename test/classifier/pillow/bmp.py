"""BMP files of every header, depth and compression, of which Pillow writes only a few itself."""
import struct

from picture import SIZES, colours, packed, samples

MASKS = {
    "bgrx": (0xFF0000, 0xFF00, 0xFF, 0),
    "xbgr": (0xFF000000, 0xFF0000, 0xFF00, 0),
    "bgxr": (0xFF000000, 0xFF00, 0xFF, 0),
    "abgr": (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
    "rgba": (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
    "bgra": (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
    "bgar": (0xFF000000, 0xFF00, 0xFF, 0xFF0000),
    "none": (0, 0, 0, 0),
    "rgbx": (0xFF, 0xFF00, 0xFF0000, 0),
    "ten": (0x3FF00000, 0xFFC00, 0x3FF, 0),
    "565": (0xF800, 0x7E0, 0x1F, 0),
    "555": (0x7C00, 0x3E0, 0x1F, 0),
    "1555": (0x7C00, 0x3E0, 0x1F, 0x8000),
    "4444": (0xF00, 0xF0, 0xF, 0xF000),
}


def bmp(width, height, bits, data, header=40, compression=0, palette=None, used=0, masks=None, top_down=False,
        gap=0, tail=b"", offset=None):
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        head = struct.pack("<IIiHHIIIIII", header, width, -height if top_down else height, 1, bits, compression,
                           len(data), 2835, 2835, used, 0)
        if masks and header >= 52:
            head += struct.pack("<IIII", *masks)
        head = head[:header].ljust(header, b"\0")
        if masks and header == 40:
            head += struct.pack("<III", *masks[:3])
    entry = 3 if header == 12 else 4
    table = b"".join(bytes((b, g, r)) + b"\0" * (entry - 3) for r, g, b in palette or [])
    at = 14 + len(head) + len(table) + gap
    start = at if offset is None else offset
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, start) + head + table + b"\xa5" * gap + data + tail


def rows(width, height, bits, top_down=False, most=None):
    most = (1 << bits) - 1 if most is None else most
    if bits <= 8:
        lines = [packed([p[0] for p in row], bits) for row in samples(width, height, 1, most)]
    else:
        lines = [bytes(v for p in row for v in p) for row in samples(width, height, bits // 8)]
    lines = [line.ljust((width * bits + 31) // 32 * 4, b"\x5a") for line in lines]
    return b"".join(lines if top_down else lines[::-1])


def run_lengths(width, height, bits, style):
    """RLE8 or RLE4 of a picture: by runs, by literal stretches, or by both in turn; styles add steps and faults."""
    most = 15 if bits == 4 else 255
    out = bytearray()
    for y, row in enumerate(samples(width, height, 1, most)[::-1]):
        line = [p[0] // 3 * 3 for p in row]
        x = 0
        while x < width:
            left = width - x
            if style == "literal" or (style == "mixed" and x % 2 and left > 3):
                count = min(left, 255)
                if count < 3:
                    out += bytes((1, line[x] << 4 if bits == 4 else line[x]))
                    x += 1
                    continue
                piece = line[x:x + count] if style == "literal" else line[x:x + 3]
                raw = packed(piece, bits)
                out += bytes((0, len(piece))) + raw + b"\0" * (len(raw) % 2)
                x += len(piece)
            elif bits == 4:
                pair = (line[x], line[x + 1] if left > 1 else 0)
                count = min(left, 5)
                out += bytes((count, pair[0] << 4 | pair[1]))
                x += count
            else:
                count = 1
                while count < min(left, 255) and line[x + count] == line[x]:
                    count += 1
                out += bytes((count, line[x]))
                x += count
        if style == "steps" and y == 0 and height > 2:
            out += bytes((0, 2, 0, 1))
        if style == "overrun":
            out += bytes((9, 1))
        if style != "endless":
            out += b"\0\0"
    return bytes(out) + (b"" if style == "no end" else b"\0\1")


def variants():
    ramp = [(v, v, v) for v in range(256)]
    for width, height in SIZES[1:]:
        size = f"{width}x{height}"
        for header in (12, 16, 40, 52, 56, 64, 108, 124):
            for bits in (1, 2, 4, 8, 16, 24, 32):
                palette = colours(1 << bits) if bits <= 8 else None
                for top_down in (False,) if header == 12 or (width + bits) % 3 else (False, True):
                    name = f"bmp {size} header {header} {bits} bits{' top-down' if top_down else ''}"
                    yield name, bmp(width, height, bits, rows(width, height, bits, top_down), header,
                                    palette=palette, top_down=top_down)
        for bits in (1, 4, 8, 24, 32):
            palette = colours(1 << bits) if bits <= 8 else None
            data = rows(width, height, bits)
            yield f"bmp {size} {bits} bits gap", bmp(width, height, bits, data, palette=palette, gap=10)
            yield f"bmp {size} {bits} bits gap v5", bmp(width, height, bits, data, 124, palette=palette, gap=33)
            yield f"bmp {size} {bits} bits short", bmp(width, height, bits, data[:-5], palette=palette)
            yield f"bmp {size} {bits} bits padding cut", bmp(width, height, bits, data[:-1], palette=palette)
            yield f"bmp {size} {bits} bits tail", bmp(width, height, bits, data, palette=palette, tail=b"tail" * 9)
            yield f"bmp {size} {bits} bits no offset", bmp(width, height, bits, data, palette=palette, offset=0)
            yield f"bmp {size} {bits} bits offset at palette", bmp(width, height, bits, data, palette=palette, offset=54)
        for name, count, palette in (
            ("grey ramp", 256, ramp), ("few", 7, colours(7)), ("grey few", 7, ramp[:7]), ("two", 2, [(0, 0, 0), (255, 255, 255)]),
            ("one", 1, [(0, 0, 0)]), ("one colour", 1, [(9, 80, 200)]), ("white black", 2, [(255, 255, 255), (0, 0, 0)]),
            ("falling ramp", 256, ramp[::-1]), ("many", 300, colours(300)), ("255 greys", 255, ramp[:255]),
        ):
            yield f"bmp {size} 8 bits palette {name}", bmp(width, height, 8, rows(width, height, 8), palette=palette, used=count)
            yield f"bmp {size} 8 bits palette {name} within", bmp(
                width, height, 8, rows(width, height, 8, most=min(count, 256) - 1), palette=palette, used=count)
        for bits, palettes in ((4, {"ramp": ramp[:16], "wide ramp": [(v * 17,) * 3 for v in range(16)], "few": colours(5)}),
                               (1, {"ramp": ramp[:2], "black white": [ramp[0], ramp[255]], "white black": [ramp[255], ramp[0]],
                                    "one": [ramp[0]]})):
            for name, palette in palettes.items():
                for used in (0, len(palette)):
                    yield f"bmp {size} {bits} bits palette {name} used {used}", bmp(
                        width, height, bits, rows(width, height, bits), palette=palette, used=used)
        for name, masks in MASKS.items():
            bits = 16 if name[0] in "145" else 32
            for header in (40, 52, 56, 64, 108, 124):
                yield f"bmp {size} masks {name} header {header}", bmp(
                    width, height, bits, rows(width, height, bits), header, 3, masks=masks, top_down=header == 56)
        yield f"bmp {size} masks 24", bmp(width, height, 24, rows(width, height, 24), 40, 3, masks=MASKS["bgrx"])
        for bits, kind in ((8, 1), (4, 2)):
            for style in ("runs", "literal", "mixed", "steps", "overrun", "endless", "no end"):
                data = run_lengths(width, height, bits, style)
                for name, palette in (("colours", colours(1 << bits)), ("ramp", ramp[:1 << bits])):
                    yield f"bmp {size} rle{bits} {style} {name}", bmp(width, height, bits, data, compression=kind, palette=palette)
            data = run_lengths(width, height, bits, "mixed")
            palette = colours(1 << bits)
            yield f"bmp {size} rle{bits} gap", bmp(width, height, bits, data, compression=kind, palette=palette, gap=3)
            yield f"bmp {size} rle{bits} top-down", bmp(width, height, bits, data, compression=kind, palette=palette, top_down=True)
            yield f"bmp {size} rle{bits} short", bmp(width, height, bits, data[:len(data) // 2], compression=kind, palette=palette)
            yield f"bmp {size} rle{bits} header 64", bmp(width, height, bits, data, 64, kind, palette=palette)
            yield f"bmp {size} rle{bits} v5", bmp(width, height, bits, data, 124, kind, palette=palette)
            yield f"bmp {size} rle{bits} few", bmp(width, height, bits, data, compression=kind, palette=colours(3), used=3)
            yield f"bmp {size} rle{bits} of other depth", bmp(width, height, 12 - bits, data, compression=kind, palette=colours(1 << (12 - bits)))
            yield f"bmp {size} rle{bits} two", bmp(width, height, bits, data, compression=kind, palette=[ramp[0], ramp[255]], used=2)
        for compression in (4, 5, 6, 11):
            yield f"bmp {size} compression {compression}", bmp(width, height, 24, rows(width, height, 24), compression=compression)
