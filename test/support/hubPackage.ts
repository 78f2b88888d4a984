import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectFolder } from "./localAzure";

/** The end of a call into the compiled hub package. */
export type Called = { readonly value: unknown; readonly error?: undefined } | { readonly error: string };

/**
 * Calls a function of the compiled hub package as the dynamic provider does: in a process of its own, which trusts the
 * hub's authority by NODE_EXTRA_CA_CERTS.
 */
export async function callHubPackage(
    caFile: string,
    subpath: string,
    name: string,
    ...args: unknown[]
): Promise<Called> {
    return callHubPackageIn({ ...process.env, NODE_EXTRA_CA_CERTS: caFile }, subpath, name, ...args);
}

/** Calls it in an environment that also says which cloud to sign in to. */
export async function callHubPackageIn(
    env: NodeJS.ProcessEnv,
    subpath: string,
    name: string,
    ...args: unknown[]
): Promise<Called> {
    return run(env, `require("edge-classifier-hub/" + subpath)[name](...args)`, [subpath, name, args]);
}

/** Asks a hub as the dynamic resources do. */
export async function askHub(caFile: string, connectionString: string, request: object): Promise<Called> {
    const ask = `require("edge-classifier-hub/hubClient").hubClient(subpath)(name)`;
    return run({ ...process.env, NODE_EXTRA_CA_CERTS: caFile }, ask, [connectionString, request]);
}

async function run(env: NodeJS.ProcessEnv, expression: string, given: unknown[]): Promise<Called> {
    const script = `
        const [subpath, name, args] = JSON.parse(process.argv[1]);
        Promise.resolve(${expression}).then(
            (value) => console.log(JSON.stringify({ value })),
            (error) => console.log(JSON.stringify({ error: error.message })),
        );`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, JSON.stringify(given)], {
        cwd: projectFolder,
        env,
    });
    return JSON.parse(stdout) as Called;
}
