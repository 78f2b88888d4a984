import { type Activation, scoresOfPair } from "../predictions";
import type { Session } from "../session";

/**
 * Makes two scores of the one that a network of two labels may give, as Keras does where a sigmoid tells two classes apart:
 * it is that of the second label. Throws a sentence where one score cannot be that of the labels.
 */
export function withScorePerLabel(
    session: Session,
    scores: number,
    labels: readonly string[],
    activation: Activation,
    path: string,
): Session {
    if (scores !== 1) {
        return session;
    }
    if (labels.length > 2) {
        throw new Error(
            `Expected one label, or two, for the one score of ${path}, found ${labels.length} (${labels.join(", ")}). ` +
                "Put the labels.txt of the same export beside it.",
        );
    }
    if (activation === "softmax") {
        throw new Error(
            `Expected output.activation in model.yaml to be sigmoid or none for the one score of ${path}, found ` +
                "softmax, which makes 1 of any single score.",
        );
    }
    return labels.length === 1
        ? session
        : {
              async run(image) {
                  const [score = Number.NaN] = await session.run(image);
                  return scoresOfPair(score, activation);
              },
          };
}
