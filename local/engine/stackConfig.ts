import { existsSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { claimPort } from "../base/ports";
import { ownArchitecture } from "../docker/ownArchitecture";
import type { StackFolder } from "./stackFolder";

/** The first port that a module is published on; 80 needs rights that a first run should not ask for. */
const firstModulePort = 8080;

/** Writes `Pulumi.STACK.yaml` for a new local stack. It differs from a cloud stack's in values, not in kind. */
export async function writeStackConfig(stack: StackFolder): Promise<void> {
    if (existsSync(stack.configFile)) return;
    const hostPort = await claimPort(
        stack.ports,
        { stackFolder: stack.folder, what: "module" },
        firstModulePort,
    );
    const config = {
        "azure-native:location": "westeurope",
        "edge-classifier:platform": `linux/${ownArchitecture}`,
        "edge-classifier:deviceAddress": "localhost",
        "edge-classifier:hostPort": String(hostPort),
        "edge-classifier:check": "http",
        "edge-classifier:checkTimeoutSeconds": "60",
    };
    writeFileSync(
        stack.configFile,
        `# Written for the local Azure; removed by: npm run edge -- local reset\n${stringify({ config })}`,
    );
}
