import { createHash } from "node:crypto";
import { addNoise, augment, blur, pose, scaleChannels } from "../../training/augment";
import { drawBackground, replaceBackground } from "../../training/background";
import { objectMask } from "../../training/objectMask";
import { seededRandom } from "../../training/random";
import { disc } from "./pictures";

const side = 64;
const image = disc(12, 1, side);
const small = disc(6, 1, 32);
const asIs = { angle: 0, zoom: 1, flip: false };

describe("augmentation", () => {
    test("draws the same variants from the same seed, and others from another", () => {
        const variants = (seed: number) => {
            const random = seededRandom(seed);
            return Buffer.concat(
                Array.from({ length: 2 }, () => augment(small, objectMask(small), random).data),
            );
        };
        expect(variants(7).equals(variants(7))).toBe(true);
        expect(variants(7).equals(variants(8))).toBe(false);
    });

    test("draws from a seed, on every machine, what it drew for the default model", () => {
        const random = seededRandom(1);
        const mask = objectMask(small);
        const hash = createHash("sha256");
        for (let variant = 0; variant < 12; variant++) hash.update(augment(small, mask, random).data);
        // Whoever changes this on purpose trains the default model anew, with `edge model train`.
        expect(hash.digest("hex")).toBe("c6e66cc558149873d2b27b7fa7c99e9d102c3463da66913bf273a377978b1dcd");
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

    test("a zoom of two shows the middle half, and of a half the whole in the middle", () => {
        const data = Uint8Array.from({ length: 9 * 9 * 3 }, (_, i) => {
            const [x, y] = [Math.floor(i / 3) % 9, Math.floor(i / 27)];
            return x === 6 && y === 4 ? 240 : 0;
        });
        const spot = { data, width: 9, height: 9 };
        const brightest = (pixels: { data: Uint8Array }) => {
            const at = Math.floor(pixels.data.indexOf(Math.max(...pixels.data)) / 3);
            return [at % 9, Math.floor(at / 9)];
        };
        const dark = { ...spot, data: new Uint8Array(data.length) };
        expect(brightest(pose(spot, { ...asIs, zoom: 2 }))).toEqual([8, 4]);
        expect(brightest(pose(spot, { ...asIs, zoom: 0.5 }, dark))).toEqual([5, 4]);
    });

    test("a blur spreads a point as far as its sigma says, alike in all directions", () => {
        const data = new Uint8Array(21 * 21 * 3);
        data.fill(255, (10 * 21 + 10) * 3, (10 * 21 + 10) * 3 + 3);
        const blurred = blur({ data, width: 21, height: 21 }, 1);
        const at = (x: number, y: number) => blurred.data[(y * 21 + x) * 3];
        const gauss = (distance: number) =>
            Math.round((255 / (2 * Math.PI)) * Math.exp(-(distance ** 2) / 2));
        for (const [x, y, distance] of [
            [10, 10, 0],
            [11, 10, 1],
            [9, 10, 1],
            [10, 11, 1],
            [10, 9, 1],
            [12, 10, 2],
            [11, 11, Math.SQRT2],
        ] as const) {
            expect(Math.abs((at(x, y) ?? 0) - gauss(distance))).toBeLessThanOrEqual(1);
        }
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

describe("chance", () => {
    test("is the same from the same seed on every machine", () => {
        const { uniform, chance, normal } = seededRandom(1);
        expect([uniform(0, 1), uniform(-1, 3), chance(0.5), normal(), normal()]).toEqual([
            expect.closeTo(0.99999988, 7),
            expect.closeTo(2.9687424, 6),
            true,
            expect.closeTo(-0.4580837, 6),
            expect.closeTo(2.0476498, 6),
        ]);
    });

    test("keeps to its bounds", () => {
        const random = seededRandom(3);
        const drawn = Array.from({ length: 1000 }, () => random.uniform(-2, 5));
        expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-2);
        expect(Math.max(...drawn)).toBeLessThan(5);
        expect(drawn.some(() => random.chance(0))).toBe(false);
        expect(drawn.every(() => random.chance(1))).toBe(true);
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

    test("is a surface of two related colours that the seed decides to the byte", () => {
        const surfaces = [1, 2, 3, 4].map(
            (seed) => drawBackground({ width: 40, height: 30 }, seededRandom(seed)).data,
        );
        const bytes = Buffer.concat(surfaces);
        // Whoever changes what is drawn, on purpose, renews this and trains the default model again.
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(
            "a986b348e237bca8b1104d20d66d54ee9cfa5867eeca31ab7599b1437f05c25f",
        );
    });
});
