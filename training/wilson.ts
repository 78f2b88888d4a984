const Z_95 = 1.959964;

/** Wilson's 95 % interval for the rate behind `correct` of `total` trials; sensible for few trials and for all right. */
export function wilsonInterval(correct: number, total: number): [low: number, high: number] {
    const rate = correct / total;
    const weight = Z_95 ** 2 / total;
    const centre = (rate + weight / 2) / (1 + weight);
    const half = Math.sqrt(weight * rate * (1 - rate) + (weight / 2) ** 2) / (1 + weight);
    return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
