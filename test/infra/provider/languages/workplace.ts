import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { callManagement } from "../../../../local/arm/managementCall";
import { preparePulumiHome } from "../../../../local/engine/pulumiHome";
import { projectFolder, startTestAzure } from "../../../support/localAzure";
import { engineFolder } from "../../../support/projectCopy";

const run = promisify(execFile);
const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group";

/** A local Azure with a hub, and the programs of `docs/provider` beside the provider and its SDKs. */
export interface Workplace {
    readonly hubId: string;
    /** The folder with the generated SDKs. */
    readonly sdk: string;
    readonly pulumiHome: string;
    /** The folder of one program. */
    folderOf(language: string): string;
    /** Runs a command in a program's folder; answers its output, and fails with it. */
    run(language: string, file: string, ...args: string[]): Promise<string>;
    /** What Microsoft's own client says of the hub. The statement is of an async function with `registry`. */
    askHub(statement: string): Promise<unknown>;
    remove(): Promise<void>;
}

/** Makes one. The paths between the programs, the provider and the SDKs are those of the project. */
export async function makeWorkplace(): Promise<Workplace> {
    await run(process.execPath, ["--require", "tsx/cjs", "generate/writeSdks.ts"], { cwd: projectFolder });
    const azure = await startTestAzure();
    const { stack } = azure;
    const hubId = `${group}/providers/Microsoft.Devices/IotHubs/hub-languages`;
    await callManagement(stack.azure, "PUT", group, { location: "westeurope" });
    await callManagement(stack.azure, "PUT", hubId, {
        location: "westeurope",
        sku: { name: "S1", capacity: 1 },
        properties: {},
    });
    const hub = await callManagement<{ properties: { hostName: string } }>(stack.azure, "GET", hubId);
    const owner = await callManagement<{ primaryKey: string }>(
        stack.azure,
        "POST",
        `${hubId}/IotHubKeys/iothubowner/listkeys`,
    );
    const connectionString = `HostName=${hub.properties.hostName};SharedAccessKeyName=iothubowner;SharedAccessKey=${owner.primaryKey}`;

    const folder = mkdtempSync(join(tmpdir(), "provider languages "));
    const sdk = join(projectFolder, "sdk");
    for (const name of ["infra", "sdk"]) symlinkSync(join(projectFolder, name), join(folder, name));
    mkdirSync(join(folder, "docs"));
    cpSync(join(projectFolder, "docs/provider"), join(folder, "docs/provider"), { recursive: true });
    preparePulumiHome(stack.pulumiHome, projectFolder);
    const { PULUMI_NODEJS_TRANSPILE_ONLY, ...environment } = azure.environment;
    const env = {
        ...environment,
        PATH: [join(engineFolder(), "bin"), environment.PATH].join(delimiter),
        // Another program's notes on types are not believed.
        TS_NODE_CACHE: "false",
        PYTHONPATH: join(sdk, "python"),
        PYTHONDONTWRITEBYTECODE: "1",
    };
    const folderOf = (language: string) => join(folder, "docs/provider", language);
    return {
        hubId,
        sdk,
        pulumiHome: stack.pulumiHome,
        folderOf,
        run: async (language, file, ...args) => {
            try {
                const options = { cwd: folderOf(language), env, maxBuffer: 64 * 1024 * 1024 };
                return (await run(file, args, options)).stdout;
            } catch (error) {
                const { stdout = "", stderr = "", message } = error as Error & Record<string, string>;
                throw new Error([message, stdout, stderr].join("\n"));
            }
        },
        askHub: async (statement) => {
            const script = `
                const registry = require("azure-iothub").Registry.fromConnectionString(process.env.HUB);
                (async () => { ${statement} })().then((value) => console.log(JSON.stringify(value ?? null)));`;
            const options = { cwd: projectFolder, env: { ...env, HUB: connectionString } };
            return JSON.parse((await run(process.execPath, ["-e", script], options)).stdout);
        },
        remove: async () => {
            await azure.remove();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
