import { ArmError, callArm } from "./armClient";

/** What the stack asks for: a password of this token. */
export interface RegistryTokenPasswordInputs {
    /** ARM's id of the token, `…/registries/NAME/tokens/NAME`. */
    tokenId: string;
    /** Counts the rotations; an odd number is password1, an even one password2. */
    rotation: number;
}

/** The inputs, and the password, which is a secret. */
export interface RegistryTokenPasswordOutputs extends RegistryTokenPasswordInputs {
    password: string;
}

/** The version that azure-native 3.28.0 makes the tokens with. */
const apiVersion = "2024-11-01-preview";

/** The part of a token that tells which of its passwords exist; their values are never shown again. */
interface Token {
    properties?: { credentials?: { passwords?: { name?: string }[] } };
}

interface Generated {
    passwords?: { name?: string; value?: string }[];
}

/** Another token needs another password; another rotation is an update. The same inputs keep the password. */
export async function diff(
    _id: string,
    olds: RegistryTokenPasswordOutputs,
    news: RegistryTokenPasswordInputs,
) {
    const replaces = olds.tokenId === news.tokenId ? [] : ["tokenId"];
    const changes = replaces.length > 0 || olds.rotation !== news.rotation;
    return { changes, replaces, deleteBeforeReplace: false };
}

/** Has the registry generate the password; it answers it this once. */
export async function create(inputs: RegistryTokenPasswordInputs) {
    return { id: inputs.tokenId, outs: await generate(inputs) };
}

/** Sees a registry, a token or a password that is gone: then an empty id tells the engine so. */
export async function read(id: string, props: RegistryTokenPasswordOutputs) {
    const token = await callArm<Token>({ method: "GET", path: props.tokenId, apiVersion }).catch((error) => {
        if (error instanceof ArmError && error.status === 404) return undefined;
        throw error;
    });
    const passwords = token?.properties?.credentials?.passwords ?? [];
    if (!passwords.some(({ name }) => name === passwordName(props))) return { id: "", props: {} };
    const { tokenId, rotation, password } = props;
    return { id, props: { tokenId, rotation, password }, inputs: { tokenId, rotation } };
}

/** Generates the other password. The one before stays valid until the next rotation, so nobody is cut off. */
export async function update(
    _id: string,
    _olds: RegistryTokenPasswordOutputs,
    news: RegistryTokenPasswordInputs,
) {
    return { outs: await generate(news) };
}

/** Leaves the password to its token, which goes right after it. Named `remove` because `delete` is a keyword. */
export async function remove(): Promise<void> {}

async function generate(inputs: RegistryTokenPasswordInputs): Promise<RegistryTokenPasswordOutputs> {
    const { tokenId, rotation } = inputs;
    const name = passwordName(inputs);
    const [, registryId] = /^(\/subscriptions\/.+\/registries\/[^/]+)\/tokens\/[^/]+$/i.exec(tokenId) ?? [];
    if (!registryId) {
        throw new Error(
            `Expected a token's id of the form …/registries/NAME/tokens/NAME, found "${tokenId}".`,
        );
    }
    const { passwords } = await callArm<Generated>({
        method: "POST",
        path: `${registryId}/generateCredentials`,
        apiVersion,
        body: { tokenId, name },
    });
    const password = passwords?.find((one) => one.name === name)?.value;
    if (password) return { tokenId, rotation, password };
    throw new Error(`Expected the registry to answer ${name} of ${tokenId}, found none. Repeat the command.`);
}

function passwordName({ rotation }: RegistryTokenPasswordInputs): "password1" | "password2" {
    return Number(rotation) % 2 === 1 ? "password1" : "password2";
}
