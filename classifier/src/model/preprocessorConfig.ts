import type { PreprocessingYaml } from "./modelYaml";

/** Pillow's filters in the order of its numbers (PIL.Image.Resampling). */
const FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"] as const;

/** The kinds that do what their keys say, and what a size of one number means to each. */
const KINDS: Record<string, "square" | "shortest"> = {
    ViT: "square",
    DeiT: "square",
    Beit: "square",
    Siglip: "square",
    Bit: "shortest",
    CLIP: "shortest",
    MobileNetV1: "shortest",
    MobileNetV2: "shortest",
    MobileViT: "shortest",
    ConvNext: "shortest",
};

const KNOWN = new Set([
    ...["do_resize", "size", "default_to_square", "crop_pct", "resample", "do_center_crop", "crop_size"],
    ...["do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std"],
    ...["do_convert_rgb", "do_flip_channel_order", "image_processor_type", "feature_extractor_type"],
    // What these say has no part in how an image is prepared here.
    ...["processor_class", "auto_map", "data_format", "input_data_format", "return_tensors", "device"],
    ...["_valid_processor_keys", "model_input_names", "disable_grouping", "num_labels"],
]);

type Config = Record<string, unknown>;

/**
 * What a `preprocessor_config.json` of Hugging Face says about preprocessing, as far as `yaml` leaves it open: the resize with
 * all that goes with it unless that has a `resize`, the values unless it has a range, mean or std. Throws a sentence for what
 * cannot be done exactly. (Source: src/transformers/image_processing_utils.py, image_transforms.py and
 * models/{vit,convnext,clip,…}/image_processing_*.py, the ones that use Pillow.)
 */
export function parsePreprocessorConfig(
    text: string,
    path: string,
    yaml: PreprocessingYaml = {},
): PreprocessingYaml {
    const asksGeometry = !yaml.resize;
    const asksValues = !yaml.range && !yaml.mean && !yaml.std;
    if (!asksGeometry && !asksValues) {
        return {};
    }
    const config = parseJson(text, path);
    const refuse: Refuse = (key, expected) => {
        const found = config[key] === undefined ? "none" : JSON.stringify(config[key]);
        throw new Error(
            `Expected ${key} in ${path} to be ${expected}, found ${found}. Say in model.yaml what images need ` +
                `(${asksGeometry ? "preprocessing.resize" : "preprocessing.range, mean and std"}), and this is not asked.`,
        );
    };
    for (const [key, value] of Object.entries(config)) {
        if (!KNOWN.has(key) && value !== null && value !== false) {
            refuse(key, "left out, as this service does not know it");
        }
    }
    return {
        ...(asksGeometry && geometryOf(config, refuse)),
        ...(asksValues && valuesOf(config, refuse)),
    };
}

type Refuse = (key: string, expected: string) => never;

function parseJson(text: string, path: string): Config {
    try {
        const config = JSON.parse(text);
        if (typeof config !== "object" || config === null || Array.isArray(config)) {
            throw new SyntaxError("no object");
        }
        return config;
    } catch (cause) {
        throw new Error(
            `Expected ${path} to be a JSON object, found: ${(cause as Error).message}. Download it again, or remove it ` +
                "and say in model.yaml how images are prepared.",
            { cause },
        );
    }
}

