import { readFileSync } from "node:fs";
import type { ErrorObject } from "ajv";
import AjvDraft4 from "ajv-draft-04";
import type { PlannedManifestOptions } from "../../../infra/manifest/manifestOptions";
import { placeholderManifest } from "../../../infra/manifest/placeholderManifest";
import { validateManifest } from "../../../infra/manifest/validateManifest";
import { describeWith, sharedData } from "../../support/sharedData";
import { badManifests, goodManifest } from "./badManifests";
import { defaultOptions } from "./defaultOptions";
import { everyOption } from "./everyOption";

const goodOptions: [string, PlannedManifestOptions<unknown>][] = [
    ["the defaults", defaultOptions],
    ["every option", everyOption],
    ["no classifier", { ...everyOption, deploy: false }],
];

describe("a manifest", () => {
    test.each(goodOptions)("of %s is valid", (_, options) => {
        expect(validateManifest(placeholderManifest(options))).toEqual([]);
    });

    test.each(badManifests)("with $mistake is refused", ({ manifest, sentences }) => {
        expect(validateManifest(manifest)).toEqual(sentences);
    });

    test("without the classifier hears of a route that cannot be taken apart", () => {
        const options = { ...everyOption, deploy: false, routes: { r: "from nowhere" } };
        expect(validateManifest(placeholderManifest(options))).toEqual([
            expect.stringContaining("Expected route r to read FROM source"),
        ]);
    });

    test("with many mistakes hears of all at once", () => {
        const manifest = goodManifest();
        const { $edgeAgent, $edgeHub } = manifest.modulesContent;
        $edgeAgent["properties.desired"].systemModules.edgeAgent.settings.image = "A";
        $edgeHub["properties.desired"].routes = { one: "FROM a", two: "FROM /* INTO b" };
        expect(validateManifest(manifest)).toHaveLength(3);
    });

    test.each([
        "FROM /* INTO $upstream",
        "from /messages/* into $upstream",
        "FROM /messages/modules/ImageClassifier/outputs/* INTO $upstream",
        'FROM /messages/modules/ImageClassifier/outputs/found INTO BrokeredEndpoint("/modules/ImageClassifier/inputs/in")',
        "FROM /twinChangeNotifications INTO $upstream",
        "FROM /messages/* WHERE NOT is_defined($connectionModuleId) INTO $upstream",
        "FROM /messages/* WHERE temperature > 30.5 AND ($body.label = 'ripe INTO red' OR -humidity * 2 <> 7) INTO $upstream",
        'FROM /messages/* WHERE {$contentType} = "application/json" AND starts_with(a || b, "x") INTO $upstream',
        "from /Messages/Modules/ImageClassifier/outputs/found where not a = 1 and b = 2 or c = -1 into $upstream",
        "FROM /messages/* WHERE as_number($body.items[0].weight) >= 1e3 INTO $upstream",
        // Names that begin or end as key words do, and what stands in strings.
        "FROM /messages/* WHERE android = notable OR origin - floor <= 1 AND nothing % 2 / 3 + 1 != 6.5 INTO $upstream",
        "FROM /messages/* WHERE f() AND g(a, (b), ')c(') = 'it\\'s' INTO $upstream",
        '\n FROM \t/messages/modules/*  WHERE  a = "\\"where \\\\"   INTO   BrokeredEndpoint( "/modules/ImageClassifier/inputs/in" ) ',
        "FROM /messages/modules/ImageClassifier/* INTO $upstream",
        // As edgeHub takes them: cased, quoted and slashed otherwise, with or without a star.
        "FROM /MESSAGES INTO $UPSTREAM",
        "SELECT * FROM /messages/modules/imageclassifier INTO $upstream",
        "FROM /messages/modules/ImageClassifier/outputs/out/* INTO $upstream",
        "FROM /messages/* INTO brokeredendpoint('modules/ImageClassifier/inputs/in/')",
        'FROM /messages/* INTO BROKEREDENDPOINT (" /modules/ImageClassifier/inputs/in ")',
    ])("may have the route %s", (route) => {
        const manifest = goodManifest();
        manifest.modulesContent.$edgeHub["properties.desired"].routes = { route };
        expect(validateManifest(manifest)).toEqual([]);
    });

    test.each([
        "mcr.microsoft.com/azureiotedge-agent:1.6.8",
        "localhost:5000/classifier",
        "registry.example:443/team/a_b-c:V1.0",
        `r.azurecr.io/c@sha256:${"ab".repeat(32)}`,
        `registry.example:443/c@sha256:${"ab".repeat(32)}`,
        "$upstream:443/azureiotedge-agent:1.5",
        "$upstream:8000/team/c",
        " registry.example/c:1 ",
    ])("may have the image %s", (image) => {
        const manifest = goodManifest();
        const { edgeAgent } = manifest.modulesContent.$edgeAgent["properties.desired"].systemModules;
        edgeAgent.settings = { image, createOptions: "" };
        expect(validateManifest(manifest)).toEqual([]);
    });

    test("with a mistake beside a secret does not tell the secret", () => {
        const manifest = goodManifest();
        const agent = manifest.modulesContent.$edgeAgent["properties.desired"];
        // biome-ignore lint/suspicious/noExplicitAny: mistakes are made where the types would not allow them
        const { registry } = agent.runtime.settings.registryCredentials as any;
        registry.password = ["hunter2"];
        // biome-ignore lint/suspicious/noExplicitAny: the same
        (agent.modules.ImageClassifier as any).env = { A: "hunter2", B: { value: { c: "hunter2" } } };
        const problems = validateManifest(manifest);
        expect(problems).toHaveLength(3);
        expect(problems.join("\n")).not.toContain("hunter2");
    });
});

