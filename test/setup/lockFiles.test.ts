import fs from "node:fs";
import path from "node:path";

interface LockedPackage {
    readonly version?: string;
    readonly resolved?: string;
    readonly link?: boolean;
    readonly optionalDependencies?: Record<string, string>;
}

const root = path.resolve(__dirname, "../..");

describe.each(["package-lock.json", "classifier/package-lock.json"])("%s", (file) => {
    const packages: Record<string, LockedPackage> = JSON.parse(
        fs.readFileSync(path.join(root, file), "utf8"),
    ).packages;

    /** Whether `name` would be found from the folder of the package `from`, as Node looks for it. */
    const isLocked = (from: string, name: string): boolean => {
        if (packages[path.posix.join(from, "node_modules", name)]) return true;
        const above = from.lastIndexOf("node_modules/");
        return above >= 0 && isLocked(from.slice(0, above).replace(/\/$/, ""), name);
    };

    test("holds the binaries of every platform, without which npm ci refuses it", () => {
        const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
            Object.keys(optionalDependencies).filter((name) => !isLocked(from, name)),
        );
        expect(missing).toEqual([]);
    });

    test("names no place that its packages were downloaded from", () => {
        const named = Object.values(packages).filter(({ resolved, link }) => resolved && !link);
        expect(named).toEqual([]);
    });
});
