import { openModel } from "../../classifier/src/model/openModel";
import { parsePreprocessorConfig } from "../../classifier/src/model/preprocessorConfig";
import { colourModelFolder } from "./support/colourModel";

const HALF = [0.5, 0.5, 0.5];
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

const vit = {
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: HALF,
    image_processor_type: "ViTImageProcessor",
    image_std: HALF,
    resample: 2,
    rescale_factor: 0.00392156862745098,
    size: { height: 224, width: 224 },
};
const convnext = {
    ...vit,
    crop_pct: 0.875,
    image_mean: MEAN,
    image_processor_type: "ConvNextImageProcessor",
    image_std: STD,
    resample: 3,
    size: { shortest_edge: 224 },
};
const clip = {
    ...vit,
    crop_size: { height: 224, width: 224 },
    do_center_crop: true,
    do_convert_rgb: true,
    image_processor_type: "CLIPImageProcessorFast",
    resample: 3,
    size: { shortest_edge: 256 },
};
const read = (config: object, yaml = {}) =>
    parsePreprocessorConfig(JSON.stringify(config), "preprocessor_config.json", yaml);

describe("a preprocessor_config.json", () => {
    test.each<[string, object, object]>([
        [
            "of ViT",
            vit,
            {
                width: 224,
                height: 224,
                resize: "stretch",
                resample: "bilinear",
                range: [0, 1],
                channelOrder: "rgb",
                mean: HALF,
                std: HALF,
            },
        ],
        [
            "of an old ViT, with a number for its size and no word on scaling",
            {
                do_normalize: true,
                do_resize: true,
                feature_extractor_type: "ViTFeatureExtractor",
                image_mean: HALF,
                image_std: HALF,
                resample: 2,
                size: 384,
            },
            { width: 384, height: 384, resize: "stretch", range: [0, 1], mean: HALF },
        ],
        [
            "of ResNet",
            convnext,
            { width: 224, resize: { shortestEdge: 256 }, resample: "bicubic", mean: MEAN, std: STD },
        ],
        [
            "of a large ConvNext",
            { ...convnext, size: { shortest_edge: 384 } },
            { width: 384, height: 384, resize: "stretch" },
        ],
        [
            "of an old ConvNext",
            {
                ...convnext,
                image_processor_type: undefined,
                feature_extractor_type: "ConvNextFeatureExtractor",
                size: 224,
            },
            { resize: { shortestEdge: 256 } },
        ],
        ["of CLIP", clip, { width: 224, height: 224, resize: { shortestEdge: 256 } }],
        [
            "of an old CLIP",
            { ...clip, size: 256, crop_size: 224 },
            { width: 224, height: 224, resize: { shortestEdge: 256 } },
        ],
        [
            "of DeiT",
            { ...clip, image_processor_type: "DeiTImageProcessor", size: { height: 256, width: 248 } },
            { width: 224, height: 224, resize: { width: 248, height: 256 } },
        ],
        [
            "of MobileViT",
            {
                ...clip,
                image_processor_type: "MobileViTImageProcessor",
                do_normalize: undefined,
                image_mean: undefined,
                image_std: undefined,
                do_flip_channel_order: true,
            },
            { range: [0, 1], channelOrder: "bgr" },
        ],
        ["that does not scale", { ...vit, do_rescale: false, do_normalize: false }, { range: [0, 255] }],
        ["that scales otherwise", { ...vit, rescale_factor: 1 / 127.5 }, { range: [0, 2] }],
        [
            "with lists of one number",
            { ...vit, image_mean: [0.5], image_std: 0.25 },
            { mean: HALF, std: [0.25, 0.25, 0.25] },
        ],
        ["with other filters", { ...vit, resample: 0 }, { resample: "nearest" }],
    ])("%s is followed", (_, config, expected) => expect(read(config)).toMatchObject(expected));

    test.each<[string, object]>([
        ["image_processor_type", { ...vit, image_processor_type: "ImageGPTImageProcessor" }],
        ["do_resize", { ...vit, do_resize: false }],
        ["resample", { ...vit, resample: 6 }],
        ["resample", { ...vit, resample: undefined }],
        ["size", { ...vit, size: { longest_edge: 224 } }],
        ["size", { ...vit, size: { shortest_edge: 224, longest_edge: 1333 } }],
        ["size", { ...vit, image_processor_type: undefined, size: 224 }],
        ["size", { ...clip, size: { shortest_edge: 200 } }],
        ["size", { ...clip, size: { height: 200, width: 300 } }],
        ["crop_size", { ...clip, crop_size: undefined }],
        ["do_center_crop", { ...clip, do_center_crop: false }],
        ["crop_pct", { ...vit, crop_pct: 0.9 }],
        ["crop_pct", { ...convnext, crop_pct: 1.2 }],
        ["rescale_factor", { ...vit, rescale_factor: "1/255" }],
        ["image_mean", { ...vit, image_mean: undefined }],
        ["image_mean", { ...vit, image_mean: [0.5, 0.5] }],
        ["image_std", { ...vit, image_std: [0.5, 0, 0.5] }],
        ["do_flip_channel_order", { ...vit, do_flip_channel_order: true }],
        ["do_pad", { ...vit, do_pad: true }],
        ["rescale_offset", { ...vit, rescale_offset: true }],
        ["do_reduce_labels_and_more", { ...vit, do_reduce_labels_and_more: 3 }],
    ])("whose %s cannot be followed is refused, and told the way out", (key, config) => {
        expect(() => read(config)).toThrow(
            new RegExp(`^Expected ${key} in preprocessor_config\\.json to be .* Say in model\\.yaml`),
        );
    });

    test("is not asked for what model.yaml says", () => {
        expect(read({ ...vit, size: "x" }, { resize: "stretch" })).toMatchObject({ range: [0, 1] });
        expect(read({ ...vit, image_mean: "x" }, { range: [0, 1] })).toMatchObject({ resize: "stretch" });
        expect(read({ anything: 1 }, { resize: "cover", mean: HALF })).toEqual({});
        expect(() => read([])).toThrow(/to be a JSON object/);
    });

    test("becomes the model's preprocessing", async () => {
        const config = { ...clip, size: { shortest_edge: 9 }, crop_size: 8, image_std: STD };
        const model = await openModel(
            await colourModelFolder(
                { "preprocessor_config.json": JSON.stringify(config) },
                { side: undefined },
            ),
        );
        const source = "preprocessor_config.json";
        expect(model).toMatchObject({
            size: { width: 8, height: 8 },
            geometry: { resize: { shortestEdge: 9 }, resample: "bicubic" },
            format: { range: [0, 1], channelOrder: "rgb", mean: HALF, std: STD },
            sources: { range: source, channelOrder: source },
        });
    });
});
