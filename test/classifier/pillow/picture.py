"""Small pictures to write: smooth colours with an edge and some noise, the same on every run."""
import random

SIZES = [(1, 1), (2, 3), (5, 4), (8, 7), (17, 9), (7, 19)]


def samples(width, height, channels, most=255, seed=1):
    """Rows of pixels, each a tuple of `channels` values up to `most`."""
    chance = random.Random(seed * 1000 + width * 37 + height * 11 + channels)

    def value(x, y, channel):
        smooth = (x * (7 + 3 * channel) + y * (5 + 2 * channel) + 40 * channel) / (12.0 * (width + height))
        edge = 0.5 if (x > y) == (channel % 2 == 0) else 0.0
        return int(((smooth + edge + (chance.randrange(12) == 0) * 0.3) % 1.0) * most + 0.5)

    return [[tuple(value(x, y, c) for c in range(channels)) for x in range(width)] for y in range(height)]


def colours(count, seed=5):
    """A palette that is no ramp of greys."""
    chance = random.Random(seed + count)
    return [tuple(chance.randrange(256) for _ in range(3)) for _ in range(count)]


def packed(values, bits):
    """A row of values of 1, 2, 4, 8 or 16 bits as bytes, the first in the highest bits."""
    if bits == 16:
        return b"".join(value.to_bytes(2, "big") for value in values)
    out, filled, held = bytearray(), 0, 0
    for value in values:
        held, filled = (held << bits) | value, filled + bits
        if filled == 8:
            out.append(held)
            held = filled = 0
    if filled:
        out.append(held << (8 - filled))
    return bytes(out)
