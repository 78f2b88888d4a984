import { loginFindings, type StackLogin, unreadSettings } from "../../../cli/doctor/loginFindings";
import type { StackFile } from "../../../cli/stackFile";
import type { DeployingAccount } from "../../../infra/provider/azure/azureAccount";
import { publicCloud } from "../../../infra/provider/azure/azureCloud";

const stackFile: StackFile = {
    file: "Pulumi.dev.yaml",
    azure: {},
    azureSecrets: [],
    docker: new Map(),
    hasEnvironments: false,
    texts: new Map(),
    secrets: new Set(),
};
const identity = {
    method: "a client secret",
    subscriptionId: "a-subscription",
    tenantId: "a-tenant",
    cloud: publicCloud,
};
const signedOut = async () => Promise.reject(new Error("Expected somebody, found nobody. Sign in."));
const findings = (account: Partial<DeployingAccount>, change: Partial<StackLogin> = {}) =>
    loginFindings({ settings: {}, account: account as DeployingAccount, unread: [], stackFile, ...change });

test("a login is told by its method, subscription, tenant and cloud", async () => {
    expect(await findings({ identity: async () => identity })).toEqual({
        findings: [
            {
                name: "login",
                state: "good",
                found: "by a client secret: subscription a-subscription, tenant a-tenant, at https://management.azure.com",
            },
        ],
        identity,
    });
});

test("where nobody is signed in, that is said with the way out", async () => {
    expect(await findings({ identity: signedOut })).toEqual({
        findings: [
            {
                name: "login",
                state: "failed",
                found: "Expected somebody, found nobody. Sign in.",
                fix: "See docs/access.md",
            },
        ],
    });
});

test("environments of Pulumi ESC may bring what is missing", async () => {
    const { findings: found } = await findings(
        { identity: signedOut },
        { stackFile: { ...stackFile, hasEnvironments: true } },
    );
    expect(found).toEqual([
        expect.objectContaining({
            state: "warning",
            fix: expect.stringContaining("pulumi env run ENVIRONMENT -- "),
        }),
    ]);
});

test("what is encrypted in the stack's file is said not to be known, and nobody is asked", async () => {
    const identity = jest.fn();
    const found = await findings(
        { identity },
        { settings: { tenantId: "t", clientId: "c" }, unread: ["clientSecret"] },
    );
    expect(found).toEqual({
        findings: [
            {
                name: "login",
                state: "warning",
                found: "by a client secret; clientSecret in Pulumi.dev.yaml is encrypted, so Azure was not asked",
                fix: "Have it asked with ARM_CLIENT_SECRET set for this command",
            },
        ],
    });
    expect(identity).not.toHaveBeenCalled();
});

test("a variable stands in for what is encrypted, and what is not for signing in does not matter", () => {
    const names = ["clientSecret", "oidcToken", "location"];
    expect(unreadSettings(names, {})).toEqual(["clientSecret", "oidcToken"]);
    expect(unreadSettings(names, { ARM_CLIENT_SECRET: "s3cret" })).toEqual(["oidcToken"]);
});
