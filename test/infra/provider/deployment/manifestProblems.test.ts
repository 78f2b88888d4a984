import { checkInputs } from "../../../../infra/provider/checkInputs";
import { deployment } from "../../../../infra/provider/deployment/deployment";
import { manifestProblems } from "../../../../infra/provider/deployment/manifestProblems";
import { badManifests, goodManifest } from "../../manifest/badManifests";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const place = { hubHostName: "hub.azure-devices.net", deviceId: "d" };

// biome-ignore lint/suspicious/noExplicitAny: a manifest is changed at will
type Manifest = any;

const changed = (change: (agent: Manifest, content: Manifest) => void): Manifest => {
    const manifest: Manifest = structuredClone(goodManifest());
    change(manifest.modulesContent.$edgeAgent["properties.desired"], manifest.modulesContent);
    return manifest;
};
const objects = badManifests.filter(({ manifest }) => typeof manifest === "object" && manifest !== null);

describe("a check of a deployment", () => {
    test("takes a good manifest", () => {
        expect(checkInputs(deployment, { ...place, manifest: goodManifest() }).failures).toEqual([]);
    });

    test.each(objects)("refuses $mistake, at the manifest", ({ manifest, sentences }) => {
        expect(checkInputs(deployment, { ...place, manifest }).failures).toEqual(
            sentences.map((reason) => ({ property: "manifest", reason })),
        );
    });

    test("refuses a layered deployment, which one device alone cannot have", () => {
        const layer = { $edgeHub: { "properties.desired.routes.all": "FROM /* INTO $upstream" } };
        expect(checkInputs(deployment, { ...place, manifest: { modulesContent: layer } }).failures).toEqual([
            {
                property: "manifest",
                reason: expect.stringMatching(
                    /^Expected the manifest to be whole, .*found a layered deployment\./,
                ),
            },
        ]);
    });

    test("refuses what is no manifest, and the same in a hub that is not known yet", () => {
        expect(checkInputs(deployment, { ...place, manifest: 5 }).failures).toEqual([
            {
                property: "manifest",
                reason: "Expected manifest to be an object with modulesContent, as in a deployment.json, found 5.",
            },
        ]);
        const manifest = changed((agent) => {
            agent.schemaVersion = "2.0";
        });
        const somewhere = { hubId: unknown, deviceId: unknown };
        expect(checkInputs(deployment, { ...somewhere, manifest }).failures).toEqual([
            {
                property: "manifest",
                reason: 'Expected $edgeAgent.schemaVersion to be 1.0 or 1.1, found "2.0".',
            },
        ]);
        expect(checkInputs(deployment, { ...place, manifest: unknown }).failures).toEqual([]);
    });
});

describe("the problems of a manifest of which something is not known yet", () => {
    test.each<[string, (agent: Manifest, content: Manifest) => void]>([
        [
            "an image",
            ({ modules }) => {
                modules.ImageClassifier.settings.image = unknown;
            },
        ],
        [
            "create options, in parts too",
            ({ modules, systemModules }) => {
                modules.ImageClassifier.settings.createOptions01 = unknown;
                systemModules.edgeHub.settings.createOptions = unknown;
            },
        ],
        [
            "a registry's account",
            ({ runtime }) => {
                runtime.settings.registryCredentials.registry = {
                    address: unknown,
                    username: unknown,
                    password: unknown,
                };
            },
        ],
        [
            "a variable",
            ({ modules }) => {
                modules.ImageClassifier.env = { A: { value: unknown } };
            },
        ],
        [
            "a whole section",
            (_, content) => {
                content.$edgeHub = unknown;
            },
        ],
    ])("are none for %s", (_, change) => {
        expect(manifestProblems(changed(change))).toEqual([]);
    });

    test("are what is wrong beside it", () => {
        const manifest = changed((agent) => {
            agent.modules.ImageClassifier.settings.image = unknown;
            agent.schemaVersion = "2.0";
        });
        expect(manifestProblems(manifest)).toEqual([
            'Expected $edgeAgent.schemaVersion to be 1.0 or 1.1, found "2.0".',
        ]);
    });
});
