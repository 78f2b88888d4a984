"""JPEG and WebP as Pillow writes them and changed by hand, and one file of most other formats that Pillow opens."""
import io
import itertools
import struct

from PIL import Image

from picture import SIZES, colours, samples
from png import exif, xmp


def picture(mode, size):
    image = Image.new("RGB", size)
    image.putdata([p for row in samples(*size, 3) for p in row])
    if mode in ("RGBA", "LA"):
        image = image.convert(mode)
        image.putalpha(Image.frombytes("L", size, bytes(p[0] for row in samples(*size, 1, seed=7) for p in row)))
        return image
    return image.convert(mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def segment(jpeg, marker, content):
    """The JPEG with another segment before all others."""
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def without(jpeg, marker):
    at = 2
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack_from(">H", jpeg, at + 2)[0] + 2
        if jpeg[at + 1] == marker:
            return jpeg[:at] + jpeg[at + length:]
        at += length
    return jpeg


def jpegs():
    for mode, size in itertools.product(("L", "RGB", "CMYK"), SIZES):
        image = picture(mode, size)
        for quality, progressive in itertools.product((5, 75, 100), (False, True)):
            for subsampling in (0, 1, 2) if mode == "RGB" else (0,):
                yield f"jpeg {size[0]}x{size[1]} {mode} quality {quality} subsampling {subsampling}{' progressive' if progressive else ''}", saved(
                    image, "JPEG", quality=quality, progressive=progressive, subsampling=subsampling)
        yield f"jpeg {size[0]}x{size[1]} {mode} restarts", saved(image, "JPEG", restart_marker_blocks=1)
        yield f"jpeg {size[0]}x{size[1]} {mode} optimised", saved(image, "JPEG", optimize=True)
    for mode in ("L", "RGB", "CMYK"):
        whole = saved(picture(mode, (33, 17)), "JPEG", quality=85)
        for orientation in range(0, 10):
            yield f"jpeg {mode} exif {orientation}", segment(whole, 0xE1, b"Exif\0\0" + exif(orientation))
            yield f"jpeg {mode} xmp {orientation}", segment(whole, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(orientation))
            yield f"jpeg {mode} xmp {orientation} exif 1", segment(segment(
                whole, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(orientation)), 0xE1, b"Exif\0\0" + exif(1))
        for cut in (3, 30, 100):
            yield f"jpeg {mode} cut by {cut}", whole[:-cut]
        yield f"jpeg {mode} without end", whole[:-2]
        yield f"jpeg {mode} trailing bytes", whole + b"trailing" * 9
        yield f"jpeg {mode} without JFIF", without(whole, 0xE0)
        yield f"jpeg {mode} without Adobe", without(whole, 0xEE)
        for transform in (0, 1, 2):
            yield f"jpeg {mode} Adobe {transform}", segment(
                without(without(whole, 0xEE), 0xE0), 0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))
        for name, content in (("12 bits", (0xC0, 4, 12)), ("arithmetic", (0xC0, 1, 0xC9)), ("lossless", (0xC0, 1, 0xC3))):
            at = whole.index(bytes((0xFF, content[0])))
            yield f"jpeg {mode} {name}", whole[:at + content[1]] + bytes([content[2]]) + whole[at + content[1] + 1:]
        for at in (len(whole) - 20, len(whole) - 45):
            yield f"jpeg {mode} changed at {at - len(whole)}", whole[:at] + bytes([whole[at] ^ 0x55 or 1]) + whole[at + 1:]
    yield "jpeg kept RGB", saved(picture("RGB", (33, 17)), "JPEG", keep_rgb=True)
    yield "jpeg several pictures", saved(picture("RGB", (33, 17)), "MPO", save_all=True, append_images=[picture("L", (8, 8)).convert("RGB")])


def webps():
    for size in SIZES:
        for mode in ("RGB", "RGBA"):
            image = picture(mode, size)
            for name, options in {
                "lossless": dict(lossless=True), "lossless exact": dict(lossless=True, exact=True), "quality 20": dict(quality=20),
                "quality 90": dict(quality=90), "method 0": dict(method=0), "alpha quality": dict(alpha_quality=30),
                "exif 6": dict(exif=exif(6)), "exif 3": dict(exif=exif(3)), "xmp 8": dict(xmp=xmp(8)),
            }.items():
                yield f"webp {size[0]}x{size[1]} {mode} {name}", saved(image, "WEBP", **options)
            frames = [picture(mode, size).transpose(Image.Transpose.FLIP_LEFT_RIGHT), image]
            yield f"webp {size[0]}x{size[1]} {mode} animated", saved(image, "WEBP", save_all=True, append_images=frames, duration=10)
            yield f"webp {size[0]}x{size[1]} {mode} cut", saved(image, "WEBP", lossless=True)[:-6]
    for mode in ("RGB", "RGBA"):
        whole = saved(picture(mode, (9, 7)), "WEBP", save_all=True, append_images=[picture(mode, (9, 7)).rotate(180)], lossless=True)
        at = whole.index(b"ANMF") + 8
        larger = bytearray(whole)
        at_canvas = whole.index(b"VP8X") + 12
        larger[at_canvas:at_canvas + 6] = (12).to_bytes(3, "little") + (10).to_bytes(3, "little")
        yield f"webp {mode} animated frame smaller than canvas", bytes(larger)
        larger[at:at + 3] = (1).to_bytes(3, "little")
        yield f"webp {mode} animated frame at an offset", bytes(larger)


def rest():
    rgb, grey, bits = picture("RGB", (9, 7)), picture("L", (9, 7)), picture("1", (9, 7))
    for kind in ("JPEG2000", "TGA", "ICO", "PCX", "DDS", "SGI", "QOI", "AVIF", "PPM", "IM", "EPS", "DIB"):
        image = rgb if kind != "ICO" else rgb.resize((16, 16))
        yield f"other {kind}", saved(image, kind)
    yield "other JPEG2000 stream", saved(rgb, "JPEG2000", no_jp2=True)
    yield "other PGM", saved(grey, "PPM")
    yield "other PBM", saved(bits, "PPM")
    yield "other PFM", saved(grey.convert("F"), "PPM")
    yield "other XBM", saved(bits, "XBM")
    yield "other MSP", saved(bits, "MSP")
    yield "other ICO of BMP", saved(rgb.resize((16, 16)), "ICO", bitmap_format="bmp")
    yield "other TGA with run lengths", saved(rgb, "TGA", compression="tga_rle")
    icon = saved(picture("RGB", (16, 16)), "PNG")
    yield "other ICNS", b"icns" + struct.pack(">I", len(icon) + 16) + b"icp4" + struct.pack(">I", len(icon) + 8) + icon
    yield "other XPM", b'/* XPM */\nstatic char *x[] = {\n"2 1 2 1",\n"a c #ff0000",\n"b c #00ff00",\n"ab"\n};\n'
    yield "other PSD", b"8BPS\0\x01" + b"\0" * 6 + struct.pack(">HIIHH", 3, 1, 1, 8, 3) + b"\0" * 12 + b"\0\0abc"


def variants():
    yield from jpegs()
    yield from webps()
    yield from rest()