describeWith("iot-edge-schemas")("the published schemas of edgeAgent 1.1 and edgeHub 1.1", () => {
    const ajv = new AjvDraft4({ strict: false });
    const [agent, hub] = ["agent", "hub"].map((part) =>
        ajv.compile(
            JSON.parse(
                readFileSync(
                    sharedData("iot-edge-schemas", `azure-iot-edge${part}-deployment-1.1.json`),
                    "utf8",
                ),
            ),
        ),
    );
    const refusals = (manifest: unknown): ErrorObject[] => {
        const content = (manifest as { modulesContent?: Record<string, unknown> }).modulesContent ?? {};
        agent?.({ $edgeAgent: content.$edgeAgent });
        hub?.({ $edgeHub: content.$edgeHub });
        return [...(agent?.errors ?? []), ...(hub?.errors ?? [])];
    };

    test.each(goodOptions)("take the manifest of %s", (_, options) => {
        expect(refusals(placeholderManifest(options))).toEqual([]);
    });

    test.each(badManifests)("have the expected verdict on $mistake", ({ manifest, schemaRefuses }) => {
        expect(refusals(manifest).length > 0).toBe(schemaRefuses);
    });

    test("refuse nothing that we take, whatever is changed at any place", () => {
        const overlooked: string[] = [];
        let refused = 0;
        const original = placeholderManifest(everyOption);
        for (const { title, manifest } of mutations(original)) {
            if (refusals(manifest).length === 0) continue;
            refused++;
            if (validateManifest(manifest).length === 0) overlooked.push(title);
        }
        // edgeAgent has a default for these, which the schema does not know (Azure/iotedge, DockerDesiredModule.cs,
        // EdgeHubDockerModule.cs, DeploymentConfig.cs).
        const withDefault = /\.(modules|restartPolicy) = undefined$/;
        expect(overlooked.filter((title) => !withDefault.test(title))).toEqual([]);
        expect(refused).toBeGreaterThan(500);
    });

    test("have examples that are valid, but for what the agent would refuse", () => {
        const read = (name: string) =>
            JSON.parse(
                readFileSync(
                    sharedData(
                        "iot-edge-schemas",
                        "examples",
                        `azure-iot-edge${name}-deployment-1.1__deployment.json`,
                    ),
                    "utf8",
                ),
            );
        const problems = validateManifest({ modulesContent: { ...read("agent"), ...read("hub") } });
        expect(problems.filter((problem) => problem.includes("to be an object"))).toEqual([]);
    });
});

/** The manifest with each member gone, replaced by a value of another kind, or given a stranger beside it. */
function* mutations(original: object): Generator<{ title: string; manifest: unknown }> {
    const places: string[][] = [];
    const walk = (value: unknown, path: string[]): void => {
        if (typeof value !== "object" || value === null) return;
        for (const [key, member] of Object.entries(value)) {
            places.push([...path, key]);
            walk(member, [...path, key]);
        }
    };
    walk(original, []);
    const at = (manifest: object, path: string[]) =>
        // biome-ignore lint/suspicious/noExplicitAny: any place of a manifest
        path.reduce<any>((value, key) => value[key], manifest);
    for (const path of places) {
        const [key = "", parent] = [path.at(-1), path.slice(0, -1)];
        for (const value of [undefined, null, 1.5, -1, "", "x y", true, [], {}]) {
            const manifest = structuredClone(original);
            if (value === undefined) delete at(manifest, parent)[key];
            else at(manifest, parent)[key] = value;
            yield { title: `${path.join(".")} = ${JSON.stringify(value)}`, manifest };
        }
        const manifest = structuredClone(original);
        at(manifest, parent)["a stranger"] = {};
        yield { title: `a stranger beside ${path.join(".")}`, manifest };
    }
}