function geometryOf(config: Config, refuse: Refuse): PreprocessingYaml {
    const { size, crop_size: cropSize } = config;
    const typeKey = config.image_processor_type ? "image_processor_type" : "feature_extractor_type";
    const kind = String(config[typeKey] ?? "").replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, "");
    const ofNumber = KINDS[kind];
    if (config[typeKey] !== undefined && ofNumber === undefined) {
        refuse(typeKey, `that of one of ${Object.keys(KINDS).join(", ")}`);
    }
    if (config.do_resize === false) {
        refuse("do_resize", "true, as images come in any size");
    }
    const resample = FILTERS[config.resample as number];
    if (resample === undefined) {
        refuse("resample", `a number of Pillow's from 0 to ${FILTERS.length - 1}`);
    }
    const crop = config.do_center_crop === true ? sidesOf(cropSize) : undefined;
    if (config.do_center_crop === true && !crop) {
        refuse("crop_size", "a number, or a height and a width");
    }
    const edge = isSide(size) && ofNumber === "shortest" ? size : edgeOf(size);
    if (kind === "ConvNext") {
        return edge === undefined
            ? refuse("size", "a shortest_edge")
            : { ...convNext(edge, config, refuse), resample };
    }
    if (config.crop_pct !== undefined && config.crop_pct !== null) {
        refuse("crop_pct", "left out for other than ConvNext");
    }
    if (edge !== undefined) {
        const [width, height] = crop ?? refuse("do_center_crop", "true with a size of shortest_edge");
        if (edge < Math.max(width, height)) {
            refuse("size", "at least as large as crop_size, as nothing is padded");
        }
        return { width, height, resize: { shortestEdge: edge }, resample };
    }
    const sides = isSide(size) && ofNumber === undefined ? undefined : sidesOf(size);
    const [width, height] = sides ?? refuse("size", "a height and a width, or a shortest_edge");
    if (!crop) {
        return { width, height, resize: "stretch", resample };
    }
    if (width < crop[0] || height < crop[1]) {
        refuse("size", "at least as large as crop_size, as nothing is padded");
    }
    return { width: crop[0], height: crop[1], resize: { width, height }, resample };
}

/** Below 384 a larger image is made and its middle cut out; from there on the whole is stretched. */
function convNext(edge: number, config: Config, refuse: Refuse): PreprocessingYaml {
    if (edge >= 384) {
        return { width: edge, height: edge, resize: "stretch" };
    }
    const share = config.crop_pct ?? 224 / 256;
    if (typeof share !== "number" || !(share > 0 && share <= 1)) {
        return refuse("crop_pct", "a number above 0 and up to 1");
    }
    return { width: edge, height: edge, resize: { shortestEdge: Math.trunc(edge / share) } };
}

function valuesOf(config: Config, refuse: Refuse): PreprocessingYaml {
    const flips = config.do_flip_channel_order ?? /^MobileViT/.test(String(config.image_processor_type));
    const { do_rescale: rescales = true, rescale_factor: factor = 1 / 255 } = config;
    if (typeof factor !== "number" || !(factor > 0)) {
        return refuse("rescale_factor", "a number above 0");
    }
    const highest = rescales === false ? 255 : factor * 255;
    const range: [number, number] = [0, Math.abs(highest - 1) < 1e-9 ? 1 : highest];
    const normalizes = config.do_normalize ?? !(flips && config.image_mean === undefined);
    if (normalizes && flips) {
        return refuse("do_flip_channel_order", "false where do_normalize is true");
    }
    const channelOrder = flips ? ("bgr" as const) : ("rgb" as const);
    if (!normalizes) {
        return { range, channelOrder };
    }
    const mean = perChannel(config.image_mean) ?? refuse("image_mean", "three numbers");
    const std = perChannel(config.image_std);
    if (!std || std.includes(0)) {
        return refuse("image_std", "three numbers other than 0");
    }
    return { range, channelOrder, mean, std };
}

function perChannel(value: unknown): [number, number, number] | undefined {
    const list = Array.isArray(value) ? value : [value];
    const [red, green = red, blue = red] = list;
    const isWhole = list.length === 1 || list.length === 3;
    return isWhole && [red, green, blue].every(Number.isFinite) ? [red, green, blue] : undefined;
}

function sidesOf(value: unknown): [width: number, height: number] | undefined {
    if (isSide(value)) {
        return [value, value];
    }
    const { height, width, ...others } = Object(value);
    const isWhole = isSide(width) && isSide(height) && Object.values(others).every((other) => other === null);
    return isWhole ? [width, height] : undefined;
}

function edgeOf(value: unknown): number | undefined {
    const { shortest_edge: edge, ...others } = Object(value);
    return isSide(edge) && Object.values(others).every((other) => other === null) ? edge : undefined;
}

function isSide(value: unknown): value is number {
    return Number.isInteger(value) && (value as number) > 0;
}
