import type { Pixels } from "../../classifier/src/image/pixels";
import { seededRandom } from "../../training/random";
import { sharp } from "../../training/sharp";

/** EXIF by its directories, as sharp takes it. */
export type Exif = Record<`IFD${number}`, Record<string, string>>;

/** A plain yellow disc on a plain ground, with as many dark spots on it as asked for. */
export function disc(spots: number, seed = 1, side = 224): Pixels {
    const random = seededRandom(seed);
    const places = Array.from({ length: spots }, () => ({
        x: side * random.uniform(0.35, 0.65),
        y: side * random.uniform(0.35, 0.65),
    }));
    const ground = random.uniform(90, 200);
    const data = new Uint8Array(side * side * 3);
    for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
            const isDisc = Math.hypot(x - side / 2, y - side / 2) < side * 0.3;
            const isSpot = places.some((place) => Math.hypot(x - place.x, y - place.y) < side / 80);
            const colour = isSpot ? [80, 50, 30] : isDisc ? [230, 200, 60] : [ground, ground, ground];
            data.set(colour, (y * side + x) * 3);
        }
    }
    return { data, width: side, height: side };
}

/** As a PNG; `exif` is written into it. */
export function toPng({ data, width, height }: Pixels, exif?: Exif) {
    const image = sharp(data, { raw: { width, height, channels: 3 } }).png();
    return (exif ? image.withExif(exif) : image).toBuffer();
}
