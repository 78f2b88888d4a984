"""TIFF files: byte orders, depths, photometric kinds, compressions, strips, tiles, planes, extra samples."""
import io
import itertools
import struct
import zlib

from PIL import Image

from picture import colours, packed, samples

SHORT, LONG, LONG8 = 3, 4, 16


def tiff(width, height, photo, bits, channels, order="<", big=False, compression=1, planar=1, extra=(), fill=1,
         sample_format=None, orientation=None, predictor=1, rows_per_strip=None, tile=None, palette=None, tags=None, most=None,
         pages=1, cut=0):
    most = (1 << bits) - 1 if most is None else most
    pixels = samples(width, height, channels, most)

    def line(values):
        if bits == 32:
            code = "f" if sample_format == 3 else "I"
            return b"".join(struct.pack(order + code, v / most if sample_format == 3 else v) for v in values)
        if bits == 16:
            return b"".join(struct.pack(order + "H", v) for v in values)
        data = packed(values, bits)
        return bytes(int(f"{b:08b}"[::-1], 2) for b in data) if fill == 2 else data

    def compress(lines, step):
        if predictor == 2:
            lines = [bytes((b - (l[i - step] if i >= step else 0)) & 255 for i, b in enumerate(l)) for l in lines]
        if compression == 32773:
            out = b""
            for l in lines:
                for i in range(0, len(l), 128):
                    out += bytes([len(l[i:i + 128]) - 1]) + l[i:i + 128]
            return out
        data = b"".join(lines)
        return zlib.compress(data, 9) if compression in (8, 32946) else data

    def blocks(part, step):
        if tile:
            for top in range(0, height, tile):
                for left in range(0, width, tile):
                    lines = []
                    for y in range(top, top + tile):
                        row = part[y][left:left + tile] if y < height else []
                        values = [v for p in row for v in p]
                        lines.append(line(values + [0] * (tile * len(part[0][0]) - len(values))))
                    yield compress(lines, step)
        else:
            n = rows_per_strip or height
            for top in range(0, height, n):
                yield compress([line([v for p in row for v in p]) for row in part[top:top + n]], step)

    if planar == 2:
        parts = [[[(p[c],) for p in row] for row in pixels] for c in range(channels)]
        data = [b for part in parts for b in blocks(part, 1)]
    else:
        data = list(blocks(pixels, channels))
    out = bytearray(struct.pack(order + "2sH", b"II" if order == "<" else b"MM", 43 if big else 42))
    out += struct.pack(order + "HHQ", 8, 0, 0) if big else struct.pack(order + "I", 0)
    offsets = []
    for block in data:
        offsets.append(len(out))
        out += block[:len(block) - cut] if cut else block
        out += b"\0" * (len(out) % 2)
    entries = {256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [bits] * channels), 259: (SHORT, [compression]),
               262: (SHORT, [photo]), 277: (SHORT, [channels]), 284: (SHORT, [planar])}
    counts = [len(b) for b in data]
    if tile:
        entries |= {322: (LONG, [tile]), 323: (LONG, [tile]), 324: (LONG, offsets), 325: (LONG, counts)}
    else:
        entries |= {273: (LONG, offsets), 278: (LONG, [rows_per_strip or height]), 279: (LONG, counts)}
    if extra:
        entries[338] = (SHORT, list(extra))
    if fill != 1:
        entries[266] = (SHORT, [fill])
    if sample_format:
        entries[339] = (SHORT, [sample_format] * channels)
    if orientation is not None:
        entries[274] = (SHORT, [orientation])
    if predictor != 1:
        entries[317] = (SHORT, [predictor])
    if palette:
        entries[320] = (SHORT, [c[i] * 257 for i in range(3) for c in palette])
    entries |= tags or {}
    kinds = {SHORT: "H", LONG: "I", LONG8: "Q"}
    room, count_code = (8, "Q") if big else (4, "I")
    link = 8 if big else 4
    for _ in range(pages):
        table = []
        for tag, (kind, values) in sorted(entries.items()):
            raw = struct.pack(order + kinds[kind] * len(values), *values)
            if len(raw) > room:
                at = len(out)
                out += raw + b"\0" * (len(raw) % 2)
                raw = struct.pack(order + count_code, at)
            table.append(struct.pack(order + "HH" + count_code, tag, kind, len(values)) + raw.ljust(room, b"\0"))
        struct.pack_into(order + count_code, out, link, len(out))
        out += struct.pack(order + ("Q" if big else "H"), len(table)) + b"".join(table)
        link = len(out)
        out += struct.pack(order + count_code, 0)
    return bytes(out)


