import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classify } from "../../classifier/src/classify";
import { openCatalog } from "../../classifier/src/model/modelCatalog";
import { type Model, openModel } from "../../classifier/src/model/openModel";
import { encodeModel } from "../../classifier/src/onnx";
import { scoreRows } from "../../classifier/src/score/scoreRows";
import { openArraySession } from "../../classifier/src/session";
import { describeWith, sharedData } from "../support/sharedData";
import { folderOf, int, ints, pngOfPixels, tensor } from "./support/colourModel";
import { type SmallNetwork, smallNetwork, smallNetworkFolder, weights } from "./support/smallNetwork";

const OPTIONS = { preprocessing: "exact", maxPixels: 1_000_000 } as const;

/** A picture without two like pixels in it, which is of the network's size and so is not resized. */
function picture(width: number, height: number): Buffer {
    return Buffer.from(
        Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at >> 3) * 11) % 256),
    );
}

/** Pillow's grey of a pixel, worked out apart from the service. */
function greyOf([red = 0, green = 0, blue = 0]: readonly number[]): number {
    return Math.floor((red * 19595 + green * 38470 + blue * 7471 + 32768) / 65536);
}

/** The numbers as the network's input wants them, laid out by a rule of its own. */
function byHand(pixels: Buffer, dims: readonly number[]): number[] {
    const nchw = (dims[1] ?? 0) <= 3;
    const [channels, width] = nchw ? [dims[1], dims[3]] : [dims[3], dims[2]];
    const at = (y: number, x: number, channel: number) => {
        const pixel = pixels.subarray((y * (width ?? 0) + x) * 3, (y * (width ?? 0) + x) * 3 + 3);
        return channels === 1 ? greyOf([...pixel]) : (pixel[channel] ?? 0);
    };
    const values: number[] = [];
    for (let a = 0; a < (dims[1] ?? 0); a++)
        for (let b = 0; b < (dims[2] ?? 0); b++)
            for (let c = 0; c < (dims[3] ?? 0); c++) values.push(nchw ? at(b, c, a) : at(a, b, c));
    return values;
}

async function expectServed(network: SmallNetwork, dims: [number, number, number, number]): Promise<Model> {
    const folder = await smallNetworkFolder(network);
    const { model } = (await openCatalog(folder, "off")).find([]);
    if (model.kind !== "image") {
        throw new Error("Expected an image model.");
    }
    const { width, height } = model.size;
    const pixels = picture(width, height);
    const predictions = await classify(model, await pngOfPixels(pixels, width, height), OPTIONS);
    const session = await openArraySession(readFileSync(join(folder, "model.onnx")), "image", "scores");
    const values = byHand(pixels, dims);
    const bytes = network.input === "uint8";
    const { data } = await session.run({
        type: bytes ? "uint8" : "float32",
        data: bytes ? Uint8Array.from(values) : Float32Array.from(values),
        dims,
    });
    expect(predictions.map(({ probability }) => probability)).toEqual(
        [...(data as Float32Array)].map((value) => expect.closeTo(value, 6)),
    );
    return model;
}

const toNchw: NonNullable<SmallNetwork["ahead"]> = [["Transpose", [], [ints("perm", [0, 3, 1, 2])]]];
const grey = { channels: 1 };

