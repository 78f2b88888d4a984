import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeUnless } from "./describeUnless";

const SHARED_DATA = join(__dirname, "..", "..", "..", "shared", "data");

/** The path of test data that is kept beside the project, not in it. */
export function sharedData(...names: string[]): string {
    return join(SHARED_DATA, ...names);
}

/** A `describe` for tests of that data, left out where it is not there. */
export function describeWith(folder: string): (name: string, body: () => void) => void {
    const isThere = existsSync(sharedData(folder));
    return describeUnless(isThere ? undefined : `needs ${folder} of the shared data, which is not there`);
}
