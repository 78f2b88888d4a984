import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Registry } from "azure-iothub";
import { callManagement } from "../../../../local/arm/managementCall";
import { readEndpoints } from "../../../../local/endpoints";
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
    /** Microsoft's own client of the hub. */
    readonly registry: Registry;
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

    const folder = mkdtempSync(join(tmpdir(), "provider languages "));
    const sdk = join(projectFolder, "sdk");
    for (const name of ["infra", "sdk"]) symlinkSync(join(projectFolder, name), join(folder, name));
    mkdirSync(join(folder, "docs"));
    cpSync(join(projectFolder, "docs/provider"), join(folder, "docs/provider"), { recursive: true });
    preparePulumiHome(stack.pulumiHome, projectFolder);
    const env = {
        ...azure.environment,
        PATH: [join(engineFolder(), "bin"), azure.environment.PATH].join(delimiter),
        PYTHONPATH: "packages",
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
        registry: registryClient(
            hub.properties.hostName,
            owner.primaryKey,
            readEndpoints(stack.azure).caFile,
        ),
        remove: async () => {
            await azure.remove();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** The client has no option for a port: its connection string names the bare host, and its agent the port. */
function registryClient(hostName: string, key: string, caFile: string): Registry {
    const [host, port] = hostName.split(":");
    const agent = Object.assign(new Agent({ ca: readFileSync(caFile) }), { defaultPort: Number(port) });
    const registry = Registry.fromConnectionString(
        `HostName=${host};SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`,
    );
    const { _restApiClient } = registry as unknown as { _restApiClient: { setOptions(to: object): void } };
    _restApiClient.setOptions({ http: { agent } });
    return registry;
}
