import { existsSync } from "node:fs";
import { join } from "node:path";

/** Reference data that lies beside the project where it is developed; a user's clone has none. */
const sharedFolder = join(__dirname, "../../../shared");

/** A `describe` over a folder or file of the reference data; says aloud what is left out where that is absent. */
export function describeWithShared(path: string, title: string, tests: (location: string) => void): void {
    const location = join(sharedFolder, path);
    if (existsSync(location)) {
        describe(title, () => tests(location));
        return;
    }
    console.warn(`Left out: "${title}", because the reference data ${path} is not beside this clone.`);
    describe.skip(`${title} (no reference data beside this clone)`, () => {
        test("needs the reference data", () => {});
    });
}
