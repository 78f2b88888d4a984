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
export async function askHub<T>(project: ProjectCopy, hubId: string, call: OutsideCall): Promise<T> {
    const text = `
        const { azureAccount } = require("./infra/provider/azure/azureAccount");
        const { readAzureSettings } = require("./infra/provider/azure/azureSettings");
        const { iotHub } = require("./infra/provider/service/service");
        const { serviceClients } = require("./infra/provider/service/serviceClient");
        const open = serviceClients(azureAccount(readAzureSettings({}, process.env)), { connectionStrings: {} });
        return (await open(iotHub, { id: given.hubId })).call(given.call);`;
    return script(project, text, { hubId, call });
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
    interface WithPolicies {
        properties: { authorizationPolicies: { keyName: string; rights: string }[] };
    }
    const resource = await askAzure<WithPolicies>(project, { method: "GET", path: id });
    const key = (fill: number) => Buffer.alloc(32, fill).toString("base64");
    const authorizationPolicies = resource.properties.authorizationPolicies.map((policy, index) => ({
        ...policy,
        primaryKey: key(Date.now() % 200),
        secondaryKey: key(200 + index),
    }));
    const body = { ...resource, properties: { ...resource.properties, authorizationPolicies } };
    await askAzure(project, { method: "PUT", path: id, body });
}
