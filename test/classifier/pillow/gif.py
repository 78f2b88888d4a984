"""GIF files: screen, frames at an offset, palettes of either kind, transparency, interlacing, animation."""
import io
import struct

from PIL import Image

from picture import SIZES, colours, samples


def compressed(values, bits):
    """LZW without a dictionary: the codes stay as wide as they begin."""
    clear, end, width = 1 << bits, (1 << bits) + 1, bits + 1
    codes, room = [clear], (1 << bits) - 2
    for at, value in enumerate(values):
        if at and at % room == 0:
            codes.append(clear)
        codes.append(value)
    codes.append(end)
    held = filled = 0
    out = bytearray()
    for code in codes:
        held, filled = held | code << filled, filled + width
        while filled >= 8:
            out.append(held & 255)
            held, filled = held >> 8, filled - 8
    if filled:
        out.append(held)
    return bytes([bits]) + b"".join(bytes([len(out[i:i + 255])]) + out[i:i + 255] for i in range(0, len(out), 255)) + b"\0"


def table(entries, bits):
    return b"".join(bytes(c) for c in (entries + [(0, 0, 0)] * 256)[:1 << bits])


def frame(width, height, bits, left=0, top=0, local=None, interlaced=False, transparent=None, disposal=0, seed=1):
    most = (1 << bits) - 1
    rows = [[p[0] for p in row] for row in samples(width, height, 1, most, seed)]
    if interlaced:
        rows = rows[0::8] + rows[4::8] + rows[2::4] + rows[1::2]
    control = b"" if transparent is None and not disposal else b"!\xf9\x04" + struct.pack(
        "<BHB", disposal << 2 | (transparent is not None), 10, transparent or 0) + b"\0"
    flags = (0x80 | bits - 1 if local else 0) | (0x40 if interlaced else 0)
    return control + b"," + struct.pack("<HHHHB", left, top, width, height, flags) + (table(local, bits) if local else b"") \
        + compressed([v for row in rows for v in row], max(bits, 2))


def gif(width, height, frames, bits=8, palette=None, version=b"GIF89a", background=0, end=b";"):
    flags = 0x80 | bits - 1 if palette else 0
    return version + struct.pack("<HHBBB", width, height, flags, background, 0) + (table(palette, bits) if palette else b"") \
        + b"".join(frames) + end


def variants():
    ramp = [(v, v, v) for v in range(256)]
    for width, height in SIZES:
        size = f"{width}x{height}"
        for bits in (1, 2, 4, 8):
            own = colours(1 << bits)
            for interlaced in (False, True):
                name = f"gif {size} {bits} bits{' interlaced' if interlaced else ''}"
                for version in (b"GIF87a", b"GIF89a"):
                    yield f"{name} {version.decode()}", gif(width, height, [frame(width, height, bits, interlaced=interlaced)], bits, own, version)
                yield f"{name} transparent", gif(width, height, [frame(width, height, bits, interlaced=interlaced, transparent=1)], bits, own)
            yield f"gif {size} {bits} bits local", gif(width, height, [frame(width, height, bits, local=own)], bits, colours(4))
            yield f"gif {size} {bits} bits local only", gif(width, height, [frame(width, height, bits, local=own)], bits)
            yield f"gif {size} {bits} bits no palette", gif(width, height, [frame(width, height, bits)], bits)
            yield f"gif {size} {bits} bits grey ramp", gif(width, height, [frame(width, height, bits)], bits, ramp)
            yield f"gif {size} {bits} bits grey ramp transparent", gif(width, height, [frame(width, height, bits, transparent=0)], bits, ramp)
            yield f"gif {size} {bits} bits local ramp", gif(width, height, [frame(width, height, bits, local=ramp)], bits, own)
            for transparent in (None, 1, 200):
                for background in (0, 1):
                    yield f"gif {size} {bits} bits offset transparent {transparent} background {background}", gif(
                        width + 5, height + 4, [frame(width, height, bits, 3, 2, transparent=transparent)], bits, own, background=background)
            yield f"gif {size} {bits} bits beyond the screen", gif(width, height, [frame(width + 2, height + 3, bits)], bits, own)
            yield f"gif {size} {bits} bits partly beyond", gif(width, height, [frame(width, height, bits, 2, 1)], bits, own)
            yield f"gif {size} {bits} bits animated", gif(width, height, [frame(width, height, bits, disposal=2), frame(width, height, bits, seed=3)], bits, own)
            yield f"gif {size} {bits} bits animated disposal 3", gif(
                width, height, [frame(width, height, bits, disposal=3, transparent=0), frame(1, 1, bits, seed=3)], bits, own)
            whole = gif(width, height, [frame(width, height, bits)], bits, own)
            yield f"gif {size} {bits} bits without trailer", whole[:-1]
            yield f"gif {size} {bits} bits cut", whole[:-max(4, len(whole) // 9)]
            yield f"gif {size} {bits} bits comment", gif(width, height, [b"!\xfe\x05hello\0", frame(width, height, bits)], bits, own)
            yield f"gif {size} {bits} bits application", gif(width, height, [b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0", frame(width, height, bits)], bits, own)
        for interlace in (0, 1):
            for mode in ("RGB", "L", "1"):
                image = Image.new("RGB", (width, height))
                image.putdata([p for row in samples(width, height, 3) for p in row])
                out = io.BytesIO()
                image.convert(mode).save(out, "GIF", interlace=interlace)
                yield f"gif {size} by Pillow from {mode} interlace {interlace}", out.getvalue()
    big = Image.new("RGB", (90, 70))
    big.putdata([p for row in samples(90, 70, 3) for p in row])
    for count in (2, 16, 64, 256):
        out = io.BytesIO()
        big.quantize(count).save(out, "GIF")
        yield f"gif 90x70 with a dictionary {count}", out.getvalue()
    yield "gif no frame", gif(5, 5, [], 2, colours(4))
    yield "gif no size", gif(0, 0, [frame(4, 4, 2)], 2, colours(4))
    yield "gif empty frame", gif(5, 5, [frame(0, 0, 2)], 2, colours(4))