describe("an input of four dimensions is an image, served as the network itself has it", () => {
    test.each<[string, SmallNetwork, [number, number, number, number]]>([
        ["all fixed", { dims: [1, 3, 16, 12] }, [1, 3, 16, 12]],
        [
            "all open, as Hugging Face exports them",
            { dims: ["batch_size", "num_channels", "height", "width"] },
            [1, 3, 224, 224],
        ],
        ["all open, channels last", { dims: ["b", "h", "w", "c"], ahead: toNchw }, [1, 224, 224, 3]],
        ["the sides fixed, the channels open", { dims: ["b", "c", 16, 12] }, [1, 3, 16, 12]],
        [
            "the sides fixed, the channels open and last",
            { dims: ["b", 16, 12, "c"], ahead: toNchw },
            [1, 16, 12, 3],
        ],
        [
            "three channels on both places",
            {
                dims: [1, 3, 16, 3],
                ahead: [["Pad", ["pads"]]],
                constants: { pads: { dims: [8], values: [0, 0, 0, 0, 0, 0, 0, 4], type: "int64" } },
            },
            [1, 3, 16, 3],
        ],
        ["one channel", { ...grey, dims: [1, 1, 28, 28] }, [1, 1, 28, 28]],
        ["one channel, last", { ...grey, dims: ["N", 28, 20, 1], ahead: toNchw }, [1, 28, 20, 1]],
        [
            "one channel, last, by a reshaping as tf2onnx writes it",
            {
                ...grey,
                dims: ["N", 28, 28, 1],
                ahead: [["Reshape", ["shape"]]],
                constants: { shape: { dims: [4], values: [-1, 1, 28, 28], type: "int64" } },
            },
            [1, 28, 28, 1],
        ],
        ["one channel, all open", { ...grey, dims: ["N", "C", "H", "W"] }, [1, 1, 224, 224]],
        ["one channel of bytes", { ...grey, input: "uint8", dims: [1, 1, 28, 28] }, [1, 1, 28, 28]],
        ["bytes, channels last", { input: "uint8", dims: [1, 16, 16, 3], ahead: toNchw }, [1, 16, 16, 3]],
        [
            "a grouped convolution",
            {
                dims: ["N", "C", "H", "W"],
                ahead: [["Conv", ["D"], [int("group", 3)]]],
                constants: { D: { dims: [3, 1, 1, 1], values: [1, 2, 3] } },
            },
            [1, 3, 224, 224],
        ],
        [
            "a mean per channel ahead",
            {
                dims: ["N", "C", "H", "W"],
                ahead: [["Sub", ["mean"]]],
                constants: { mean: { dims: [3, 1, 1], values: [0.1, 0.2, 0.3] } },
            },
            [1, 3, 224, 224],
        ],
        [
            "no convolution but a matrix, one channel",
            { ...grey, dims: ["N", 1, 28, 28], first: { matrix: 784 } },
            [1, 1, 28, 28],
        ],
        [
            "a matrix that tells the sides of one channel",
            { ...grey, dims: ["N", "C", "H", "W"], first: { matrix: 784 } },
            [1, 1, 28, 28],
        ],
        [
            "a matrix that tells the sides of three channels",
            { dims: ["N", 3, "H", "W"], first: { matrix: 3 * 32 * 32 } },
            [1, 3, 32, 32],
        ],
    ])("%s", async (_name, network, dims) => {
        const model = await expectServed(network, dims);
        const { layout, channelOrder } = model.format;
        expect(channelOrder).toBe(network.channels === 1 ? "grey" : "rgb");
        // The one channel of grey pixels is the same on both places.
        if (channelOrder !== "grey") {
            expect(layout).toBe(dims[1] === 3 ? "nchw" : "nhwc");
        }
    });

    test("and rows of prepared pixels have its shape", async () => {
        const model = await openModel(await smallNetworkFolder({ ...grey, dims: ["N", 1, 8, 8] }));
        const [scores] = (await scoreRows(model, [weights(64)])) as number[][];
        expect(scores).toHaveLength(3);
        await expect(scoreRows(model, [weights(192)])).rejects.toThrow("to have 64 values, found 192");
    });

    test("also where the input does not say that it has four", async () => {
        const network = smallNetwork({ dims: [1, 3, 8, 8] });
        for (const { type } of network.graph?.input ?? [])
            Object.assign(type?.tensorType ?? {}, { shape: null });
        const folder = await folderOf({ "model.onnx": encodeModel(network), "labels.txt": "a\nb\nc" });
        expect((await openCatalog(folder, "off")).models[0]?.model).toMatchObject({ kind: "image" });
    });
});

