import { lendTensors, type TensorFormat, toTensor } from "../../classifier/src/tensor";

// Two pixels: (1, 2, 3) and (4, 5, 255).
const pixels = { data: Uint8Array.from([1, 2, 3, 4, 5, 255]), width: 2, height: 1 };
const plain: TensorFormat = { layout: "nchw", channelOrder: "rgb", range: [0, 255], type: "float32" };

describe("toTensor", () => {
    test("puts channels one after the other for NCHW and beside one another for NHWC", () => {
        expect(toTensor(pixels, plain)).toEqual({
            type: "float32",
            dims: [1, 3, 1, 2],
            data: Float32Array.from([1, 4, 2, 5, 3, 255]),
        });
        expect(toTensor(pixels, { ...plain, layout: "nhwc" })).toEqual({
            type: "float32",
            dims: [1, 1, 2, 3],
            data: Float32Array.from([1, 2, 3, 4, 5, 255]),
        });
    });

    test("turns the order of the channels round for BGR, in both layouts", () => {
        expect([...toTensor(pixels, { ...plain, channelOrder: "bgr" }).data]).toEqual([3, 255, 2, 5, 1, 4]);
        expect([...toTensor(pixels, { ...plain, channelOrder: "bgr", layout: "nhwc" }).data]).toEqual([
            3, 2, 1, 255, 5, 4,
        ]);
    });

    test("maps 0 and 255 to the ends of the range", () => {
        const { data } = toTensor(
            { data: Uint8Array.from([0, 51, 255]), width: 1, height: 1 },
            { ...plain, range: [-1, 1] },
        );
        expect(data[0]).toBe(-1);
        expect(data[1]).toBeCloseTo(-0.6, 6);
        expect(data[2]).toBe(1);
    });

    test("subtracts the mean and divides by the spread of red, green and blue, whatever their order in the tensor", () => {
        const format: TensorFormat = {
            ...plain,
            channelOrder: "bgr",
            range: [0, 1],
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        };
        const { data } = toTensor({ data: Uint8Array.from([255, 0, 128]), width: 1, height: 1 }, format);
        expect(data[2]).toBeCloseTo((1 - 0.485) / 0.229, 5);
        expect(data[1]).toBeCloseTo(-0.456 / 0.224, 5);
        expect(data[0]).toBeCloseTo((128 / 255 - 0.406) / 0.225, 5);
    });

    test.each([
        [195, 110, 216, 147],
        [119, 248, 3, 181],
        [244, 8, 218, 103],
        [118, 148, 3, 123],
        [192, 152, 69, 154],
        [77, 77, 77, 77],
        [255, 255, 255, 255],
    ])("makes grey of %i, %i, %i as Pillow 13.0.0 does, for one channel in either place", (r, g, b, grey) => {
        const colour = { data: Uint8Array.from([0, 0, 0, r, g, b]), width: 2, height: 1 };
        const format: TensorFormat = { ...plain, channelOrder: "grey" };
        expect(toTensor(colour, format)).toEqual({
            type: "float32",
            dims: [1, 1, 1, 2],
            data: Float32Array.of(0, grey),
        });
        expect(toTensor(colour, { ...format, layout: "nhwc", type: "uint8" })).toEqual({
            type: "uint8",
            dims: [1, 1, 2, 1],
            data: Uint8Array.of(0, grey),
        });
    });

    test("gives bytes to a network that takes bytes", () => {
        const tensor = toTensor(pixels, { ...plain, type: "uint8", layout: "nhwc" });
        expect(tensor.data).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 255]));
    });
});

describe("lendTensors", () => {
    test("lends the same memory again once it is free, and other memory while it is not", async () => {
        const lend = lendTensors(plain);
        const other = { ...pixels, data: Uint8Array.from([9, 8, 7, 6, 5, 4]) };
        const expected = [toTensor(pixels, plain), toTensor(other, plain)];
        let end = () => {};
        const first = lend(pixels, async (tensor) => {
            await new Promise<void>((resolve) => {
                end = resolve;
            });
            // Another was lent meanwhile.
            expect(tensor).toEqual(expected[0]);
            return tensor.data;
        });
        const second = await lend(other, async (tensor) => {
            expect(tensor).toEqual(expected[1]);
            return tensor.data;
        });
        end();
        expect(await first).not.toBe(second);
        expect(await lend(pixels, async (tensor) => tensor)).toEqual(expected[0]);
        await expect(lend(pixels, () => Promise.reject(new Error("no run")))).rejects.toThrow("no run");
        const free = [await first, second];
        await lend(pixels, async ({ data }) => expect(free).toContain(data));
    });
});
