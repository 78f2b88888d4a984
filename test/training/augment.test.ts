import { addNoise, augment, blur, pose, scaleChannels } from "../../training/augment";
import { drawBackground, replaceBackground } from "../../training/background";
import { objectMask } from "../../training/objectMask";
import { seededRandom } from "../../training/random";
import { disc } from "./pictures";

const side = 64;
const image = disc(12, 1, side);
const asIs = { angle: 0, zoom: 1, flip: false };

describe("augmentation", () => {
    test("draws the same variants from the same seed, and others from another", () => {
        const variants = (seed: number) => {
            const random = seededRandom(seed);
            return Buffer.concat(
                Array.from({ length: 4 }, () => augment(image, objectMask(image), random).data),
            );
        };
        expect(variants(7).equals(variants(7))).toBe(true);
        expect(variants(7).equals(variants(8))).toBe(false);
    });

    test("keeps the size, and leaves the image it is given alone", () => {
        const before = Buffer.from(image.data);
        const variant = augment(image, objectMask(image), seededRandom(1));
        expect([variant.width, variant.height, variant.data.length]).toEqual([side, side, side * side * 3]);
        expect(before.equals(image.data)).toBe(true);
    });

    test("an upright pose of the same size is the image itself", () => {
        expect(Buffer.from(image.data).equals(pose(image, asIs).data)).toBe(true);
    });

    test("a quarter turn and a flip move every pixel to its place", () => {
        const data = Uint8Array.from({ length: 12 }, (_, i) => 50 * (1 + Math.floor(i / 3)));
        const tiny = { data, width: 2, height: 2 };
        const grey = (pixels: { data: Uint8Array }) => [0, 3, 6, 9].map((i) => (pixels.data[i] ?? 0) / 50);
        expect(grey(pose(tiny, { ...asIs, angle: Math.PI / 2 }))).toEqual([2, 4, 1, 3]);
        expect(grey(pose(tiny, { ...asIs, flip: true }))).toEqual([2, 1, 4, 3]);
    });

    test("outside a smaller image lies what is asked for, or the image mirrored", () => {
        const ground = drawBackground(image, seededRandom(3));
        const corner = (pixels: { data: Uint8Array }) => Array.from(pixels.data.subarray(0, 3));
        expect(corner(pose(image, { ...asIs, zoom: 0.5 }, ground))).toEqual(corner(ground));
        expect(corner(pose(image, { ...asIs, zoom: 0.5 }))).not.toEqual(corner(ground));
    });

    test("light is multiplied and clipped as in a camera", () => {
        const pixels = { data: Uint8Array.from([100, 200, 60]), width: 1, height: 1 };
        expect(Array.from(scaleChannels(pixels, [1.5, 1.5, 0.5]).data)).toEqual([150, 255, 30]);
    });

    test("a blur leaves a plain image plain and keeps the mean of any other", () => {
        const plain = { data: new Uint8Array(300).fill(130), width: 10, height: 10 };
        expect(blur(plain, 1.5)).toEqual(plain);
        const mean = ({ data }: { data: Uint8Array }) =>
            data.reduce((sum, value) => sum + value, 0) / data.length;
        expect(mean(blur(image, 1.5))).toBeCloseTo(mean(image), 0);
    });

    test("noise has the deviation that is asked for", () => {
        const plain = { data: new Uint8Array(30_000).fill(130), width: 100, height: 100 };
        const { data } = addNoise(plain, 5, seededRandom(1));
        const variance = data.reduce((sum, value) => sum + (value - 130) ** 2, 0) / data.length;
        expect(Math.sqrt(variance)).toBeCloseTo(5, 0);
    });
});

describe("another background", () => {
    test("is put behind the object, spots included, and nowhere else", () => {
        const mask = objectMask(image);
        const share = mask.reduce<number>((sum, value) => sum + value, 0) / mask.length;
        expect(share).toBeCloseTo(Math.PI * 0.3 ** 2, 1);
        const ground = drawBackground(image, seededRandom(5));
        const replaced = replaceBackground(image, mask, ground);
        const centre = ((side / 2) * side + side / 2) * 3;
        expect(replaced.data[centre]).toBe(image.data[centre]);
        expect(replaced.data[0]).toBe(ground.data[0]);
    });
});
