import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { projectFolder } from "../../../support/localAzure";
import {
    go,
    type Language,
    missingGo,
    missingPython,
    type Operate,
    python,
    typescript,
    yaml,
} from "./runtimes";
import { makeWorkplace, type Workplace } from "./workplace";

// The programs of docs/provider.md, each run as its language runs them, against one hub of a local Azure.
let workplace: Workplace | undefined;
let missing: string | undefined;
const commands = new Map<Language["name"], Promise<Operate>>();

beforeAll(async () => {
    missing = await missingGo();
    if (missing) return console.warn(`The provider's languages were not tried: ${missing}.`);
    const made = await makeWorkplace();
    workplace = made;
    // At once, for one waits for a compiler while another waits for a download.
    for (const language of [typescript, python, go, yaml])
        commands.set(language.name, language.prepare(made));
    await Promise.allSettled(commands.values());
}, 600_000);
afterAll(() => workplace?.remove());

/** How many resources an update or a preview changes, by the engine's own summary. */
function changesIn(output: string): Record<string, number> {
    const [, summary = ""] = output.split(/^Resources:$/m);
    const counts = summary.matchAll(/(\d+) (?:to )?(create|update|delete|replace)d?/g);
    return Object.fromEntries([...counts].map(([, count, operation = ""]) => [operation, Number(count)]));
}

const runtimes = [typescript, yaml, python, go];

describe.each(runtimes)("a program in $name", ({ name }) => {
    const missingHere = name === "python" ? missingPython() : undefined;
    if (missingHere) console.warn(`The provider was not tried in ${name}: ${missingHere}.`);
    const testHere = missingHere ? test.skip : test;
    const deviceId = `${name}-device`;

    async function inWorkplace(act: (place: Workplace, operate: Operate) => Promise<void>): Promise<void> {
        const operate = await commands.get(name);
        if (workplace && operate) await act(workplace, operate);
        else expect(missing).toBeDefined();
    }

    function configure(place: Workplace, stack: string, device: string, image: string): void {
        const file = join(place.folderOf(name), `Pulumi.${stack}.yaml`);
        const { config: _, ...own } = existsSync(file) ? parse(readFileSync(file, "utf8")) : {};
        const settings = Object.entries({ hubId: place.hubId, deviceId: device, image });
        const config = Object.fromEntries(
            settings.map(([key, value]) => [`module-on-a-device:${key}`, value]),
        );
        writeFileSync(file, stringify({ ...own, config }));
    }

    async function openStack(place: Workplace, stack: string, device: string, image: string): Promise<void> {
        configure(place, stack, device, image);
        await place.run(name, "pulumi", "stack", "init", stack, "--non-interactive");
    }

    async function imageOn({ registry }: Workplace, device: string): Promise<unknown> {
        const { responseBody: twin } = await registry.getModuleTwin(device, "$edgeAgent");
        return twin.properties.desired.modules?.classifier?.settings.image;
    }

    /** An import runs no program, but asks for its language's host: the project in YAML has the same stacks. */
    async function importInto(place: Workplace, stack: string, resources: object[]): Promise<void> {
        const settings = `Pulumi.${stack}.yaml`;
        const folder = place.folderOf("yaml");
        if (name !== "yaml") copyFileSync(join(place.folderOf(name), settings), join(folder, settings));
        writeFileSync(join(folder, "import.json"), JSON.stringify({ resources }));
        const options = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
        const file = ["--file", "import.json"];
        await place.run("yaml", "pulumi", "import", ...file, "--stack", stack, ...options);
    }

    testHere("puts its module on a device, shows a change before it is made, and takes both away", () =>
        inWorkplace(async (place, operate) => {
            await openStack(place, name, deviceId, "registry.example/classifier:1");
            const made = await place.run(name, ...operate("up", name));
            expect(changesIn(made)).toEqual({ create: 3 });
            expect(await imageOn(place, deviceId)).toBe("registry.example/classifier:1");

            configure(place, name, deviceId, "registry.example/classifier:2");
            const preview = await place.run(name, ...operate("preview", name));
            expect(changesIn(preview)).toEqual({ update: 1 });
            expect(preview).toMatch(
                /image: *"registry.example\/classifier:1" => "registry.example\/classifier:2"/,
            );
            await place.run(name, ...operate("up", name));
            expect(await imageOn(place, deviceId)).toBe("registry.example/classifier:2");

            const { responseBody: device } = await place.registry.get(deviceId);
            const key = device.authentication?.symmetricKey?.primaryKey;
            expect(key).toBeTruthy();
            const outputs = await place.run(
                name,
                "pulumi",
                "stack",
                "output",
                "--json",
                "--show-secrets",
                "--stack",
                name,
            );
            expect(JSON.parse(outputs).connectionString).toContain(`SharedAccessKey=${key}`);
            const state = await place.run(name, "pulumi", "stack", "export", "--stack", name);
            for (const text of [made, preview, state]) expect(text).not.toContain(key);
            const { resources } = JSON.parse(state).deployment as {
                resources: { type: string; outputs: object }[];
            };
            for (const type of ["iotedge:index:Device", "pulumi:pulumi:Stack"]) {
                expect(resources.find((resource) => resource.type === type)?.outputs).toMatchObject({
                    connectionString: { ciphertext: expect.any(String) },
                });
            }

            await place.run(name, ...operate("destroy", name));
            await expect(place.registry.get(deviceId)).rejects.toHaveProperty("name", "DeviceNotFoundError");
        }),
    );

    testHere("takes over what was made by hand, without a change", () =>
        inWorkplace(async (place, operate) => {
            const device = `${name}-by-hand`;
            const stack = `${name}-imported`;
            const image = "registry.example/classifier:3";
            const program = readFileSync(join(projectFolder, "docs/provider/yaml/Pulumi.yaml"), "utf8");
            const { resources } = parse(program.replace(/\$\{image\}/, image));
            await place.registry.create({ deviceId: device, capabilities: { iotEdge: true } });
            await place.registry.applyConfigurationContentOnDevice(
                device,
                resources.deployment.properties.manifest,
            );
            await openStack(place, stack, device, image);
            const id = `${place.hubId}/devices/${device}`;
            await importInto(place, stack, [
                { type: "iotedge:index:Device", name: "device", id },
                { type: "iotedge:index:Deployment", name: "deployment", id: `${id}/deployment` },
            ]);
            const preview = await place.run(name, ...operate("preview", stack));
            expect(changesIn(preview)).toEqual({});
            expect(preview).toMatch(/^ *3 unchanged$/m);
        }),
    );
});
