/**
 * Where a module's desired properties break the limits of a twin, a sentence each (learn:
 * iot-hub-devguide-module-twins): the section at most 32 KB as JSON, texts 4 KB, keys 1 KB and without dots, `$`, `#`,
 * spaces and control characters, at most 10 objects deep, whole numbers within ±2^52, and no null.
 */
export function twinProblems(desired: unknown, place: string, largest = largestSection): string[] {
    const problems: string[] = [];
    const visit = (value: unknown, path: string, depth: number): void => {
        if (value === null) problems.push(`Expected ${path} to have a value, found null. Leave the key out.`);
        else if (typeof value === "string" && bytes(value) > longestText)
            problems.push(`Expected ${path} to have at most ${longestText} bytes, found ${bytes(value)}.`);
        else if (Number.isInteger(value) && Math.abs(value as number) > largestInteger)
            problems.push(`Expected ${path} to lie within ±${largestInteger}, found ${value}.`);
        else if (Array.isArray(value))
            value.forEach((entry, index) => {
                visit(entry, `${path}[${index}]`, depth);
            });
        else if (typeof value === "object") visitObject(value, path, depth + 1);
    };
    const visitObject = (value: object, path: string, depth: number): void => {
        if (depth > deepest) {
            problems.push(`Expected ${place} to be at most ${deepest} objects deep, found ${path} deeper.`);
            return;
        }
        for (const [key, member] of Object.entries(value)) {
            if (forbiddenInKey.test(key) || key === "")
                problems.push(
                    `Expected the keys of ${path} without dots, $, #, spaces and control characters, found ${JSON.stringify(key)}.`,
                );
            else if (bytes(key) > longestKey)
                problems.push(
                    `Expected the keys of ${path} to have at most ${longestKey} bytes, found one of ${bytes(key)}.`,
                );
            else visit(member, `${path}.${key}`, depth);
        }
    };
    visit(desired, place, -1);
    const size = bytes(JSON.stringify(desired));
    if (size > largest) {
        const section = largest === largestSection ? `the desired properties of ${place}` : place;
        problems.push(`Expected ${section} to have at most ${largest} bytes, found ${size}.`);
    }
    return problems;
}

function bytes(text: string): number {
    return Buffer.byteLength(text);
}

const largestSection = 32 * 1024;
const longestText = 4096;
const longestKey = 1024;
const deepest = 10;
const largestInteger = 2 ** 52;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a key must not hold.
const forbiddenInKey = /[\u0000-\u001f\u007f-\u009f.$# ]/;
