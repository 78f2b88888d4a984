import type { Prediction } from "../predictions";

/** The one answer of the exported container to whatever goes wrong. */
export const CONTAINER_ERROR = "Error processing image";

/**
 * The exported container's answer, byte for byte as its Python writes it: keys in alphabetical order, predictions in
 * the order of the labels, probabilities rounded to 8 decimals, a newline at the end.
 */
export function containerAnswer(predictions: readonly Prediction[], createdMicroseconds: number): string {
    const items = predictions.map(
        ({ label, probability }) =>
            `{"boundingBox":null,"probability":${pythonFloat(Number(probability.toFixed(8)))},` +
            `"tagId":"","tagName":${asciiJson(label)}}`,
    );
    const created = pythonTime(createdMicroseconds);
    return `{"created":"${created}","id":"","iteration":"","predictions":[${items.join(",")}],"project":""}\n`;
}

/** The time since 1970. `Date` has milliseconds only. */
export function nowInMicroseconds(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** `datetime.utcnow().isoformat()`: no time zone, and no fraction when it is zero. */
function pythonTime(microseconds: number): string {
    const seconds = Math.floor(microseconds / 1e6);
    const fraction = microseconds - seconds * 1e6;
    const time = new Date(seconds * 1000).toISOString().slice(0, 19);
    return fraction === 0 ? time : `${time}.${String(fraction).padStart(6, "0")}`;
}

/** `repr(float)`: always with a point or an exponent, the latter below 0.0001 and with two digits. */
function pythonFloat(value: number): string {
    if (value !== 0 && Math.abs(value) < 1e-4) {
        return value.toExponential().replace(/e-(\d)$/, "e-0$1");
    }
    return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `json.dumps(text)`: everything beyond printable ASCII is escaped. */
function asciiJson(text: string): string {
    return JSON.stringify(text).replace(
        /[^ -~]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
