import { existsSync } from "node:fs";
import { join } from "node:path";

const SHARED_DATA = join(__dirname, "..", "..", "..", "shared", "data");

/** The path of test data that is kept beside the project, not in it. */
export function sharedData(...names: string[]): string {
    return join(SHARED_DATA, ...names);
}

/** A `describe` for tests of that data, which skips them and says so where it is not there. */
export function describeWith(folder: string): jest.Describe {
    if (existsSync(sharedData(folder))) {
        return describe;
    }
    process.stderr.write(`Skipped: tests that need ${sharedData(folder)}, which is not there.\n`);
    return describe.skip;
}