# photometric, bits, channels, extra samples, sample format
KINDS = [
    (0, 1, 1, (), None), (1, 1, 1, (), None), (0, 2, 1, (), None), (1, 2, 1, (), None), (0, 4, 1, (), None), (1, 4, 1, (), None),
    (0, 8, 1, (), None), (1, 8, 1, (), None), (1, 16, 1, (), None), (0, 16, 1, (), None), (1, 32, 1, (), None), (1, 32, 1, (), 3),
    (1, 8, 2, (0,), None), (1, 8, 2, (1,), None), (1, 8, 2, (2,), None), (1, 8, 2, (), None), (1, 16, 2, (2,), None),
    (2, 8, 3, (), None), (2, 8, 4, (), None), (2, 8, 4, (0,), None), (2, 8, 4, (1,), None), (2, 8, 4, (2,), None),
    (2, 8, 5, (2, 0), None), (2, 16, 3, (), None), (2, 16, 4, (2,), None), (2, 16, 4, (1,), None), (2, 4, 3, (), None),
    (2, 32, 3, (), 3), (3, 1, 1, (), None), (3, 2, 1, (), None), (3, 4, 1, (), None), (3, 8, 1, (), None), (3, 8, 2, (2,), None),
    (5, 8, 4, (), None), (5, 8, 5, (0,), None), (5, 16, 4, (), None), (6, 8, 3, (), None), (8, 8, 3, (), None), (1, 8, 1, (), 2),
    (4, 1, 1, (), None), (32803, 8, 1, (), None), (9, 8, 3, (), None),
]


def opaque(width, height, bits, **base):
    """All alpha at its most."""
    whole = bytearray(tiff(width, height, 2, bits, 4, **base))
    step = bits // 8
    for pixel in range(width * height):
        at = 8 + (pixel * 4 + 3) * step
        whole[at:at + step] = b"\xff" * step
    return bytes(whole)


def variants():
    for (photo, bits, channels, extra, sample_format), (width, height), order in itertools.product(KINDS, [(1, 1), (7, 5), (19, 17)], "<>"):
        palette = colours(1 << bits) if photo == 3 else None
        base = dict(order=order, extra=extra, sample_format=sample_format, palette=palette)
        name = f"tiff {width}x{height} {'II' if order == '<' else 'MM'} photometric {photo} {bits} bits x {channels} extra {extra} format {sample_format}"
        yield name, tiff(width, height, photo, bits, channels, **base)
        if width == 1:
            continue
        for label, more in {"packbits": dict(compression=32773), "deflate": dict(compression=8), "strips": dict(rows_per_strip=3)}.items():
            yield f"{name} {label}", tiff(width, height, photo, bits, channels, **base, **more)
        if width == 19:
            if (photo, channels, extra) == (2, 4, (1,)):
                yield f"{name} opaque", opaque(width, height, bits, **base)
            yield f"{name} tiles", tiff(width, height, photo, bits, channels, **base, tile=16)
            yield f"{name} deflate tiles", tiff(width, height, photo, bits, channels, **base, tile=16, compression=8)
            if order == "<":
                yield f"{name} big", tiff(width, height, photo, bits, channels, **base, big=True)
                yield f"{name} deflate cut", tiff(width, height, photo, bits, channels, **base, compression=8, cut=9)
                yield f"{name} cut", tiff(width, height, photo, bits, channels, **base, cut=9)
            if bits == 8:
                yield f"{name} predictor", tiff(width, height, photo, bits, channels, **base, predictor=2, compression=8)
                yield f"{name} fill 2", tiff(width, height, photo, bits, channels, **base, fill=2)
            if bits < 8:
                yield f"{name} fill 2", tiff(width, height, photo, bits, channels, **base, fill=2)
            if channels > 1:
                yield f"{name} planes", tiff(width, height, photo, bits, channels, **base, planar=2)
                yield f"{name} planes deflate", tiff(width, height, photo, bits, channels, **base, planar=2, compression=8)
    for orientation in range(0, 10):
        for photo, channels in ((1, 1), (2, 3), (3, 1)):
            for compression in (1, 8):
                yield f"tiff orientation {orientation} photometric {photo} compression {compression}", tiff(
                    17, 9, photo, 8, channels, orientation=orientation, compression=compression, palette=colours(256) if photo == 3 else None)
    yield "tiff unknown tags", tiff(17, 9, 2, 8, 3, tags={65000: (SHORT, [1, 2, 3]), 50000: (LONG, [7]), 36864: (SHORT, [1])})
    yield "tiff pages", tiff(17, 9, 2, 8, 3, pages=3)
    yield "tiff grey palette", tiff(17, 9, 3, 8, 1, palette=[(v, v, v) for v in range(256)])
    yield "tiff palette of bytes", tiff(17, 9, 3, 8, 1, tags={320: (SHORT, [c[i] for i in range(3) for c in colours(256)])})
    for mode, size in itertools.product(("1", "L", "RGB", "RGBA", "LA", "P", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"), [(17, 9), (40, 33)]):
        image = Image.new("RGB", size)
        image.putdata([p for row in samples(*size, 3) for p in row])
        image = image.quantize(60) if mode == "P" else image.convert("L").convert(mode) if mode in ("I;16", "I", "F") else image.convert(mode)             if mode != "LAB" else Image.frombytes("LAB", size, image.tobytes())
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg", "group3", "group4", "tiff_ccitt", "lzma", "zstd", "webp"):
            out = io.BytesIO()
            try:
                image.save(out, "TIFF", compression=compression)
            except Exception:
                continue
            yield f"tiff {size[0]}x{size[1]} by Pillow {mode} {compression}", out.getvalue()
