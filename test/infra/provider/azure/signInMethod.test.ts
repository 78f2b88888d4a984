import { publicCloud } from "../../../../infra/provider/azure/azureCloud";
import type { AzureSettings } from "../../../../infra/provider/azure/azureSettings";
import { signInMethod } from "../../../../infra/provider/azure/signInMethod";

const ids = { tenantId: "a-tenant", clientId: "a-client" };

/** Every way with what asks for it, in azure-native's order. */
const ways: [string, AzureSettings][] = [
    ["the default chain of the Azure SDK", { useDefaultAzureCredential: true }],
    ["a client certificate", { clientCertificatePath: "/nowhere.pem" }],
    ["a client secret", { clientSecret: "a-secret" }],
    ["OpenID Connect", { useOidc: true, oidcToken: "an-id-token" }],
    ["the machine's managed identity", { useMsi: true }],
    ["the Azure CLI", {}],
];

describe("how one signs in", () => {
    const pairs = ways.flatMap(([title, first], index) =>
        ways.slice(index).map(([other, second]) => [title, other, { ...ids, ...second, ...first }] as const),
    );
    test.each(pairs)("is by %s where that and %s are configured", (title, _, settings) => {
        expect(signInMethod(settings).title).toBe(title);
    });

    test("is not by a token that nobody asked to use", () => {
        expect(signInMethod({ ...ids, oidcToken: "an-id-token" }).title).toBe("the Azure CLI");
        expect(signInMethod({ ...ids, useMsi: false, useOidc: false }).title).toBe("the Azure CLI");
    });

    test.each<[string, AzureSettings, string]>([
        ["a certificate without a tenant", { clientId: "c", clientCertificatePath: "/x.pem" }, "tenantId"],
        [
            "a certificate without an application",
            { tenantId: "t", clientCertificatePath: "/x.pem" },
            "clientId",
        ],
        ["a secret without a tenant", { clientId: "c", clientSecret: "s3cret" }, "tenantId"],
        ["a secret without an application", { tenantId: "t", clientSecret: "s3cret" }, "clientId"],
        [
            "OpenID Connect without a tenant",
            { clientId: "c", useOidc: true, oidcToken: "s3cret" },
            "tenantId",
        ],
        [
            "OpenID Connect without an application",
            { tenantId: "t", useOidc: true, oidcToken: "s3cret" },
            "clientId",
        ],
        ["OpenID Connect without a token", { ...ids, useOidc: true }, "oidcTokenFilePath"],
        [
            "OpenID Connect with a URL and nothing to show there",
            { ...ids, useOidc: true, oidcRequestUrl: "https://x" },
            "oidcRequestToken",
        ],
        [
            "OpenID Connect with nowhere to ask",
            { ...ids, useOidc: true, oidcRequestToken: "s3cret" },
            "oidcRequestUrl",
        ],
    ])("by %s fails with what to set, though another way is open", async (_, settings, missing) => {
        const open = { ...settings, useMsi: true };
        const failure = await Promise.resolve()
            .then(() => signInMethod(open).credential(open, publicCloud))
            .catch((error: Error) => error);
        expect(failure).toBeInstanceOf(Error);
        const { message } = failure as Error;
        expect(message).toMatch(/^Expected (tenantId|clientId|a token), to sign in by .* found /);
        expect(message).toContain(`Set azure-native:${missing} in the stack's configuration, or `);
        expect(message).not.toContain("s3cret");
    });
});
