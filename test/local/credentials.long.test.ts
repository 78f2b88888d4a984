import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

// Every way to sign in, right and wrong, and clones that were not set up: each command ends well or names the fix.
let project: ProjectCopy;
let identities: Server;
/** Files of credentials, beside the project. */
let place: string;
const localSubscription = "00000000-0000-0000-0000-000000000000";
const another = "11111111-2222-3333-4444-555555555555";

/** A stack of few resources, two of which our own provider makes in the hub. */
const settings = {
    "azure-native:location": "westeurope",
    "edge-classifier:image": "registry.example/classifier:v1",
    "edge-classifier:check": "none",
};

beforeAll(async () => {
    project = await copyProject();
    document(await project.edge("local", "start", "--json"));
    place = mkdtempSync(join(tmpdir(), "credentials-"));
    const application = join(project.folder, ".local/stacks/local/azure/application");
    mkdirSync(application, { recursive: true });
    writeFileSync(join(application, "ours.secret"), "s3cret");
    selfSigned(place, "app");
    const part = (end: string) => readFileSync(join(place, `app.${end}`), "utf8");
    writeFileSync(join(application, "ours.pem"), part("crt"));
    writeFileSync(join(place, "both.pem"), part("crt") + part("key"));
    identities = await managedIdentities();
    await pulumi("stack init ways");
    writeStack({});
}, 120_000);
afterAll(async () => {
    identities?.close();
    await project?.remove();
    if (place) rmSync(place, { recursive: true });
});

function writeStack(more: Record<string, unknown>): void {
    const file = join(project.folder, "Pulumi.ways.yaml");
    const salt = /^encryptionsalt: .*$/m.exec(readFileSync(file, "utf8"))?.[0] ?? "";
    writeFileSync(file, `${salt}\n${stringify({ config: { ...settings, ...more } })}`);
}

