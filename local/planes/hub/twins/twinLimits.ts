import { isJsonObject, type Json, type JsonObject } from "../../../base/mergePatch";
import { HubError } from "../errors";

/** Largest size of each part of a twin in bytes (learn: iot-hub-devguide-device-twins, "Device twin size"). */
const largestSection = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 };
const longestKey = 1024;
const longestString = 4096;
const deepest = 10;
const largestInteger = 2 ** 52 - 1;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a key must not hold.
const forbiddenInKey = /[\u0000-\u001f\u007f-\u009f.$# ]/;

/** Refuses, with the path at fault, a part of a twin that the service would not keep. `values` is the part as it would become. */
export function checkTwinSection(section: keyof typeof largestSection, values: JsonObject): void {
    const bytes = checkObject(values, section, 0);
    const limit = largestSection[section];
    if (bytes > limit) throw invalid(`${section} is ${bytes} bytes, more than the limit of ${limit}`);
}

/** Checks one object and returns its size as the service counts it: keys and strings in UTF-8, numbers 8, booleans 4. */
function checkObject(values: JsonObject, path: string, depth: number): number {
    if (depth > deepest) throw invalid(`${path} nests objects more than ${deepest} deep`);
    let bytes = 0;
    for (const [key, value] of Object.entries(values)) {
        const keyBytes = Buffer.byteLength(key);
        if (forbiddenInKey.test(key)) {
            throw invalid(`the key '${key}' of ${path} holds a control character, '.', '$', '#' or a space`);
        }
        if (keyBytes > longestKey)
            throw invalid(`a key of ${path} is ${keyBytes} bytes, more than ${longestKey}`);
        bytes += keyBytes + checkValue(value, `${path}.${key}`, depth);
    }
    return bytes;
}

function checkValue(value: Json, path: string, depth: number): number {
    if (value === null) throw invalid(`${path} is null, which a twin cannot hold`);
    if (Array.isArray(value)) {
        return value.reduce<number>(
            (sum, item, index) => sum + checkValue(item, `${path}[${index}]`, depth),
            0,
        );
    }
    if (isJsonObject(value)) return checkObject(value, path, depth + 1);
    if (typeof value === "string") {
        const bytes = Buffer.byteLength(value);
        if (bytes > longestString)
            throw invalid(`${path} is a string of ${bytes} bytes, more than ${longestString}`);
        return bytes;
    }
    if (typeof value === "boolean") return 4;
    if (Number.isInteger(value) && Math.abs(value) > largestInteger) {
        throw invalid(`${path} is ${value}, beyond the range of \u00b1${largestInteger}`);
    }
    return 8;
}

function invalid(message: string): HubError {
    return new HubError("ArgumentInvalid", `BadRequest: ${message}`);
}
