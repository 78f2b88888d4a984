import type { TokenCredential } from "@azure/identity";
import type { AzureCloud } from "./azureCloud";
import { type AzureSettings, howToSet } from "./azureSettings";
import { readClientCertificate } from "./clientCertificate";
import { oidcAssertion } from "./oidcAssertion";

/** One way to sign in. */
export interface SignInMethod {
    /** As it stands in a sentence after "by". */
    readonly title: string;
    /** What to do where Azure refuses it. */
    readonly advice: string;
    credential(settings: AzureSettings, cloud: AzureCloud): TokenCredential | Promise<TokenCredential>;
}

/** Where Entra's own instance discovery answers for the authority; any other is of a private cloud. */
const discoverable = [
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.chinacloudapi.cn",
    "https://login.partner.microsoftonline.cn",
];

const defaultChain: SignInMethod = {
    title: "the default chain of the Azure SDK",
    advice: "Sign in with: az login",
    credential(settings, cloud) {
        const { tenantId } = settings;
        return new (identity().DefaultAzureCredential)({ tenantId, ...authority(settings, cloud) });
    },
};

const clientCertificate: SignInMethod = {
    title: "a client certificate",
    advice: "Compare tenantId, clientId and the certificate with the application's in Entra.",
    async credential(settings, cloud) {
        const [tenantId, clientId] = application(settings, this.title);
        const { clientCertificatePath = "", clientCertificatePassword } = settings;
        const certificate = await readClientCertificate(clientCertificatePath, clientCertificatePassword);
        const { ClientCertificateCredential } = identity();
        return new ClientCertificateCredential(tenantId, clientId, certificate, authority(settings, cloud));
    },
};

const clientSecret: SignInMethod = {
    title: "a client secret",
    advice: "Compare tenantId, clientId and the secret's end with the application's in Entra.",
    credential(settings, cloud) {
        const [tenantId, clientId] = application(settings, this.title);
        const { ClientSecretCredential } = identity();
        const { clientSecret: secret = "" } = settings;
        return new ClientSecretCredential(tenantId, clientId, secret, authority(settings, cloud));
    },
};

const oidc: SignInMethod = {
    title: "OpenID Connect",
    advice: "Compare issuer and subject of the token with the application's federated credentials in Entra.",
    credential(settings, cloud) {
        const [tenantId, clientId] = application(settings, this.title);
        const assertion = oidcAssertion(settings);
        if (!assertion) throw withoutToken(settings);
        const { ClientAssertionCredential } = identity();
        return new ClientAssertionCredential(tenantId, clientId, assertion, authority(settings, cloud));
    },
};

const managedIdentity: SignInMethod = {
    title: "the machine's managed identity",
    advice: "Check that the machine has one, and that clientId names it where it is a user-assigned one.",
    credential: ({ clientId }) => new (identity().ManagedIdentityCredential)({ clientId }),
};

/** The way of whoever configures nothing. */
export const azureCli: SignInMethod = {
    title: "the Azure CLI",
    advice: "Sign in with: az login",
    credential({ tenantId, subscriptionId: subscription }) {
        // `az account get-access-token` refuses both at once; a subscription has one tenant (azure-cli issue 32755).
        return new (identity().AzureCliCredential)(subscription ? { subscription } : { tenantId });
    },
};

/**
 * How the settings say to sign in, in azure-native's order (`newSingleMethodAuthCredential` in its auth_azidentity.go).
 * What is configured and incomplete fails with a sentence when its credential is made; no other way is tried.
 */
export function signInMethod(settings: AzureSettings): SignInMethod {
    if (settings.useDefaultAzureCredential) return defaultChain;
    if (settings.clientCertificatePath) return clientCertificate;
    if (settings.clientSecret) return clientSecret;
    if (settings.useOidc) return oidc;
    if (settings.useMsi) return managedIdentity;
    return azureCli;
}

/** Loaded when it is needed, so that whoever works with keys does not wait for it. */
function identity(): typeof import("@azure/identity") {
    return require("@azure/identity");
}

function authority({ disableInstanceDiscovery = false }: AzureSettings, { authorityHost }: AzureCloud) {
    const isPrivate = !discoverable.includes(authorityHost);
    return { authorityHost, disableInstanceDiscovery: disableInstanceDiscovery || isPrivate };
}

/** Tenant and application; throws a sentence where one is missing. */
function application(settings: AzureSettings, title: string): [tenantId: string, clientId: string] {
    const required = (name: "tenantId" | "clientId") => {
        const value = settings[name];
        if (value) return value;
        throw new Error(`Expected ${name}, to sign in by ${title}, found none. ${howToSet(name)}`);
    };
    return [required("tenantId"), required("clientId")];
}

function withoutToken({ oidcRequestUrl, oidcRequestToken }: AzureSettings): Error {
    const needed = "Expected a token, to sign in by OpenID Connect, found";
    if (oidcRequestUrl)
        return new Error(
            `${needed} a URL to ask for it and nothing to show. ${howToSet("oidcRequestToken")}`,
        );
    if (oidcRequestToken) return new Error(`${needed} nowhere to ask for it. ${howToSet("oidcRequestUrl")}`);
    return new Error(
        `${needed} none. ${howToSet("oidcTokenFilePath")} In a job of GitHub Actions, give it the permission id-token: write.`,
    );
}