describe("of all combinations", () => {
    const sides = { height: 28, width: 28 };
    const LAYOUTS = ["nchw", "nhwc"] as const;
    const OPEN = ["nothing", "batch", "sides", "channels", "all"] as const;
    const TYPES = ["float", "float16", "double", "uint8", "int8", "int32"] as const;
    const combinations = LAYOUTS.flatMap((layout) =>
        [1, 2, 3, 4].flatMap((channels) =>
            OPEN.flatMap((open) =>
                TYPES.flatMap((input) =>
                    (["Conv", "matrix"] as const).map((first) => ({ layout, channels, open, input, first })),
                ),
            ),
        ),
    )
        // Other channels are refused before their type matters.
        .filter(({ channels, input }) => channels === 1 || channels === 3 || input === "float")
        // Nothing tells four channels of 28 x 28 in a row from 56 x 56 grey pixels, of which they are as many.
        .filter(({ channels, open, first }) => !(channels === 4 && open === "all" && first === "matrix"));

    /** The dimensions as they are, and as the network declares them. */
    function dimsOf({ layout, channels, open }: (typeof combinations)[number]) {
        const declared = {
            batch: ["batch", "all"].includes(open) ? "N" : 1,
            channels: ["channels", "all"].includes(open) ? "C" : channels,
            height: ["sides", "all"].includes(open) ? "H" : sides.height,
            width: ["sides", "all"].includes(open) ? "W" : sides.width,
        };
        const order = <T>(batch: T, inner: T, height: T, width: T) =>
            layout === "nchw" ? [batch, inner, height, width] : [batch, height, width, inner];
        return {
            dims: order<number | string>(declared.batch, declared.channels, declared.height, declared.width),
            actual: (side: { height: number; width: number }) => order(1, channels, side.height, side.width),
        };
    }

    test("each is served as the network itself has it, or refused with a sentence", async () => {
        const tally: Record<string, number> = {};
        const count = (key: string) => {
            tally[key] = (tally[key] ?? 0) + 1;
        };
        for (const combination of combinations) {
            const { layout, channels, open, input, first } = combination;
            const { dims, actual } = dimsOf(combination);
            const network: SmallNetwork = {
                channels,
                dims,
                input,
                first: first === "Conv" ? "Conv" : { matrix: channels * sides.width * sides.height },
                // A matrix takes the values in the order in which they come.
                ahead: layout === "nhwc" && first === "Conv" ? toNchw : [],
            };
            const folder = await smallNetworkFolder(network);
            const name = `${layout} ${channels} ${open} ${input} ${first}`;
            let model: Model;
            try {
                const opened = (await openCatalog(folder, "off")).find([]).model;
                expect([name, opened.kind]).toEqual([name, "image"]);
                model = opened as Model;
            } catch (error) {
                expect([name, (error as Error).message]).toEqual([name, expect.stringMatching(/^Expected /)]);
                count(channels === 1 || channels === 3 ? `refused: ${input}` : "refused: other channels");
                continue;
            }
            const pixels = picture(model.size.width, model.size.height);
            const image = await pngOfPixels(pixels, model.size.width, model.size.height);
            const predictions = await classify(model, image, OPTIONS);
            const plain = encodeModel(smallNetwork({ ...network, input: "float", dims: [1, "a", "b", "c"] }));
            const session = await openArraySession(plain, "image", "scores");
            const given = actual(model.size);
            const data = Float32Array.from(byHand(pixels, given));
            const output = await session.run({ type: "float32", data, dims: given });
            const digits = input === "float16" ? 3 : 5;
            expect([name, predictions.map(({ probability }) => probability)]).toEqual([
                name,
                [...(output.data as Float32Array)].map((value) => expect.closeTo(value, digits)),
            ]);
            count(`served: ${input}`);
        }
        // 40 each of a type, of which a matrix over colours tells in neither layout how they lie where all is open.
        expect(tally).toEqual({
            ...Object.fromEntries(
                ["float", "float16", "double", "uint8"].flatMap((type) => [
                    [`served: ${type}`, 38],
                    [`refused: ${type}`, 2],
                ]),
            ),
            "refused: int8": 40,
            "refused: int32": 40,
            "refused: other channels": 38,
        });
    });
});

describe("an input that is no image of one or three channels is refused when the model is opened", () => {
    test.each<[string, SmallNetwork, RegExp]>([
        [
            "four channels",
            { dims: [1, 4, 16, 16], channels: 4 },
            /it takes image float \[1, 4, 16, 16\], of which its first layer reads 4 channels/,
        ],
        [
            "four channels, all open",
            { dims: ["N", "C", "H", "W"], channels: 4 },
            /its first layer reads 4 channels/,
        ],
        ["twelve bands", { dims: [1, 12, 16, 16], channels: 12 }, /it takes image float \[1, 12, 16, 16\]/],
        [
            "several at a time",
            { dims: [8, 3, 16, 16] },
            /\[8, 3, 16, 16\]\. Export it again with a batch of 1/,
        ],
        [
            "the width first",
            { dims: ["N", "W", "H", 3], ahead: [["Transpose", [], [ints("perm", [0, 3, 2, 1])]]] },
            /the width before the height/,
        ],
        [
            "five dimensions",
            { dims: [1, 3, 8, 16, 16], ahead: [["Squeeze"]] },
            /films or volumes, which are not served/,
        ],
        [
            "no batch",
            {
                dims: [3, 16, 16],
                ahead: [["Unsqueeze", ["axes"]]],
                constants: { axes: { dims: [1], values: [0], type: "int64" } },
            },
            /an image of three dimensions\. Export it again with four/,
        ],
        ["int8", { dims: [1, 3, 16, 16], input: "int8" }, /it takes image int8 \[1, 3, 16, 16\]/],
        [
            "two inputs",
            { dims: [1, 3, 16, 16], inputs: [tensor("more", "float", [1])] },
            /it takes image float \[1, 3, 16, 16\] and more float \[1\]/,
        ],
        [
            "pixels of which nothing tells the order",
            { dims: ["N", "C", "H", "W"], first: { matrix: 3 * 32 * 32 } },
            /answers in several ways: nchw rgb, nhwc rgb/,
        ],
        [
            "a size that none of the usual is",
            { dims: ["N", 3, "H", "W"], first: { matrix: 3 * 17 * 23 } },
            /Expected .* to answer a picture .*preprocessing\.width and height/,
        ],
        [
            "a shape that the network itself does not take",
            {
                dims: [1, 3, 16, 16],
                ahead: [["Reshape", ["shape"]]],
                constants: { shape: { dims: [4], values: [1, 3, 9, 9], type: "int64" } },
            },
            /Expected .* to answer a picture .*\[1, 3, 16, 16\]/,
        ],
    ])("%s", async (_name, network, sentence) => {
        for (const policy of ["stop", "warn", "off"] as const) {
            await expect(openCatalog(await smallNetworkFolder(network), policy)).rejects.toThrow(sentence);
        }
    });

    test("unless model.yaml says what the file leaves open", async () => {
        const yaml = { "model.yaml": "preprocessing: { width: 23, height: 17 }" };
        const network: SmallNetwork = { dims: ["N", 3, "H", "W"], first: { matrix: 3 * 17 * 23 } };
        expect((await openModel(await smallNetworkFolder(network, yaml))).size).toEqual({
            width: 23,
            height: 17,
        });
    });

    test("or its four dimensions are features of one pixel, which are a row", async () => {
        const features: SmallNetwork = { dims: ["N", 6, 1, 1], first: { matrix: 6 } };
        const { model } = (await openCatalog(await smallNetworkFolder(features), "stop")).find([]);
        expect(model.kind).toBe("array");
    });
});

