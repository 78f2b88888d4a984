import type { Finished } from "../support/projectCopy";
import { type AccountStack, accountStack } from "./accountStack";

// Every way to sign in, right and wrong: each command ends well or names the fix.
let stack: AccountStack;
beforeAll(async () => {
    stack = await accountStack();
}, 120_000);
afterAll(() => stack?.remove());

const localSubscription = "00000000-0000-0000-0000-000000000000";
const another = "11111111-2222-3333-4444-555555555555";

const withoutOidc = "unset ARM_USE_OIDC ARM_OIDC_TOKEN_FILE_PATH";
/** The ways that are open, each by what it changes in the environment of the local Azure. */
const ways: [string, () => string, string][] = [
    ["OpenID Connect", () => ":", "by OpenID Connect"],
    ["a client secret", () => `${withoutOidc}; export ARM_CLIENT_SECRET=s3cret`, "by a client secret"],
    [
        "a client certificate",
        () => `${withoutOidc}; export ARM_CLIENT_CERTIFICATE_PATH='${stack.certificate}'`,
        "by a client certificate",
    ],
    [
        "a managed identity",
        () =>
            `${withoutOidc}; export ARM_USE_MSI=true IDENTITY_HEADER=x ` +
            `IDENTITY_ENDPOINT=${stack.identityEndpoint}`,
        "by the machine's managed identity",
    ],
];

describe("a stack is brought up, previewed, refreshed and destroyed", () => {
    test.each(ways)(
        "by %s, which doctor names with tenant, subscription and cloud",
        async (_, change, method) => {
            expect(await stack.pulumi("up --yes --skip-preview", change())).toMatch(/\d+ created/);
            await stack.pulumi("preview --expect-no-changes", change());
            await stack.pulumi("refresh --yes --skip-preview --expect-no-changes", change());
            const { login, subscription } = await stack.doctor(change());
            expect(login).toMatchObject({
                state: "good",
                found: expect.stringMatching(
                    `^${method}: subscription ${localSubscription}.*, at https://localhost:`,
                ),
            });
            expect(subscription).toMatchObject({ state: "good", found: "Local Azure" });
            await stack.pulumi("destroy --yes --skip-preview", change());
        },
        180_000,
    );

    test("by a client secret of the stack's configuration, which doctor cannot read and says so", async () => {
        const none = `${withoutOidc}; unset ARM_TENANT_ID ARM_CLIENT_ID ARM_SUBSCRIPTION_ID ARM_METADATA_HOSTNAME`;
        const { stdout } = await stack.shell(":", "echo $ARM_METADATA_HOSTNAME");
        stack.configure({
            "azure-native:tenantId": "00000000-0000-0000-0000-000000000001",
            "azure-native:clientId": "00000000-0000-0000-0000-000000000002",
            "azure-native:subscriptionId": localSubscription,
            "azure-native:metadataHost": stdout.trim(),
        });
        await stack.pulumi("config set --secret azure-native:clientSecret s3cret", none);
        await stack.pulumi("up --yes --skip-preview", none);
        await stack.pulumi("refresh --yes --skip-preview --expect-no-changes", none);
        expect((await stack.doctor(none)).login).toMatchObject({
            state: "warning",
            found: expect.stringContaining("clientSecret in Pulumi.ways.yaml is encrypted"),
            fix: expect.stringContaining("ARM_CLIENT_SECRET"),
        });
        expect((await stack.doctor(`${none}; export ARM_CLIENT_SECRET=s3cret`)).login).toMatchObject({
            state: "good",
        });
        await stack.pulumi("destroy --yes --skip-preview", none);
        stack.configure({});
    }, 180_000);
});

describe("with an account that is wrong, each command names the fix, and the right one goes on:", () => {
    // What a destroy could reach without Azure's resource manager is gone, and made again.
    beforeEach(() => stack.pulumi("up --yes --skip-preview"), 120_000);

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
            const { login, subscription } = await stack.doctor(change);
            const bad = login?.state === "failed" ? login : subscription;
            expect(bad).toMatchObject({ state: "failed", found: expect.stringMatching(found) });
            expect(bad?.fix).toMatch(/access\.md|azure-native:subscriptionId/);
        },
        180_000,
    );

    test("a hub of another subscription is refused before anything is made, and doctor says so", async () => {
        const hubId = `/subscriptions/${another}/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h`;
        stack.configure({ "edge-classifier:hubId": hubId });
        const { exitCode, stdout, stderr } = await stack.tried("up --yes --skip-preview");
        expect(exitCode).not.toBe(0);
        expect(stdout + stderr).toContain(
            `Expected config \`hubId\` to be of the stack's subscription ${localSubscription}, found ${another}.`,
        );
        expect((await stack.doctor()).hubId).toMatchObject({
            state: "failed",
            found: expect.stringContaining(another),
        });
        stack.configure({ "edge-classifier:resourceGroup": "nowhere" });
        const missing = await stack.tried("up --yes --skip-preview");
        expect(missing.stdout + missing.stderr).toMatch(
            /Expected config `resourceGroup` to name a resource group that exists, found "nowhere" and: .*ResourceGroupNotFound.* az group create --name nowhere/,
        );
        expect((await stack.doctor()).resourceGroup).toMatchObject({ state: "failed" });
        stack.configure({});
        await stack.pulumi("preview --expect-no-changes");
    }, 180_000);
});

describe("a machine without Docker", () => {
    // Which sockets are asked, and which DOCKER_HOST another context needs: test/cli/doctor/dockerFinding.test.ts. Preview,
    // refresh and destroy: test/infra/imageWithoutDocker.engine.test.ts.
    test("is told by doctor what to do", async () => {
        stack.configure({ "edge-classifier:image": "" });
        const { docker } = await stack.doctor("export DOCKER_HOST=unix:///nowhere");
        expect(docker).toMatchObject({ state: "failed", fix: expect.stringContaining("Start Docker") });
        stack.configure({});
    });
});

async function each(commands: string[], change: string): Promise<Finished[]> {
    const ends: Finished[] = [];
    for (const command of commands) ends.push(await stack.tried(command, change));
    return ends;
}
