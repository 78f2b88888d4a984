/** A linear classifier of features: `weights` is [classes][features], `bias` [classes]; softmax makes probabilities. */
export interface Head {
    weights: Float64Array[];
    bias: Float64Array;
}

const STEPS = 300;
/** Below this share of its mean the deviation of a feature is rounding: float32 tells values apart at 6e-8 of them. */
const CONSTANT = 1e-10;

/**
 * Multinomial logistic regression on standardised features, with an L2 penalty on the weights and every class counting
 * the same. The loss is convex and the descent (Nesterov's) starts at zero, so there is one result and no chance in it.
 * The standardisation is folded into the result, which takes features as they are.
 */
export function fitLogisticRegression(
    rows: readonly Float32Array[],
    classes: readonly number[],
    classCount: number,
    penalty: number,
): Head {
    const { mean, deviation } = momentsOf(rows);
    const size = mean.length;
    // The constant 1 at the end of each row carries the bias, which is not penalised.
    const inputs = rows.map((row) =>
        Float64Array.from({ length: size + 1 }, (_, j) =>
            j < size ? (at(row, j) - at(mean, j)) / at(deviation, j) : 1,
        ),
    );
    const rowWeights = classes.map(
        (own) => 1 / (classCount * classes.filter((other) => other === own).length),
    );
    const step = 1 / (0.5 * largestEigenvalue(inputs, rowWeights) + penalty);

    const weights = zeros(classCount, size + 1);
    const ahead = zeros(classCount, size + 1);
    let momentum = 1;
    for (let iteration = 0; iteration < STEPS; iteration++) {
        const slope = gradient(ahead, inputs, classes, rowWeights);
        const next = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
        for (let k = 0; k < classCount; k++) {
            const [own, leading, slopes] = [row(weights, k), row(ahead, k), row(slope, k)];
            for (let j = 0; j <= size; j++) {
                const decay = j < size ? penalty * at(leading, j) : 0;
                const moved = at(leading, j) - step * (at(slopes, j) + decay);
                leading[j] = moved + ((momentum - 1) / next) * (moved - at(own, j));
                own[j] = moved;
            }
        }
        momentum = next;
    }
    return unstandardised(weights, mean, deviation);
}

/** The probability of each class. */
export function probabilities(head: Head, features: ArrayLike<number>): number[] {
    return softmax(head.weights.map((weights, k) => at(head.bias, k) + dot(weights, features)));
}

function gradient(
    weights: Float64Array[],
    inputs: Float64Array[],
    classes: readonly number[],
    rowWeights: number[],
): Float64Array[] {
    const slope = zeros(weights.length, row(weights, 0).length);
    inputs.forEach((input, i) => {
        const chances = softmax(weights.map((own) => dot(own, input)));
        slope.forEach((slopes, k) => {
            const error = at(rowWeights, i) * (at(chances, k) - (classes[i] === k ? 1 : 0));
            for (let j = 0; j < slopes.length; j++) slopes[j] = at(slopes, j) + error * at(input, j);
        });
    });
    return slope;
}

/**
 * The largest eigenvalue of the weighted inputs' second moments, found by power iteration. A tenth is added, because the
 * iteration comes close from below.
 */
function largestEigenvalue(inputs: Float64Array[], rowWeights: number[]): number {
    let direction = new Float64Array(row(inputs, 0).length).fill(1);
    let value = 0;
    for (let iteration = 0; iteration < 30; iteration++) {
        const image = new Float64Array(direction.length);
        inputs.forEach((input, i) => {
            const share = at(rowWeights, i) * dot(input, direction);
            for (let j = 0; j < image.length; j++) image[j] = at(image, j) + share * at(input, j);
        });
        value = Math.sqrt(dot(image, image) / dot(direction, direction));
        const length = Math.sqrt(dot(image, image));
        direction = image.map((component) => component / length);
    }
    return 1.1 * value;
}

function momentsOf(rows: readonly Float32Array[]) {
    const size = row(rows, 0).length;
    const mean = new Float64Array(size);
    const deviation = new Float64Array(size);
    for (const values of rows)
        for (let j = 0; j < size; j++) mean[j] = at(mean, j) + at(values, j) / rows.length;
    for (const values of rows)
        for (let j = 0; j < size; j++)
            deviation[j] = at(deviation, j) + (at(values, j) - at(mean, j)) ** 2 / rows.length;
    // A feature that never varies is left alone instead of being divided by nothing, or by what rounding left of its mean.
    const varies = (own: number, j: number) => own > CONSTANT * Math.abs(at(mean, j));
    return { mean, deviation: deviation.map(Math.sqrt).map((own, j) => (varies(own, j) ? own : 1)) };
}

function unstandardised(weights: Float64Array[], mean: Float64Array, deviation: Float64Array): Head {
    const scaled = weights.map((own) => Float64Array.from(mean, (_, j) => at(own, j) / at(deviation, j)));
    return {
        weights: scaled,
        bias: Float64Array.from(weights, (own, k) => at(own, mean.length) - dot(row(scaled, k), mean)),
    };
}

function softmax(scores: number[]): number[] {
    const largest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((total, power) => total + power);
    return powers.map((power) => power / sum);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
    let sum = 0;
    for (let j = 0; j < a.length; j++) sum += at(a, j) * at(b, j);
    return sum;
}

function zeros(rows: number, columns: number): Float64Array[] {
    return Array.from({ length: rows }, () => new Float64Array(columns));
}

function at(values: ArrayLike<number>, index: number): number {
    return values[index] as number;
}

function row<T>(rows: readonly T[], index: number): T {
    return rows[index] as T;
}
