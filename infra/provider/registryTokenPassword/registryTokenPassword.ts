import type { z } from "zod";
import { defineResource, type Work } from "../resourceType";
import { found } from "../service/serviceError";
import { opensRegistry } from "./opensRegistry";
import { registryTokenPasswordSchema } from "./registryTokenPasswordSchema";

type Inputs = z.output<typeof registryTokenPasswordSchema.inputs>;
type Outputs = z.output<typeof registryTokenPasswordSchema.outputs>;

/** The version that azure-native 3.28.0 makes registries and tokens with. */
const apiVersion = "2024-11-01-preview";

/** The part of a token that tells which of its passwords exist; their values are never shown again. */
interface Token {
    properties?: { credentials?: { passwords?: { name?: string }[] } };
}

interface Registry {
    properties?: { loginServer?: string };
}

interface Generated {
    passwords?: { name?: string; value?: string }[];
}

export const registryTokenPassword = defineResource(registryTokenPasswordSchema, {
    create: generate,

    /** Sees a registry, a token or a password that is gone. */
    async read(named: Inputs, before: (Inputs & Outputs) | undefined, { account, say }: Work) {
        const { tokenId: path } = named;
        const token = await found(account.callArm<Token>({ method: "GET", path, apiVersion }));
        const passwords = token?.properties?.credentials?.passwords ?? [];
        if (!passwords.some(({ name }) => name === passwordName(named))) return undefined;
        if (!before) say("The registry does not show this password again; raise rotation to get one.");
        return { inputs: named, outputs: { password: before?.password ?? "" } };
    },

    /** Generates the other password. The one before stays valid until the next rotation, so nobody is cut off. */
    update: (_before: Inputs & Outputs, news: Inputs, work: Work) => generate(news, work),

    async delete() {},
});

/** Has the registry generate the password, which it answers this once, and waits until the password opens it. */
async function generate(inputs: Inputs, { account, say }: Work): Promise<Outputs> {
    const { tokenId } = inputs;
    const name = passwordName(inputs);
    const [, registryId = "", username = ""] = /^(.+)\/tokens\/([^/]+)$/i.exec(tokenId) ?? [];
    const { passwords } = await account.callArm<Generated>({
        method: "POST",
        path: `${registryId}/generateCredentials`,
        apiVersion,
        body: { tokenId, name },
    });
    const password = passwords?.find((one) => one.name === name)?.value;
    if (!password)
        throw new Error(
            `Expected the registry to answer ${name} of ${tokenId}, found none. Repeat the command.`,
        );
    const { properties } = await account.callArm<Registry>({ method: "GET", path: registryId, apiVersion });
    const loginServer = properties?.loginServer;
    // It is kept in any case: another one would have to be waited for anew.
    if (loginServer && !(await opensRegistry({ loginServer, username, password })))
        say(
            `Warning: expected ${loginServer} to know the new password of ${username} by now, found it refused.`,
        );
    return { password };
}

/** The slot that a rotation fills. */
function passwordName({ rotation }: Inputs): "password1" | "password2" {
    return rotation % 2 === 1 ? "password1" : "password2";
}
