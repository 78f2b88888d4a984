import { existsSync } from "node:fs";
import { join } from "node:path";

const SHARED_DATA = join(__dirname, "..", "..", "..", "shared", "data");

/** The path of test data that is kept beside the project, not in it. */
export function sharedData(...names: string[]): string {
    return join(SHARED_DATA, ...names);
}

/** A `describe` for tests of that data, which skips them and says so where it is not there. */
export function describeWith(folder: string): (name: string, body: () => void) => void {
    if (existsSync(sharedData(folder))) {
        return describe;
    }
    process.stderr.write(`Skipped: tests that need ${sharedData(folder)}, which is not there.\n`);
    // The body of describe.skip is run too, to know its tests, and would read what is not there.
    return (name) => describe(name, () => test.skip(`needs ${sharedData(folder)}`, () => {}));
}
