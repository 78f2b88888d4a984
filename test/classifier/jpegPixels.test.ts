import sharp from "../../classifier/node_modules/sharp";
import { type ImageTools, jpegPixels } from "../../classifier/src/image/jpegPixels";
import { openLibjpeg } from "../../classifier/src/image/libjpeg";
import { prepareResizePlain } from "../../classifier/src/image/resizePlain";
import { coveringSize } from "../../classifier/src/placement";
import { preprocess } from "../../classifier/src/preprocess";
import { describeUnless } from "../support/describeUnless";

const net = { width: 96, height: 64 };
const libjpeg = openLibjpeg();
const tools: ImageTools = { libjpeg, prepareResize: prepareResizePlain };
const withSharp: ImageTools = { prepareResize: prepareResizePlain };

/** Smooth colours and an edge, not symmetrical in any way. */
function picture(width: number, height: number) {
    const data = Buffer.alloc(width * height * 3);
    for (let at = 0; at < width * height; at++) {
        const [x, y] = [at % width, Math.floor(at / width)];
        data.set([x & 255, (y * 3 + x) & 255, x > y ? (x * y) & 255 : 30], at * 3);
    }
    return sharp(data, { raw: { width, height, channels: 3 } });
}

function direct(bytes: Uint8Array, maxPixels = 50_000_000) {
    const place = (upright: { width: number; height: number }) => ({
        size: coveringSize(upright, net),
        window: { left: 3, top: 2, width: net.width - 3, height: net.height - 2 },
    });
    return jpegPixels(bytes, maxPixels, place, "exact", tools);
}

/** Replaces the first occurrence of some bytes. */
function patched(bytes: Buffer, find: number[], by: number[]): Buffer {
    const at = bytes.indexOf(Buffer.from(find));
    expect(at).toBeGreaterThan(0);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(by), bytes.subarray(at + find.length)]);
}

describeUnless(libjpeg ? undefined : "libjpeg-turbo cannot be loaded here")("a JPEG without sharp", () => {
    const sizes: [number, number][] = [
        [400, 300],
        [301, 417],
        [1283, 97],
        [97, 1283],
        [64, 33],
        [17, 9],
    ];
    const forms = [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => ({
        orientation,
        chromaSubsampling: "4:2:0",
    }));
    const files = sizes.flatMap(([width, height]) =>
        [...forms, { orientation: 1, chromaSubsampling: "4:4:4" }].map((form) => ({
            width,
            height,
            ...form,
        })),
    );

    test.each(files)(
        "of $width x $height in orientation $orientation and $chromaSubsampling has the same pixels as with it",
        async ({ width, height, orientation, chromaSubsampling }) => {
            const bytes = await picture(width, height)
                .withMetadata({ orientation })
                .jpeg({ quality: 83, chromaSubsampling })
                .toBuffer();
            expect(direct(bytes)).toBeDefined();
            const plain = await preprocess(bytes, net, { tools });
            const other = await preprocess(bytes, net, { tools: withSharp });
            expect(Buffer.from(plain.data).equals(other.data)).toBe(true);
            expect(plain).toMatchObject(net);
        },
    );

    test.each([
        ["a progressive one", { progressive: true }],
        ["one with optimised tables", { optimiseCoding: true, trellisQuantisation: true }],
    ])("works for %s", async (_name, options) => {
        const bytes = await picture(333, 222).jpeg(options).toBuffer();
        expect(direct(bytes)).toBeDefined();
        const [one, other] = [tools, withSharp].map((which) => preprocess(bytes, net, { tools: which }));
        expect((await one)?.data).toEqual(new Uint8Array((await other)?.data ?? []));
    });

    describe("is left to sharp", () => {
        let jpeg: Buffer;
        beforeAll(async () => {
            jpeg = await picture(400, 300).withMetadata({ orientation: 6 }).jpeg().toBuffer();
        });
        const refused: [string, (bytes: Buffer) => Buffer][] = [
            ["truncated", (bytes) => bytes.subarray(0, bytes.length - 200)],
            ["damaged", (bytes) => Buffer.from(bytes).fill(0xff, bytes.length - 900, bytes.length - 880)],
            ["of a kind with arithmetic coding", (bytes) => patched(bytes, [0xff, 0xc0], [0xff, 0xc9])],
            ["of 12 bits", (bytes) => patched(bytes, [0xff, 0xc0, 0, 17, 8], [0xff, 0xc0, 0, 17, 12])],
            [
                "with an orientation that does not exist",
                (bytes) => patched(bytes, [0x12, 1, 3, 0, 1, 0, 0, 0, 6], [0x12, 1, 3, 0, 1, 0, 0, 0, 9]),
            ],
            ["without a scan", (bytes) => bytes.subarray(0, bytes.indexOf(Buffer.from([0xff, 0xda])))],
            ["not even begun", () => Buffer.from([0xff, 0xd8])],
            ["a PNG", () => Buffer.from("\x89PNG\r\n\x1a\n", "latin1")],
        ];
        test.each(refused)("if it is %s", (_name, change) => {
            expect(direct(jpeg)).toBeDefined();
            expect(direct(change(jpeg))).toBeUndefined();
        });

        test("if it has more pixels than allowed", () => {
            expect(direct(jpeg, 400 * 300)).toBeDefined();
            expect(direct(jpeg, 400 * 300 - 1)).toBeUndefined();
        });

        test("if it is made of inks", async () => {
            const inks = await picture(40, 30).toColourspace("cmyk").jpeg().toBuffer();
            expect(direct(inks)).toBeUndefined();
        });
    });

    test("is decoded in fast mode from the smallest scale that is large enough", async () => {
        const asked: unknown[] = [];
        const watching: ImageTools = {
            ...tools,
            libjpeg: libjpeg && {
                ...libjpeg,
                decode: (file, size, part, target) => {
                    asked.push(part.shrink);
                    return libjpeg.decode(file, size, part, target);
                },
            },
        };
        for (const width of [95, 191, 192, 383, 384, 767, 768, 1600]) {
            const bytes = await picture(width, width).jpeg().toBuffer();
            const square = { width: 96, height: 96 };
            const { data } = await preprocess(bytes, square, { mode: "fast", tools: watching });
            expect(data).toHaveLength(96 * 96 * 3);
        }
        expect(asked).toEqual([1, 2, 2, 4, 4, 8, 8, 8]);
    });
});
