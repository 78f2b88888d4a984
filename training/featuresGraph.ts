import { type GraphBuilder, graphBuilder } from "./onnxGraph";

/**
 * A graph that gives the features on which a head is trained: from `input`, float32 [N, 3, side, side] with RGB in
 * 0..255, to `output`, float32 [N, size].
 */
export interface FeaturesGraph {
    builder: GraphBuilder;
    input: string;
    side: number;
    output: string;
    size: number;
}

/** Each scale sees the image at half the size of the one before. */
const SCALES = 4;
/** A mark that is narrower than this many pixels of its scale is a spot. */
const SPOT = 5;
/** Pixels this dark count as equally dark, so that the noise of shadows does not become contrast. */
const NOISE_FLOOR = 12;
/** How strictly a place is chosen: a tenth more of the wanted colour counts e times as much. */
const STRICTNESS = 10;

/** Brightness, red against green, yellow against blue. */
const opponentChannels = [
    [1 / 3, 1 / 3, 1 / 3],
    [1, -1, 0],
    [1 / 2, 1 / 2, -1],
];

/** Everywhere, then where most and least of each opponent channel is. */
const places = [
    [0, 0, 0],
    [STRICTNESS, 0, 0],
    [-STRICTNESS, 0, 0],
    [0, STRICTNESS, 0],
    [0, -STRICTNESS, 0],
    [0, 0, STRICTNESS],
    [0, 0, -STRICTNESS],
];

/** Spots of less and of more than their surroundings, in each opponent channel. */
const CONTRASTS = 2 * opponentChannels.length;

/**
 * How strong the spots are on which colour, blind to the light by construction: the mean contrast of spots, at four
 * scales, in the places where the image is lightest, darkest, reddest, greenest, yellowest, bluest, and everywhere.
 *
 * In the logarithm of the pixels another brightness or white balance only adds a constant to each channel. Contrasts
 * do not see that constant, and neither do the places, which are a softmax over the image. Means over places do not
 * see rotation or position. What is left for training to learn is which of the contrasts matter.
 */
export function spotFeatures(side = 224): FeaturesGraph {
    const builder = graphBuilder("features");
    const { node, floats, integers } = builder;

    const placeWeights = floats([places.length, 3, 1, 1], places.flat());
    const byPlace = integers([0, places.length, -1]);
    const byContrast = integers([0, CONTRASTS, -1]);

    const logarithm = node("Log", [node("Add", ["data", floats([], [NOISE_FLOOR])])]);
    let channels = node("Conv", [logarithm, floats([3, 3, 1, 1], opponentChannels.flat())]);
    const features: string[] = [];
    for (let scale = 0; scale < SCALES; scale++) {
        if (scale > 0) channels = node("AveragePool", [channels], { kernel_shape: [2, 2], strides: [2, 2] });
        const contrasts = node("Reshape", [spotContrasts(builder, channels), byContrast]);
        const surroundings = node("AveragePool", [channels], { kernel_shape: [REACH, REACH] });
        const scores = node("Reshape", [node("Conv", [surroundings, placeWeights]), byPlace]);
        const where = node("Softmax", [scores], { axis: 2 });
        const what = node("Transpose", [contrasts], { perm: [0, 2, 1] });
        features.push(node("Flatten", [node("MatMul", [where, what])]));
    }
    const output = node("Concat", features, { axis: 1 }, "features");
    return { builder, input: "data", side, output, size: SCALES * places.length * CONTRASTS };
}

/** Looking for what is surrounded by more, or by less, takes two windows in a row. */
const REACH = 2 * SPOT - 1;

/**
 * The top-hat transforms of morphology: how far below (and above) what surrounds it a pixel is. Unlike a difference of
 * Gaussians they do not take the outline of an object for a spot on it.
 */
function spotContrasts({ node, integers }: GraphBuilder, channels: string): string {
    const highest = (values: string) => node("MaxPool", [values], { kernel_shape: [SPOT, SPOT] });
    const negative = (values: string) => node("Neg", [values]);
    const lowest = (values: string) => negative(highest(negative(values)));
    const margin = (REACH - 1) / 2;
    const own = node("Slice", [
        channels,
        integers([margin, margin]),
        integers([-margin, -margin]),
        integers([2, 3]),
    ]);
    const below = node("Sub", [lowest(highest(channels)), own]);
    const above = node("Sub", [own, highest(lowest(channels))]);
    return node("Concat", [below, above], { axis: 1 });
}
