import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { open } from "lmdb";
import type { ProjectCopy } from "./projectCopy";

/** A secret and where it was found; tests print the place, never the value. */
export interface KnownSecret {
    readonly what: string;
    readonly value: string;
}

const secretName = /key|password|secret|token|connectionString/i;

/** Names like those of secrets, of what is none: a policy's rights and name, a machine's boot data. */
const notSecret = /\.(rights|keyName|customData)$/;

/** The commands of a project copy in the environment of its local stack `local`. */
export function inLocalEnvironment(command: string): string {
    return `eval "$(node --require tsx/cjs cli/edge.ts local env)" && ${command}`;
}

/**
 * Everything secret that exists in a project copy whose local stack is `local`: what the state of `stack` encrypts, the
 * passphrase, and every key in the local Azure's store.
 */
export async function knownSecrets(project: ProjectCopy, stack = "local"): Promise<KnownSecret[]> {
    const exported = await project.shell(
        inLocalEnvironment(`pulumi stack export -s ${stack} --show-secrets`),
    );
    const secrets: KnownSecret[] = [];
    // What is secret as a whole, such as an image's stored inputs, also holds values that are not.
    const collect = (what: string, value: unknown) => {
        if (typeof value === "string" && value.length >= 16) secrets.push({ what, value });
        else if (typeof value === "object" && value !== null) {
            for (const [key, inner] of Object.entries(value)) {
                if (typeof inner === "object" || secretName.test(key)) collect(`${what}.${key}`, inner);
            }
        }
    };
    const walk = (what: string, value: unknown) => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, inner] of Object.entries(value)) {
            if (key === "plaintext" && typeof inner === "string") collect(what, JSON.parse(inner));
            else walk(`${what}.${key}`, inner);
        }
    };
    walk("state", JSON.parse(exported.stdout));
    collect("passphrase", readFileSync(join(project.folder, ".local/stacks/local/passphrase"), "utf8"));
    for (const [key, value] of await storedSecrets(project)) collect(key, value);
    return secrets.filter(
        ({ value }, index) => secrets.findIndex((other) => other.value === value) === index,
    );
}

/** Every value in the local Azure's store whose name says that it is a key, a password, a token or a secret. */
async function storedSecrets(project: ProjectCopy): Promise<[string, string][]> {
    const store = open({
        path: join(project.folder, ".local/stacks/local/azure/store"),
        encoding: "json",
        readOnly: true,
    });
    const found: [string, string][] = [];
    const walk = (place: string, path: string, value: unknown) => {
        if (typeof value === "string" && secretName.test(path) && !notSecret.test(path)) {
            // Of a private key in PEM, the line in its middle is telling enough.
            found.push([place + path, value.startsWith("-----") ? (value.split("\n")[2] ?? "") : value]);
        } else if (typeof value === "object" && value !== null) {
            for (const [key, inner] of Object.entries(value)) walk(place, `${path}.${key}`, inner);
        }
    };
    for (const { key, value } of store.getRange()) {
        const [collection] = key as [string, string];
        // What ARM shows to everybody holds no secret; what it keeps apart is one whatever its name is.
        if (collection !== "arm-resources") {
            walk(String(key), collection === "arm-secrets" ? ".secret" : "", value);
        }
    }
    await store.close();
    return found;
}

/**
 * Where the secrets are in clear, of all places that a stack writes to: the place, and what was found there. `shown` is
 * what a preview with `--diff` printed, where the caller has one.
 */
export async function leaks(
    project: ProjectCopy,
    secrets: readonly KnownSecret[],
    stack = "local",
    shown?: string,
): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const [place, text] of Object.entries(await placesOf(project, stack, shown))) {
        if (text === "") throw new Error(`Nothing to look at in ${place}.`);
        // A secret may also be written in base64 once more, as customData is.
        const hits = secrets.filter(
            ({ value }) => text.includes(value) || text.includes(Buffer.from(value).toString("base64")),
        );
        if (hits.length > 0) found[place] = hits.map(({ what }) => what);
    }
    return found;
}

async function placesOf(
    project: ProjectCopy,
    stack: string,
    shown?: string,
): Promise<Record<string, string>> {
    const plan = join(project.folder, ".local/plan.json");
    const preview = await project.shell(
        inLocalEnvironment(`pulumi preview -s ${stack} --json --save-plan .local/plan.json`),
    );
    const diff = async () => {
        const { stdout, stderr } = await project.shell(
            inLocalEnvironment(`pulumi preview -s ${stack} --diff --non-interactive`),
        );
        return stdout + stderr;
    };
    const state = readFileSync(
        join(project.folder, `.local/stacks/local/state/.pulumi/stacks/edge-classifier/${stack}.json`),
        "utf8",
    );
    const status = await project.edge("local", "status", "--json");
    return {
        state,
        "customData in the state": `-${customDataOf(state)}`,
        "preview document": preview.stdout + preview.stderr,
        plan: readFileSync(plan, "utf8"),
        "preview for people": shown ?? (await diff()),
        logs: (await project.edge("local", "logs")).stdout,
        status: status.stdout,
        "process arguments": (
            await project.shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' || ps -axo args")
        ).stdout,
        configuration: readFileSync(join(project.folder, `Pulumi.${stack}.yaml`), "utf8"),
        "image layers": blobs(join(project.folder, ".local/stacks/local/azure")),
    };
}

/** The customData of every machine in a state, as cloud-init reads it. */
function customDataOf(state: string): string {
    const encoded = [...state.matchAll(/"customData":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, text = ""]) => text);
    return encoded.map((text) => Buffer.from(text, "base64").toString("utf8")).join("\n");
}

/** What the registries hold, unpacked: manifests, configurations and layers. */
function blobs(folder: string): string {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile() && /(^|\/)blobs(\/|$)/.test(entry.parentPath),
    );
    return files
        .map((file) => readFileSync(join(file.parentPath, file.name)))
        .map((content) => (content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content))
        .map((content) => content.toString("latin1"))
        .join("\n");
}
