import type { ProjectCopy } from "./projectCopy";

/** One request to a hub's data plane, or to Azure's resource manager. */
export interface OutsideCall {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly ifMatch?: string;
}

/** Runs a script in the environment of the copy's local stack and parses what it prints. */
async function script<T>(project: ProjectCopy, text: string, given: unknown): Promise<T> {
    const command = `eval "$(node --require tsx/cjs cli/edge.ts local env)" && node --require tsx/cjs -e "$SCRIPT"`;
    const { stdout, stderr, exitCode } = await project.shell(command, {
        ...process.env,
        SCRIPT: `const given = JSON.parse(process.env.GIVEN);
            (async () => { ${text} })().then(
                (value) => console.log(JSON.stringify(value ?? null)),
                (error) => { console.error(error); process.exit(1); });`,
        GIVEN: JSON.stringify(given),
    });
    if (exitCode !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
}

/** Asks a hub of the copy's local stack, as somebody who is no stack and has the role to. */
export function askHub<T>(project: ProjectCopy, hubId: string, call: OutsideCall): Promise<T> {
    return askService(project, "iotHub", hubId, call);
}

/** Asks a provisioning service of the copy's local stack in the same way. */
export function askProvisioning<T>(project: ProjectCopy, serviceId: string, call: OutsideCall): Promise<T> {
    return askService(project, "provisioningService", serviceId, call);
}

async function askService<T>(
    project: ProjectCopy,
    kind: "iotHub" | "provisioningService",
    id: string,
    call: OutsideCall,
): Promise<T> {
    const text = `
        const { azureAccount } = require("./infra/provider/azure/azureAccount");
        const { readAzureSettings } = require("./infra/provider/azure/azureSettings");
        const services = require("./infra/provider/service/service");
        const { serviceClients } = require("./infra/provider/service/serviceClient");
        const open = serviceClients(azureAccount(readAzureSettings({}, process.env)), { connectionStrings: {} });
        return (await open(services[given.kind], { id: given.id })).call(given.call);`;
    return script(project, text, { kind, id, call });
}

/** Asks the management endpoint of the copy's local stack. */
export async function askAzure<T>(project: ProjectCopy, { method, path, body }: OutsideCall): Promise<T> {
    const text = `
        const { callManagement } = require("./local/arm/managementCall");
        return callManagement(process.env.EDGE_LOCAL_AZURE, given.method, given.path, given.body);`;
    return script(project, text, { method, path, body });
}

/** Gives every policy of a hub or a provisioning service new keys, as its owner may at any time. */
export async function rotateKeys(project: ProjectCopy, id: string): Promise<void> {
    const { value } = await askAzure<{ value: { keyName: string; rights: string }[] }>(project, {
        method: "POST",
        path: `${id}/listkeys`,
    });
    const resource = await askAzure<{ properties: object }>(project, { method: "GET", path: id });
    // A policy that is sent without keys gets new ones.
    const authorizationPolicies = value.map(({ keyName, rights }) => ({ keyName, rights }));
    const body = { ...resource, properties: { ...resource.properties, authorizationPolicies } };
    await askAzure(project, { method: "PUT", path: id, body });
}
