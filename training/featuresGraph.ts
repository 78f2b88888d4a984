import { type GraphBuilder, graphBuilder } from "./onnxGraph";

/**
 * What a head is trained on: a graph from `input`, float32 [N, 3, side, side] with RGB in 0..255, to `output`,
 * float32 [N, size].
 */
export interface FeaturesGraph {
    builder: GraphBuilder;
    input: string;
    side: number;
    output: string;
    size: number;
}

const SCALES = 4;
const KERNEL = 7;
/** Pixels this dark count as equally dark, so that the noise of shadows does not become contrast. */
const NOISE_FLOOR = 12;
/** How strictly a place is chosen: a difference of 10 % in colour weighs e^1.6 = 5 times as much. */
const STRICTNESS = 16;

/**
 * Which texture lies on which colour, blind to the light by construction: features are the mean contrast of spots in
 * the places where the image is lightest, darkest, reddest, greenest, yellowest, bluest, and everywhere.
 *
 * In the logarithm of the pixels another brightness or white balance only adds a constant to each channel. Contrasts
 * do not see that constant, and neither do the places, which are a softmax over the image. Means over places do not
 * see rotation or position either. So what is left for training to learn is which of the contrasts matter.
 */
export function contrastFeatures(side = 224): FeaturesGraph {
    const builder = graphBuilder("features");
    const { node, floats, integers } = builder;

    const logarithm = node("Log", [node("Add", ["data", floats([], [NOISE_FLOOR])])]);
    const signs = [spot, negated(spot)];
    const spotKernels = floats([CONTRASTS, 1, KERNEL, KERNEL], [signs, signs, signs].flat(2));
    const placeWeights = floats([places.length, 3, 1, 1], places.flat());
    const [contrastsByPixel, placesByPixel] = [
        integers([0, CONTRASTS, -1]),
        integers([0, places.length, -1]),
    ];

    let channels = node("Conv", [logarithm, floats([3, 3, 1, 1], opponentChannels.flat())]);
    const features: string[] = [];
    for (let scale = 0; scale < SCALES; scale++) {
        if (scale > 0) channels = node("AveragePool", [channels], { kernel_shape: [2, 2], strides: [2, 2] });
        const contrasts = node("Relu", [node("Conv", [channels, spotKernels], { group: 3 })]);
        const surroundings = node("AveragePool", [channels], { kernel_shape: [KERNEL, KERNEL] });
        const placeScores = node("Conv", [surroundings, placeWeights]);
        const where = node("Softmax", [node("Reshape", [placeScores, placesByPixel])], { axis: 2 });
        const what = node("Transpose", [node("Reshape", [contrasts, contrastsByPixel])], { perm: [0, 2, 1] });
        features.push(node("Flatten", [node("MatMul", [where, what])]));
    }
    const output = node("Concat", features, { axis: 1 }, "features");
    return { builder, input: "data", side, output, size: SCALES * places.length * CONTRASTS };
}

/** Brightness, red against green, yellow against blue. */
const opponentChannels = [
    [1 / 3, 1 / 3, 1 / 3],
    [1, -1, 0],
    [1 / 2, 1 / 2, -1],
];

/** Everywhere, then both ends of each opponent channel. */
const places = [
    [0, 0, 0],
    [STRICTNESS, 0, 0],
    [-STRICTNESS, 0, 0],
    [0, STRICTNESS, 0],
    [0, -STRICTNESS, 0],
    [0, 0, STRICTNESS],
    [0, 0, -STRICTNESS],
];

/** Spots of more and of less than their surroundings, in each opponent channel. */
const CONTRASTS = 6;

/** A difference of Gaussians: positive where the middle has more than its surroundings. */
const spot = difference(gaussian(0.9), gaussian(2.2));

function gaussian(sigma: number): number[] {
    const centre = (KERNEL - 1) / 2;
    const weights = Array.from({ length: KERNEL ** 2 }, (_, index) => {
        const [dx, dy] = [(index % KERNEL) - centre, Math.floor(index / KERNEL) - centre];
        return Math.exp(-(dx ** 2 + dy ** 2) / (2 * sigma ** 2));
    });
    const sum = weights.reduce((total, weight) => total + weight);
    return weights.map((weight) => weight / sum);
}

function difference(a: number[], b: number[]): number[] {
    return a.map((value, index) => value - (b[index] as number));
}

function negated(values: number[]): number[] {
    return values.map((value) => -value);
}
