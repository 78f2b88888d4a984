import type { Pixels, Size } from "../classifier/src/image/pixels";
import type { Random } from "./random";

type Colour = [red: number, green: number, blue: number];

/** The object of an image, where `mask` is 1, before another background. */
export function replaceBackground(image: Pixels, mask: Uint8Array, background: Pixels): Pixels {
    const data = image.data.map((value, i) =>
        mask[Math.floor(i / 3)] ? value : (background.data[i] as number),
    );
    return { ...image, data };
}

/** A surface of two related colours, blended in waves as in wood, cloth or stone, lighter towards one side. */
export function drawBackground({ width, height }: Size, random: Random): Pixels {
    const base = randomColour(random);
    const other = blend(base, randomColour(random), random.chance(0.3) ? 0 : random.uniform(0.1, 0.5));
    const waves = randomWaves(random);
    const [lighterRight, lighterDown] = [
        random.uniform(-0.3, 0.3) / width,
        random.uniform(-0.3, 0.3) / height,
    ];
    const data = new Uint8ClampedArray(width * height * 3);
    let to = 0;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            let share = 0.5;
            for (const { alongX, alongY, phase, strength } of waves) {
                share += strength * Math.sin(alongX * x + alongY * y + phase);
            }
            const light = 1 + lighterRight * (x - width / 2) + lighterDown * (y - height / 2);
            const colour = blend(base, other, Math.min(1, Math.max(0, share)));
            for (const channel of colour) data[to++] = light * channel;
        }
    }
    return { data: new Uint8Array(data.buffer), width, height };
}

/** Six waves from very long to a few pixels, stretched in one common direction like a grain. */
function randomWaves(random: Random) {
    const [grain, stretch] = [random.uniform(0, Math.PI), random.uniform(1, 12)];
    return Array.from({ length: 6 }, () => {
        const frequency = Math.exp(random.uniform(Math.log(0.01), Math.log(0.8)));
        const direction = random.uniform(0, Math.PI);
        const [along, across] = [
            (frequency * Math.cos(direction)) / stretch,
            frequency * Math.sin(direction),
        ];
        return {
            alongX: along * Math.cos(grain) - across * Math.sin(grain),
            alongY: along * Math.sin(grain) + across * Math.cos(grain),
            phase: random.uniform(0, 2 * Math.PI),
            strength: random.uniform(0.08, 0.25),
        };
    });
}

/** Any hue, from dark to light, and from grey to half saturated. */
function randomColour(random: Random): Colour {
    const value = random.uniform(25, 255);
    const saturation = random.uniform(0, 0.5);
    const hue = random.uniform(0, 2 * Math.PI);
    const channel = (turn: number) => value * (1 - saturation * (0.5 + 0.5 * Math.cos(hue + turn)));
    return [channel(0), channel((2 / 3) * Math.PI), channel((4 / 3) * Math.PI)];
}

function blend(a: Colour, b: Colour, share: number): Colour {
    return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}
