import type { Pixels } from "../classifier/src/image/pixels";
import { isBanana, LENGTH, type SkinPlace, skinPlace, smoothStep } from "./bananaShape";
import { type Random, seededRandom } from "./random";

type Colour = readonly [red: number, green: number, blue: number];

/** A brown spot: where on the skin, its radius in pixels, how brown it is and how its outline bulges. */
interface Spot {
    along: number;
    across: number;
    radius: number;
    strength: number;
    bulge: number;
}

const WIDTH = 640;
const HEIGHT = 480;
/** Each pixel is the mean of this many points squared, which smooths outlines. */
const POINTS = 3;

const YELLOW: Colour = [238, 201, 66];
const GREEN: Colour = [186, 190, 74];
const BROWN: Colour = [74, 44, 24];
const STEM_END: Colour = [58, 42, 30];
const GLOSS: Colour = [255, 250, 225];
const TABLE: Colour = [205, 203, 198];

/** Draws a banana on a table, with as many brown spots as asked for; the same seed draws the same picture. */
export function drawBanana(spotCount: number, seed: number): Pixels {
    const spots = scatterSpots(spotCount, seededRandom(seed));
    const data = new Uint8Array(WIDTH * HEIGHT * 3);
    let to = 0;
    for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
            let sum: Colour = [0, 0, 0];
            for (let point = 0; point < POINTS ** 2; point++) {
                const [right, down] = [point % POINTS, Math.floor(point / POINTS)];
                sum = add(sum, colourAt(x + (right + 0.5) / POINTS, y + (down + 0.5) / POINTS, spots));
            }
            for (const channel of sum) data[to++] = Math.min(255, Math.round(channel / POINTS ** 2));
        }
    }
    return { data, width: WIDTH, height: HEIGHT };
}

function colourAt(x: number, y: number, spots: Spot[]): Colour {
    const place = skinPlace(x, y);
    return isBanana(place) ? skinColour(place, spots) : tableColour(x, y);
}

/** Lit from the upper left, with the banana's soft shadow to the lower right. */
function tableColour(x: number, y: number): Colour {
    const light = 1.08 - 0.2 * Math.hypot((x - 160) / WIDTH, (y - 40) / HEIGHT);
    const { along, across } = skinPlace(x - 9, y - 14);
    const inLength = smoothStep(0, 0.03, along) * smoothStep(1, 0.95, along);
    const shadow = inLength * smoothStep(1.3, 0.6, Math.abs(across));
    return times(TABLE, light * (1 - 0.52 * shadow));
}

function skinColour(place: SkinPlace, spots: Spot[]): Colour {
    const { along, across } = place;
    const unripe = 0.75 * smoothStep(0.2, 0.02, along) + 0.5 * smoothStep(0.9, 0.98, along);
    const ends = Math.max(smoothStep(0.03, 0.012, along), smoothStep(0.975, 0.99, along));
    const peel = blend(blend(YELLOW, GREEN, unripe), BROWN, 0.92 * brownness(place, spots));
    const lit = times(blend(peel, STEM_END, 0.95 * ends), roundness(across) - ridges(across));
    const gloss =
        0.1 * bump(across, -0.35, 0.17) * smoothStep(0.15, 0.4, along) * smoothStep(0.95, 0.6, along);
    return blend(lit, GLOSS, gloss);
}

/** How much light falls on a body that is round across, and lit from its inner edge. */
function roundness(across: number): number {
    return 0.64 + 0.38 * Math.sqrt(1 - across ** 2) - 0.08 * across + 0.03 * Math.cos(9 * across + 0.6);
}

/** The two edges where a banana's faces meet are a little darker. */
function ridges(across: number): number {
    return 0.05 * bump(across, 0.38, 0.05) + 0.04 * bump(across, -0.45, 0.06);
}

function brownness({ along, across, halfWidth }: SkinPlace, spots: Spot[]): number {
    let most = 0;
    for (const spot of spots) {
        const right = (along - spot.along) * LENGTH;
        if (Math.abs(right) > 12) continue;
        const down = (across - spot.across) * halfWidth;
        const direction = Math.atan2(down, right);
        // Seen from the side, where the skin turns away, a spot is narrow.
        const distance = Math.hypot(0.85 * right, down / Math.sqrt(1.02 - spot.across ** 2));
        const outline =
            1 +
            0.08 * Math.sin(2 * direction + spot.bulge) +
            0.07 * Math.sin(3 * direction + 3 * spot.bulge) +
            0.05 * Math.sin(5 * direction + 2 * spot.bulge);
        const radius = spot.radius * outline;
        most = Math.max(most, spot.strength * smoothStep(radius + 1, radius - 1, distance));
    }
    return most;
}

/** A quarter of the spots are large ones, nearer to the middle of the banana. */
function scatterSpots(count: number, random: Random): Spot[] {
    return Array.from({ length: count }, (_, index) => {
        const large = index % 4 === 0;
        return {
            along: clamp(0.52 + (large ? 0.15 : 0.22) * random.normal(), 0.16, 0.93),
            across: clamp(0.05 + 0.45 * random.normal(), -0.92, 0.92),
            radius: large ? random.uniform(3, 7) : random.uniform(1.2, 3.2),
            strength: random.uniform(0.8, 1),
            bulge: random.uniform(0, 2 * Math.PI),
        };
    });
}

function bump(value: number, centre: number, width: number): number {
    return Math.exp(-(((value - centre) / width) ** 2));
}

function clamp(value: number, least: number, most: number): number {
    return Math.min(most, Math.max(least, value));
}

function add(a: Colour, b: Colour): Colour {
    return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function times(colour: Colour, factor: number): Colour {
    return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

function blend(a: Colour, b: Colour, share: number): Colour {
    return add(times(a, 1 - share), times(b, share));
}