/** Hands out tokens of the local Entra as App Service does to what runs there, which is how the library asks first. */
async function managedIdentities(): Promise<Server> {
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

const withoutOidc = "unset ARM_USE_OIDC ARM_OIDC_TOKEN_FILE_PATH";
/** The ways that are open, each by what it changes in the environment of the local Azure. */
const ways: [string, () => string, string][] = [
    ["OpenID Connect", () => ":", "by OpenID Connect"],
    ["a client secret", () => `${withoutOidc}; export ARM_CLIENT_SECRET=s3cret`, "by a client secret"],
    [
        "a client certificate",
        () => `${withoutOidc}; export ARM_CLIENT_CERTIFICATE_PATH='${join(place, "both.pem")}'`,
        "by a client certificate",
    ],
    [
        "a managed identity",
        () =>
            `${withoutOidc}; export ARM_USE_MSI=true IDENTITY_HEADER=x ` +
            `IDENTITY_ENDPOINT=http://127.0.0.1:${(identities.address() as AddressInfo).port}/token`,
        "by the machine's managed identity",
    ],
];

const inEnvironment = (change: string, command: string, env?: NodeJS.ProcessEnv) =>
    project.shell(inLocalEnvironment(`${change}; ${command}`), env);
const tried = (command: string, change = ":") =>
    inEnvironment(
        change,
        `pulumi ${command} -s ways --non-interactive`.replace("init ways -s ways", "init ways"),
    );

async function pulumi(command: string, change?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await tried(command, change);
    if (exitCode !== 0) throw new Error(`pulumi ${command}\n${stdout}\n${stderr}`);
    return stdout;
}

interface Found {
    readonly name: string;
    readonly state: string;
    readonly found: string;
    readonly fix?: string;
}

async function doctor(change = ":", folder = project.folder): Promise<Record<string, Found>> {
    const command = `cd '${folder}'; node --require tsx/cjs cli/edge.ts doctor --stack ways --json || true`;
    const { stdout } = await inEnvironment(change, command);
    const { findings } = JSON.parse(stdout) as { findings: Found[] };
    return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe("a stack is brought up, previewed, refreshed and destroyed", () => {
    test.each(ways)(
        "by %s, which doctor names with tenant, subscription and cloud",
        async (_, change, method) => {
            expect(await pulumi("up --yes --skip-preview", change())).toMatch(/\d+ created/);
            await pulumi("preview --expect-no-changes", change());
            await pulumi("refresh --yes --skip-preview --expect-no-changes", change());
            const { login, subscription } = await doctor(change());
            expect(login).toMatchObject({
                state: "good",
                found: expect.stringMatching(
                    `^${method}: subscription ${localSubscription}.*, at https://localhost:`,
                ),
            });
            expect(subscription).toMatchObject({ state: "good", found: "Local Azure" });
            await pulumi("destroy --yes --skip-preview", change());
        },
        180_000,
    );

    test("by a client secret of the stack's configuration, which doctor cannot read and says so", async () => {
        const none = `${withoutOidc}; unset ARM_TENANT_ID ARM_CLIENT_ID ARM_SUBSCRIPTION_ID ARM_METADATA_HOSTNAME`;
        const { stdout } = await inEnvironment(":", "echo $ARM_METADATA_HOSTNAME");
        writeStack({
            "azure-native:tenantId": "00000000-0000-0000-0000-000000000001",
            "azure-native:clientId": "00000000-0000-0000-0000-000000000002",
            "azure-native:subscriptionId": localSubscription,
            "azure-native:metadataHost": stdout.trim(),
        });
        await pulumi("config set --secret azure-native:clientSecret s3cret", none);
        await pulumi("up --yes --skip-preview", none);
        await pulumi("refresh --yes --skip-preview --expect-no-changes", none);
        expect((await doctor(none)).login).toMatchObject({
            state: "warning",
            found: expect.stringContaining("clientSecret in Pulumi.ways.yaml is encrypted"),
            fix: expect.stringContaining("ARM_CLIENT_SECRET"),
        });
        expect((await doctor(`${none}; export ARM_CLIENT_SECRET=s3cret`)).login).toMatchObject({
            state: "good",
        });
        await pulumi("destroy --yes --skip-preview", none);
        writeStack({});
    }, 180_000);
});

describe("with an account that is wrong, each command names the fix, and the right one goes on:", () => {
    // What a destroy could reach without Azure's resource manager is gone, and made again.
    beforeEach(() => pulumi("up --yes --skip-preview"), 120_000);

    const wrong: [string, string, RegExp, RegExp][] = [
        [
            "another tenant",
            `export ARM_TENANT_ID=${another}`,
            /by OpenID Connect, found: no tenant "1111\S*" there, or no answer\. Set azure-native:tenantId/,
            /no tenant "1111/,
        ],
        [
            "another subscription",
            `export ARM_SUBSCRIPTION_ID=${another}`,
            /ARM_SUBSCRIPTION_ID/,
            /SubscriptionNotFound/,
        ],
        [
            "a secret that has ended",
            `${withoutOidc}; export ARM_CLIENT_SECRET=former`,
            /by a client secret, found: AADSTS7000215: .* Compare tenantId, clientId and the secret's end/,
            /AADSTS7000215/,
        ],
        [
            "no application",
            "unset ARM_CLIENT_ID",
            /Expected clientId, to sign in by OpenID Connect, found none\. Set azure-native:clientId/,
            /Expected clientId/,
        ],
        [
            "nobody at the Azure CLI",
            withoutOidc,
            /Expected somebody to be signed in at the Azure CLI, found: .* Sign in with: az login/,
            /signed in at the Azure CLI/,
        ],
    ];
    test.each(wrong)(
        "%s",
        async (_, change, sentence, found) => {
            const ends = await each(
                ["preview", "refresh --yes --skip-preview", "destroy --yes --skip-preview"],
                change,
            );
            for (const { exitCode, stdout, stderr } of ends)
                if (exitCode !== 0) expect(stdout + stderr).toMatch(sentence);
            // A preview asks for nothing; the others cannot do without an account.
            expect(ends.slice(1).map(({ exitCode }) => exitCode === 0)).toEqual([false, false]);
            const { login, subscription } = await doctor(change);
            const bad = login?.state === "failed" ? login : subscription;
            expect(bad).toMatchObject({ state: "failed", found: expect.stringMatching(found) });
            expect(bad?.fix).toMatch(/access\.md|azure-native:subscriptionId/);
        },
        180_000,
    );

    test("a hub of another subscription is refused before anything is made, and doctor says so", async () => {
        const hubId = `/subscriptions/${another}/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h`;
        writeStack({ "edge-classifier:hubId": hubId });
        const { exitCode, stdout, stderr } = await tried("up --yes --skip-preview");
        expect(exitCode).not.toBe(0);
        expect(stdout + stderr).toContain(
            `Expected config \`hubId\` to be of the stack's subscription ${localSubscription}, found ${another}.`,
        );
        expect((await doctor()).hubId).toMatchObject({
            state: "failed",
            found: expect.stringContaining(another),
        });
        writeStack({ "edge-classifier:resourceGroup": "nowhere" });
        const missing = await tried("up --yes --skip-preview");
        expect(missing.stdout + missing.stderr).toMatch(
            /Expected config `resourceGroup` to name a resource group that exists, found "nowhere" and: .*ResourceGroupNotFound.* az group create --name nowhere/,
        );
        expect((await doctor()).resourceGroup).toMatchObject({ state: "failed" });
        writeStack({});
        await pulumi("preview --expect-no-changes");
    }, 180_000);
});

describe("a clone that was not set up", () => {
    let clone: string;
    beforeAll(async () => {
        await pulumi("up --yes --skip-preview");
        clone = mkdtempSync(join(tmpdir(), "bare clone "));
        const ignored = /\/(node_modules|dist|\.local)$/;
        cpSync(project.folder, clone, { recursive: true, filter: (source) => !ignored.test(source) });
    }, 120_000);
    afterAll(() => rmSync(clone, { recursive: true }));

    const inClone = (command: string) =>
        inEnvironment(`cd '${clone}'`, `pulumi ${command} -s ways --non-interactive`);
    const commands = ["preview", "up --yes --skip-preview", "refresh --yes --skip-preview", "destroy --yes"];

    test.each(commands)("and has no packages: %s says first how to get them", async (command) => {
        const { exitCode, stdout, stderr } = await inClone(command);
        expect(exitCode).not.toBe(0);
        expect(firstSentence(stdout + stderr)).toMatch(
            /Expected the packages of .*bare clone .* to be installed, found none\. Run there: npm run setup/,
        );
    });

    test("our own provider says so by itself, as a destroy with genuine plugins meets it", () => {
        const provider = join(clone, "infra/provider/pulumi-resource-iotedge");
        expect(() => execFileSync(provider, ["127.0.0.1:1"], { stdio: "pipe" })).toThrow(
            /Expected the packages of .*bare clone .* to be installed, found none\. Run there: npm ci \(or npm run setup/,
        );
    });

    describe("and has packages alone", () => {
        beforeAll(() => {
            // All but one, as after a pull that brought a dependency.
            execFileSync("cp", [
                "-rs",
                `${join(project.folder, "node_modules")}/`,
                join(clone, "node_modules"),
            ]);
            symlinkSync(
                join(project.folder, "classifier/node_modules"),
                join(clone, "classifier/node_modules"),
            );
        });

        test.each(commands.slice(0, 2))("%s says to compile, whatever else is missing", async (command) => {
            const { exitCode, stdout, stderr } = await inClone(command);
            expect(exitCode).not.toBe(0);
            expect(firstSentence(stdout + stderr)).toContain(
                "Expected classifier/dist to be compiled from the present sources, found nothing compiled. Compile it with: npm run setup",
            );
            expect((await doctor(":", clone)).project).toMatchObject({
                fix: "Compile it with: npm run setup",
            });
        });

        test("a preview says which package is missing or another, before it is looked for", async () => {
            rmSync(join(clone, "node_modules/zod"), { recursive: true });
            const { stdout, stderr } = await inClone("preview");
            expect(firstSentence(stdout + stderr)).toMatch(
                /Expected the packages of package-lock\.json to be installed, found others: zod \S+ \(not there\)\. Install them with: npm run setup/,
            );
        });
    });
});

/** The first thing that looks like an error, of all that a command printed. */
function firstSentence(printed: string): string {
    return printed.split("\n").find((line) => /Expected |Error: |Cannot find/.test(line)) ?? printed;
}

async function each(commands: string[], change: string): Promise<Finished[]> {
    const ends: Finished[] = [];
    for (const command of commands) ends.push(await tried(command, change));
    return ends;
}

describe("a machine without Docker, or with another Docker context", () => {
    test.todo("previews, refreshes and destroys what has no image of its own to build");
    test.todo("is told by doctor which socket the provider asks");
});