describe("what a description asks for and the network cannot take is refused", () => {
    test.each<[string, SmallNetwork, string, RegExp]>([
        [
            "a scale for bytes",
            { dims: [1, 3, 16, 16], input: "uint8" },
            "range: [0, 1]",
            /takes bytes \(uint8\) from 0 to 255/,
        ],
        [
            "a mean for bytes",
            { dims: [1, 3, 16, 16], input: "uint8" },
            "mean: [1, 2, 3]",
            /takes bytes \(uint8\)/,
        ],
        [
            "an order for grey",
            { ...grey, dims: [1, 1, 16, 16] },
            "channelOrder: bgr",
            /found channelOrder bgr\. Leave it out/,
        ],
        [
            "a mean per colour for grey",
            { ...grey, dims: [1, 1, 16, 16] },
            "mean: [1, 2, 3]",
            /a mean or std that differs by colour/,
        ],
    ])("%s", async (_name, network, text, sentence) => {
        const folder = await smallNetworkFolder(network, { "model.yaml": `preprocessing: { ${text} }` });
        await expect(openModel(folder)).rejects.toThrow(sentence);
    });

    test("and one number stands for all channels", async () => {
        const yaml = { "model.yaml": "preprocessing: { range: [0, 1], mean: [0.1307], std: [0.3081] }" };
        const { format } = await openModel(await smallNetworkFolder({ ...grey, dims: [1, 1, 28, 28] }, yaml));
        expect(format).toMatchObject({
            channelOrder: "grey",
            mean: [0.1307, 0.1307, 0.1307],
            std: [0.3081, 0.3081, 0.3081],
        });
    });
});

describeWith("cases")("networks that others sent", () => {
    const casesOf = (name: string) => sharedData("cases", "models", name);
    test("with every dimension open are image classifiers", async () => {
        const { model } = (await openCatalog(casesOf("hf_labels"), "stop")).find([]);
        expect(model).toMatchObject({
            kind: "image",
            size: { width: 224, height: 224 },
            labels: ["rot", "gruen", "blau"],
        });
        await classify(model, await pngOfPixels(picture(20, 20), 20, 20), OPTIONS);
    });

    test("of one channel are fed grey pixels", async () => {
        const { model } = (await openCatalog(casesOf("mnist"), "stop")).find([]);
        expect(model).toMatchObject({
            kind: "image",
            format: { channelOrder: "grey" },
            size: { width: 28, height: 28 },
        });
        expect(await classify(model, await pngOfPixels(picture(28, 28), 28, 28), OPTIONS)).toHaveLength(10);
    });

    test("of a newer IR are told as that", async () => {
        await expect(openCatalog(casesOf("ir14"), "stop")).rejects.toThrow(
            /IR version 13 or lower.* found 14\. Save it/,
        );
    });

    test("with a divisor of zero are refused", async () => {
        await expect(openCatalog(casesOf("yaml_std0"), "off")).rejects.toThrow(
            /preprocessing\.std\.0: 0 instead of a number above 0/,
        );
    });

    test("with weights in a second file answer as those in one", async () => {
        const model = await openModel(casesOf("extdata"));
        expect(await classify(model, await pngOfPixels(picture(9, 9), 9, 9), OPTIONS)).toHaveLength(3);
    });
});
