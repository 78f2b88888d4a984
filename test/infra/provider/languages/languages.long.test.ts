import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { describeUnless } from "../../../support/describeUnless";
import { projectFolder } from "../../../support/localAzure";
import { go, type Language, missingFor, type Operate, python, typescript, yaml } from "./runtimes";
import { makeWorkplace, type Workplace } from "./workplace";

// The programs of docs/provider.md, each run as its language runs them, against one hub of a local Azure.
let workplace: Workplace;
const commands = new Map<Language["name"], Promise<Operate>>();
const languages = [typescript, python, go, yaml].map((language) => ({
    language,
    name: language.name,
    missing: missingFor(language),
}));
const usable = languages.filter(({ missing }) => missing === undefined);

beforeAll(async () => {
    workplace = await makeWorkplace();
    // Each test waits for its own language alone: the last one's host compiles while the first ones run.
    for (const { language } of usable) {
        const command = language.prepare(workplace);
        command.catch(() => {});
        commands.set(language.name, command);
    }
}, 600_000);
afterAll(async () => {
    await Promise.allSettled(commands.values());
    await workplace?.remove();
}, 600_000);

/** How many resources an update or a preview changes, by the engine's own summary. */
function changesIn(output: string): Record<string, number> {
    const [, summary = ""] = output.split(/^Resources:$/m);
    const counts = summary.matchAll(/(\d+) (?:to )?(create|update|delete|replace)d?/g);
    return Object.fromEntries([...counts].map(([, count, operation = ""]) => [operation, Number(count)]));
}

describe.each(languages)("the provider", ({ name, missing }) =>
    describeUnless(missing)(`in ${name}`, () => {
        const deviceId = `${name}-device`;

        async function inWorkplace(
            act: (place: Workplace, operate: Operate) => Promise<void>,
        ): Promise<void> {
            const operate = await commands.get(name);
            if (!operate) throw new Error(`Expected a command for ${name}, found none.`);
            await act(workplace, operate);
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

        async function openStack(
            place: Workplace,
            stack: string,
            device: string,
            image: string,
        ): Promise<void> {
            configure(place, stack, device, image);
            await place.run(name, "pulumi", "stack", "init", stack, "--non-interactive");
        }

        async function keyOf({ registry }: Workplace, device: string): Promise<string> {
            const { responseBody: identity } = await registry.get(device);
            const key = identity.authentication?.symmetricKey?.primaryKey;
            if (!key) throw new Error(`Expected ${device} to have a key, found none.`);
            return key;
        }

        async function imageOn({ registry }: Workplace, device: string): Promise<unknown> {
            const { responseBody: twin } = await registry.getModuleTwin(device, "$edgeAgent");
            return twin.properties.desired.modules?.classifier?.settings.image;
        }

        /** An import runs no program, but asks for its language's host: the project in YAML has the same stacks. */
        async function importInto(place: Workplace, stack: string, resources: object[]): Promise<void> {
            await commands.get("yaml");
            const settings = `Pulumi.${stack}.yaml`;
            const folder = place.folderOf("yaml");
            if (name !== "yaml") copyFileSync(join(place.folderOf(name), settings), join(folder, settings));
            writeFileSync(join(folder, "import.json"), JSON.stringify({ resources }));
            const options = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
            const file = ["--file", "import.json"];
            await place.run("yaml", "pulumi", "import", ...file, "--stack", stack, ...options);
        }

        test("puts its module on a device, shows a change before it is made, and takes both away", () =>
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

                const key = await keyOf(place, deviceId);
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
                // The keys are compared so that a failure shows neither.
                expect(JSON.parse(outputs).connectionString.endsWith(`;SharedAccessKey=${key}`)).toBe(true);
                const state = await place.run(name, "pulumi", "stack", "export", "--stack", name);
                expect([made, preview, state].map((text) => text.includes(key))).toEqual([
                    false,
                    false,
                    false,
                ]);
                const { resources } = JSON.parse(state).deployment as {
                    resources: { type: string; outputs: object }[];
                };
                for (const type of ["iotedge:index:Device", "pulumi:pulumi:Stack"]) {
                    expect(resources.find((resource) => resource.type === type)?.outputs).toMatchObject({
                        connectionString: { ciphertext: expect.any(String) },
                    });
                }

                await place.run(name, ...operate("destroy", name));
                await expect(place.registry.get(deviceId)).rejects.toHaveProperty(
                    "name",
                    "DeviceNotFoundError",
                );
            }));

        test("takes over what was made by hand, without a change", () =>
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
                // No SDK had a part in it: what is secret here is so by the provider's word.
                const state = await place.run(name, "pulumi", "stack", "export", "--stack", stack);
                expect(state).toContain(`"id": "${id}"`);
                expect(state.includes(await keyOf(place, device))).toBe(false);
                const preview = await place.run(name, ...operate("preview", stack));
                expect(changesIn(preview)).toEqual({});
                expect(preview).toMatch(/^ *3 unchanged$/m);
            }));
    }),
);
