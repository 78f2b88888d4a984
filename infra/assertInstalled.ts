import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi/errors";

/** A part of package.json and of package-lock.json. */
interface Package {
    readonly version?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly packages?: Readonly<Record<string, Package>>;
}

/**
 * Refuses to begin with packages that are not those of the lock file: what comes after would fail with a module that
 * cannot be found, or behave as another version does. The project is the current folder.
 */
export function assertInstalled(): void {
    const { packages = {} } = read("package-lock.json");
    const wrong = Object.keys(packages[""]?.dependencies ?? {}).flatMap((name) => {
        const place = join("node_modules", name);
        const wanted = packages[`node_modules/${name}`]?.version;
        const manifest = join(place, "package.json");
        const found = existsSync(manifest) ? read(manifest).version : undefined;
        return found === wanted ? [] : [`${name} ${wanted} (${found ?? "not there"})`];
    });
    if (wrong.length === 0) return;
    throw new RunError(
        `Expected the packages of package-lock.json to be installed, found others: ${wrong.join(", ")}. ` +
            "Install them with: npm run setup",
    );
}

function read(file: string): Package {
    return JSON.parse(readFileSync(file, "utf8")) as Package;
}
