"""
Writes variants.jsonl.gz beside this file: small images of every form, and what Pillow makes of each.
By hand, with the Pillow of EXPECTED: python make.py

Each line: the name, the file in hexadecimal, the size of the upright picture, and the SHA-256 of its RGB pixels followed
by what the exported container of 2025 feeds to a network of 12 x 10 (upright, shorter side to the network's by BILINEAR,
the middle, RGB). Null where Pillow refuses the file.
"""
import gzip
import hashlib
import io
import json
import os
import warnings

import PIL
from PIL import Image, ImageOps

import bmp
import gif
import others
import png
import tiff

EXPECTED = "13.0.0"
NET = (12, 10)
HERE = os.path.dirname(os.path.abspath(__file__))


def fed(image):
    width, height = image.size
    if width * NET[1] < height * NET[0]:
        size = NET[0], round(height * NET[0] / width)
    else:
        size = round(width * NET[1] / height), NET[1]
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = (size[0] - NET[0]) // 2, (size[1] - NET[1]) // 2
    return image.crop((left, top, left + NET[0], top + NET[1])).convert("RGB")


def judged(name, data):
    line = {"name": name, "file": data.hex(), "size": None, "sha256": None}
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
        image = ImageOps.exif_transpose(image)
        pixels = image.convert("RGB").tobytes() + fed(image).tobytes()
        return line | {"size": image.size, "sha256": hashlib.sha256(pixels).hexdigest()}
    except Exception:
        return line


def main():
    if PIL.__version__ != EXPECTED:
        raise SystemExit(f"Expected Pillow {EXPECTED}, found {PIL.__version__}. Install that one, or change EXPECTED and look at each difference.")
    warnings.simplefilter("ignore")
    seen, lines = set(), []
    for source in (bmp, png, gif, tiff, others):
        for name, data in source.variants():
            if name in seen:
                raise SystemExit(f"Expected names that differ, found {name} twice.")
            seen.add(name)
            lines.append(json.dumps(judged(name, data), separators=(",", ":")))
    with open(os.path.join(HERE, "variants.jsonl.gz"), "wb") as file:
        file.write(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    refused = sum('"sha256":null' in line for line in lines)
    print(f"{len(lines)} variants, of which Pillow refuses {refused}")


main()
