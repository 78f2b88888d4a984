import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
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

    async function openStack(place: Workplace, stack: string, device: string, image: string): Promise<void> {
        await place.run(name, "pulumi", "stack", "init", stack, "--non-interactive");
        const settings = Object.entries({ hubId: place.hubId, deviceId: device, image });
        const pairs = settings.flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
        await place.run(name, "pulumi", "config", "set-all", "--stack", stack, ...pairs);
    }

    function imageOn(place: Workplace, device: string): Promise<unknown> {
        return place.askHub(`
            const { responseBody: twin } = await registry.getModuleTwin("${device}", "$edgeAgent");
            return twin.properties.desired.modules?.classifier?.settings.image;`);
    }

    testHere("puts its module on a device, shows a change before it is made, and takes both away", () =>
        inWorkplace(async (place, operate) => {
            await openStack(place, name, deviceId, "registry.example/classifier:1");
            const made = await place.run(name, ...operate("up", name));
            expect(changesIn(made)).toEqual({ create: 3 });
            expect(await imageOn(place, deviceId)).toBe("registry.example/classifier:1");
            expect(changesIn(await place.run(name, ...operate("preview", name)))).toEqual({});

            await place.run(
                name,
                "pulumi",
                "config",
                "set",
                "image",
                "registry.example/classifier:2",
                "--stack",
                name,
            );
            const preview = await place.run(name, ...operate("preview", name));
            expect(changesIn(preview)).toEqual({ update: 1 });
            expect(preview).toMatch(
                /image: *"registry.example\/classifier:1" => "registry.example\/classifier:2"/,
            );
            await place.run(name, ...operate("up", name));
            expect(await imageOn(place, deviceId)).toBe("registry.example/classifier:2");

            const key = await place.askHub(`
                const { responseBody: device } = await registry.get("${deviceId}");
                return device.authentication.symmetricKey.primaryKey;`);
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
            expect(
                await place.askHub(
                    "return (await registry.list()).responseBody.map((device) => device.deviceId);",
                ),
            ).not.toContain(deviceId);
        }),
    );

    testHere("takes over what was made by hand, without a change", () =>
        inWorkplace(async (place, operate) => {
            const device = `${name}-by-hand`;
            const stack = `${name}-imported`;
            const image = "registry.example/classifier:3";
            const { resources } = parse(
                readFileSync(join(projectFolder, "docs/provider/yaml/Pulumi.yaml"), "utf8").replace(
                    "${image}",
                    image,
                ),
            );
            const manifest = JSON.stringify(resources.deployment.properties.manifest);
            await place.askHub(`
                await registry.create({ deviceId: "${device}", capabilities: { iotEdge: true } });
                await registry.applyConfigurationContentOnDevice("${device}", ${manifest});`);
            await openStack(place, stack, device, image);
            const id = `${place.hubId}/devices/${device}`;
            const options = [
                "--stack",
                stack,
                "--yes",
                "--skip-preview",
                "--protect=false",
                "--generate-code=false",
            ];
            await place.run(name, "pulumi", "import", "iotedge:index:Device", "device", id, ...options);
            await place.run(
                name,
                "pulumi",
                "import",
                "iotedge:index:Deployment",
                "deployment",
                `${id}/deployment`,
                ...options,
            );
            expect(changesIn(await place.run(name, ...operate("preview", stack)))).toEqual({});
            await place.run(name, ...operate("destroy", stack));
        }),
    );
});
