import { containerAnswer, nowInMicroseconds } from "../http/containerAnswer";
import type { Prediction } from "../predictions";
import type { ImageError } from "./images";
import type { ImageDialect } from "./requestShapes";

type Result = readonly Prediction[] | ImageError;

/** The answer to images in the dialect in which they were asked for, as JSON. */
export function scoreAnswer(dialect: ImageDialect, results: readonly Result[]): string {
    switch (dialect) {
        case "package":
            return JSON.stringify(results.map(packageResult));
        case "autoMl":
            return JSON.stringify(results.map(autoMlResult));
        case "export":
            return exportResult(results[0] ?? []);
    }
}

/**
 * An element per image, which is JSON in a string: that is what the package's `parse_serialized_result` takes, and what
 * `numpy.argmax` of its result finds the class in. So the string holds the scores alone, in the order of the labels.
 */
function packageResult(result: Result): string {
    return JSON.stringify("error" in result ? result : result.map(({ probability }) => probability));
}

function autoMlResult(result: Result): object {
    return "error" in result
        ? result
        : {
              probs: result.map(({ probability }) => probability),
              labels: result.map(({ label }) => label),
          };
}

/** The export's score.py returns what its container answers, and its errors as plain strings. */
function exportResult(result: Result): string {
    return "error" in result
        ? JSON.stringify(result.error)
        : containerAnswer(result, nowInMicroseconds()).trimEnd();
}
