import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stringify } from "yaml";
import { selfSigned } from "../infra/provider/azure/selfSigned";
import { inLocalEnvironment } from "../support/knownSecrets";
import { copyProject, document, type Finished, type ProjectCopy } from "../support/projectCopy";

/** A finding of `edge doctor`. */
export interface Found {
    readonly name: string;
    readonly state: string;
    readonly found: string;
    readonly fix?: string;
}

/** A stack of few resources, two of which our own provider makes in the hub, for whom one may be in many ways. */
export interface AccountStack {
    readonly project: ProjectCopy;
    /** A certificate with its key that the local Entra knows. */
    readonly certificate: string;
    /** Where a managed identity's tokens are handed out. */
    readonly identityEndpoint: string;
    /** Writes the stack's configuration: the usual one and this. */
    configure(more: Record<string, unknown>): void;
    /** Runs a command line in the local Azure's environment after a change of that. */
    shell(change: string, command: string): Promise<Finished>;
    /** A command of Pulumi's on the stack, however it ends. */
    tried(command: string, change?: string): Promise<Finished>;
    /** One that must end well. */
    pulumi(command: string, change?: string): Promise<string>;
    /** What doctor finds, by name. */
    doctor(change?: string, folder?: string): Promise<Record<string, Found>>;
    remove(): Promise<void>;
}

const settings = {
    "azure-native:location": "westeurope",
    "edge-classifier:image": "registry.example/classifier:v1",
    "edge-classifier:check": "none",
};

export async function accountStack(): Promise<AccountStack> {
    const project = await copyProject();
    document(await project.edge("local", "start", "--json"));
    const place = mkdtempSync(join(tmpdir(), "credentials-"));
    const application = join(project.folder, ".local/stacks/local/azure/application");
    mkdirSync(application, { recursive: true });
    writeFileSync(join(application, "ours.secret"), "s3cret");
    selfSigned(place, "app");
    const part = (end: string) => readFileSync(join(place, `app.${end}`), "utf8");
    writeFileSync(join(application, "ours.pem"), part("crt"));
    const certificate = join(place, "both.pem");
    writeFileSync(certificate, part("crt") + part("key"));
    const identities = await managedIdentities(project);

    const stack: AccountStack = {
        project,
        certificate,
        identityEndpoint: `http://127.0.0.1:${(identities.address() as AddressInfo).port}/token`,
        configure(more) {
            const file = join(project.folder, "Pulumi.ways.yaml");
            const salt = /^encryptionsalt: .*$/m.exec(readFileSync(file, "utf8"))?.[0] ?? "";
            writeFileSync(file, `${salt}\n${stringify({ config: { ...settings, ...more } })}`);
        },
        shell: (change, command) => project.shell(inLocalEnvironment(`${change}; ${command}`)),
        tried: (command, change = ":") => stack.shell(change, `pulumi ${command} -s ways --non-interactive`),
        async pulumi(command, change) {
            const { exitCode, stdout, stderr } = await stack.tried(command, change);
            if (exitCode !== 0) throw new Error(`pulumi ${command}\n${stdout}\n${stderr}`);
            return stdout;
        },
        async doctor(change = ":", folder = project.folder) {
            const command = `cd '${folder}'; node --require tsx/cjs cli/edge.ts doctor --stack ways --json || true`;
            const { stdout } = await stack.shell(change, command);
            const { findings } = JSON.parse(stdout) as { findings: Found[] };
            return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
        },
        async remove() {
            identities.close();
            await project.remove();
            rmSync(place, { recursive: true });
        },
    };
    await project.shell(inLocalEnvironment("pulumi stack init ways --non-interactive"));
    stack.configure({});
    return stack;
}

/** Hands out tokens of the local Entra as App Service does to what runs there, which is how the library asks first. */
async function managedIdentities(project: ProjectCopy): Promise<Server> {
    const folder = join(project.folder, ".local/stacks/local/azure");
    const { managementUrl } = JSON.parse(readFileSync(join(folder, "endpoints.json"), "utf8"));
    const server = createServer(async (asked, response) => {
        const resource = new URL(asked.url ?? "/", "http://localhost").searchParams.get("resource");
        const form = new URLSearchParams({
            grant_type: "client_credentials",
            client_id: "00000000-0000-0000-0000-000000000002",
            scope: `${resource}/.default`,
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: readFileSync(join(folder, "federated-token"), "utf8"),
        });
        const url = `${managementUrl}/00000000-0000-0000-0000-000000000001/oauth2/v2.0/token`;
        const ca = readFileSync(join(folder, "ca.pem"));
        const outgoing = request(url, { method: "POST", ca }, async (answer) => {
            const { access_token, expires_in } = JSON.parse(await text(answer));
            const expires_on = Math.floor(Date.now() / 1000) + expires_in;
            response.writeHead(200, { "Content-Type": "application/json" });
            response.end(JSON.stringify({ access_token, expires_on, resource, token_type: "Bearer" }));
        });
        outgoing.end(form.toString());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
}
