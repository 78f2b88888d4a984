import { unfitVersion } from "../../setup/engineVersion";
import { dockerFinding } from "./dockerFinding";
import type { DockerSettings } from "./dockerHosts";
import { type Finding, failed, good, warning } from "./finding";

/** Runs a program and answers what it printed; undefined when it is not there or fails. */
export type RunTool = (file: string, ...args: string[]) => Promise<string | undefined>;

/** What the update is for: the cloud, a machine in it, or the local Azure. */
export type Purpose = "cloud" | "local" | "edge-vm";

/** The programs that an update needs on this machine, with their versions. */
export async function toolFindings(
    run: RunTool,
    needed: {
        purpose: Purpose;
        nodeVersion: string;
        /** False where the image is prebuilt. */
        builds: boolean;
        docker: DockerSettings;
    },
): Promise<Finding[]> {
    const { purpose, nodeVersion, builds, docker } = needed;
    return [
        node(nodeVersion),
        await npm(run),
        await pulumi(run, purpose),
        ...(purpose !== "local" && builds
            ? [await dockerFinding((...args) => run("docker", ...args), docker)]
            : []),
    ];
}

function node(found: string): Finding {
    const [major = 0, minor = 0] = found.replace(/^v/, "").split(".").map(Number);
    if (major > 20 || (major === 20 && minor >= 19)) return good("node", found);
    return failed(
        "node",
        `${found}, older than 20.19`,
        "Install Node 20.19 or newer from https://nodejs.org",
    );
}

async function npm(run: RunTool): Promise<Finding> {
    const found = await run("npm", "--version");
    if (found) return good("npm", found);
    return failed("npm", "not on the PATH", "Install it with Node from https://nodejs.org");
}

async function pulumi(run: RunTool, purpose: Purpose): Promise<Finding> {
    const found = (await run("pulumi", "version"))?.replace(/^v/, "");
    const install = "Install it: https://www.pulumi.com/docs/install/";
    if (!found) {
        if (purpose !== "local") return failed("pulumi", "not on the PATH", install);
        return warning("pulumi", "not on the PATH", "Nothing to do: npm run local obtains it");
    }
    const unfit = unfitVersion(found, false);
    return unfit ? failed("pulumi", `pulumi ${unfit}`, install) : good("pulumi", found);
}
