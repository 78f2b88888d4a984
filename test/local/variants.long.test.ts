import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../support/freePort";
import { inLocalEnvironment, knownSecrets, leaks } from "../support/knownSecrets";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

// Every kind of stack, by plain Pulumi on one local Azure: it comes up, shows no change, keeps its secrets, and goes.
let project: ProjectCopy;
/** The stack whose hub, registry and image others use. */
let base: { hubHostName: string; image: string; hubId: string; registryId: string; group: string };

const sshPublicKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl you@laptop";

beforeAll(async () => {
    project = await copyProject();
    const { outputs } = document<{ outputs: { hubHostName: string; image: string } }>(
        await project.edge("local", "up", "--json"),
    );
    const state = readFileSync(
        join(project.folder, ".local/stacks/local/state/.pulumi/stacks/edge-classifier/local.json"),
        "utf8",
    );
    const resources: { type: string; id: string }[] = JSON.parse(state).checkpoint.latest.resources;
    const idOf = (type: string) => resources.find((one) => one.type === type)?.id ?? "";
    base = {
        ...outputs,
        hubId: idOf("azure-native:iothub:IotHubResource"),
        registryId: idOf("azure-native:containerregistry:Registry"),
        group: idOf("azure-native:resources:ResourceGroup").split("/").at(-1) ?? "",
    };
}, 120_000);
afterAll(() => project?.remove());

/** A self-signed certificate of a device and its private key, PEM. */
function selfSigned(deviceId: string): { certificate: string; privateKey: string } {
    const key = join(project.folder, "device-key.pem");
    const certificate = execFileSync(
        "openssl",
        [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
        ].concat(["-subj", `/CN=${deviceId}`, "-keyout", key]),
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    return { certificate, privateKey: readFileSync(key, "utf8") };
}

type Settings = Record<string, unknown>;
const tags = { team: "fruit", "cost-center": "42" };

/** The stacks, each by what it sets; a function where that is known only when the base stack is up. */
const noSecrets = (): Settings => ({});
const variants: [string, () => Settings, () => Settings][] = [
    ["with-vm", () => ({ edgeVm: true, sshPublicKey, shutdownTime: "19:00", check: "reported" }), noSecrets],
    [
        "dps-one",
        () => ({ provisioning: "dps-individual", deviceId: "dps-one", check: "reported" }),
        noSecrets,
    ],
    [
        "dps-group",
        () => ({
            provisioning: "dps-group",
            deviceId: "dps-group",
            edgeVm: true,
            sshPublicKey,
            check: "reported",
        }),
        noSecrets,
    ],
    [
        "x509",
        () => ({ deviceAuth: "x509", deviceCertificate: selfSigned("edge-device").certificate }),
        noSecrets,
    ],
    [
        "x509-vm",
        () => ({
            deviceAuth: "x509",
            edgeVm: true,
            sshPublicKey,
            deviceCertificate: selfSigned("edge-device").certificate,
        }),
        () => ({ devicePrivateKey: readFileSync(join(project.folder, "device-key.pem"), "utf8") }),
    ],
    ["entra", () => ({ hubAuth: "entra", check: "reported" }), noSecrets],
    ["tags", () => ({ deviceTags: { site: "greenhouse" }, deviceStatus: "disabled" }), noSecrets],
    [
        "group",
        () => ({
            resourceGroup: base.group,
            tags,
            edgeVm: true,
            sshPublicKey,
            provisioning: "dps-individual",
        }),
        noSecrets,
    ],
    [
        "existing",
        () => ({
            hubId: base.hubId,
            hubPolicy: "iothubowner",
            registryId: base.registryId,
            deviceId: "second",
            check: "reported",
        }),
        noSecrets,
    ],
    [
        "prebuilt",
        () => ({
            image: base.image,
            registryId: base.registryId,
            hubId: base.hubId,
            hubPolicy: "iothubowner",
            deviceId: "third",
        }),
        noSecrets,
    ],
    [
        "undeployed",
        () => ({ deploy: false, hubId: base.hubId, hubPolicy: "iothubowner", deviceId: "fourth" }),
        noSecrets,
    ],
];

test.each(variants)(
    "the stack %s comes up, shows no change, keeps its secrets, and goes",
    async (stack, settings, secrets) => {
        const config = {
            "azure-native:location": "westeurope",
            "edge-classifier:check": "none",
            "edge-classifier:hostPort": await freePort(),
            ...namespaced(settings()),
        };
        const file = join(project.folder, `Pulumi.${stack}.yaml`);
        const run = async (command: string) => {
            const { exitCode, stdout, stderr } = await project.shell(inLocalEnvironment(command));
            if (exitCode !== 0) throw new Error(`${command}\n${stdout}\n${stderr}`);
            return stdout;
        };
        await run(`pulumi stack init ${stack}`);
        const salt = readFileSync(file, "utf8");
        writeFileSync(file, `${salt}${stringify({ config })}`);
        for (const [key, value] of Object.entries(secrets())) {
            writeFileSync(join(project.folder, "secret"), String(value));
            await run(`pulumi config set -s ${stack} --secret ${key} < secret`);
        }
        expect(await run(`pulumi preview -s ${stack} --non-interactive`)).toMatch(/\d+ to create/);
        await run(`pulumi up -s ${stack} --yes --skip-preview --non-interactive`);
        await run(`pulumi preview -s ${stack} --expect-no-changes --non-interactive`);
        if (stack === "group") expect(tagsOf(await run(`pulumi stack export -s ${stack}`))).toEqual([tags]);
        expect(await leaks(project, await knownSecrets(project, stack), stack)).toEqual({});
        await run(`pulumi refresh -s ${stack} --yes --skip-preview --non-interactive --expect-no-changes`);
        await run(`pulumi destroy -s ${stack} --yes --skip-preview --non-interactive`);
        await run(`pulumi stack rm -s ${stack} --yes`);
    },
    480_000,
);

test("a group that a stack uses and did not make is there when it is gone, with what others have in it", async () => {
    const { exitCode, stdout } = await project.shell(
        inLocalEnvironment(
            "pulumi refresh -s local --yes --skip-preview --expect-no-changes --non-interactive",
        ),
    );
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/\d+ unchanged/)]);
});

/** The different tags that Azure answered for what is in a group. */
function tagsOf(state: string): unknown[] {
    const { resources } = JSON.parse(state).deployment as {
        resources: { type: string; outputs?: Settings }[];
    };
    const tagged = resources.filter(({ outputs }) => outputs?.tags !== undefined);
    expect(tagged.map(({ type }) => type)).toContain("azure-native:compute:VirtualMachine");
    return [...new Set(tagged.map(({ outputs }) => JSON.stringify(outputs?.tags)))].map((text) =>
        JSON.parse(text),
    );
}

function namespaced(settings: Settings): Settings {
    return Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]),
    );
}
