"""Writes resample.json: SHA-256 of the pixels that Pillow makes of a picture with each filter and geometry.

Run by hand, with Pillow 13.0.0 and numpy: python resample.py > resample.json
"""

import hashlib
import json

import numpy
import PIL
from PIL import Image

FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
# None is much taller than wide: Pillow 13 resizes the rows of such a picture first, this service the columns always.
SIZES = [(640, 427), (257, 131), (30, 21), (400, 400)]
SIDE = 96


def picture(width, height):
    y, x, channel = numpy.ogrid[:height, :width, :3]
    return ((x * x * 7 + y * 13 + channel * 101 + x * y * 3) % 256).astype("uint8")


def shortest_edge(image, edge, resample, halve):
    """As transformers' get_resize_output_image_size and torchvision's Resize, then the centre."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    size = (edge, int(edge * long / short))
    image = image.resize(size if width <= height else size[::-1], resample)
    left, top = (halve(side - SIDE) for side in image.size)
    return image.crop((left, top, left + SIDE, top + SIDE))


def main():
    hashes = {}
    for name in FILTERS:
        resample = Image.Resampling[name.upper()]
        for width, height in SIZES:
            image = Image.fromarray(picture(width, height))
            made = {
                "stretch": image.resize((SIDE, SIDE), resample),
                "floor": shortest_edge(image, 111, resample, lambda rest: rest // 2),
                "round": shortest_edge(image, 111, resample, lambda rest: int(round(rest / 2.0))),
            }
            for geometry, result in made.items():
                digest = hashlib.sha256(result.tobytes()).hexdigest()
                hashes[f"{name} {width} {height} {geometry}"] = digest
    print(json.dumps({"pillow": PIL.__version__, "sha256": hashes}, indent=4))


main()
