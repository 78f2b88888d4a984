import { readFileSync } from "node:fs";
import { join } from "node:path";
import AjvDraft4 from "ajv-draft-04";
import { deploymentManifest, moduleSettings } from "../../infra/deploymentManifest";
import { describeWith, sharedData } from "../support/sharedData";

const image = `registry1.azurecr.io/classifier@sha256:${"ab".repeat(32)}`;
const registry = { address: "registry1.azurecr.io", username: "registry1", password: "pull-password" };

describe("the deployment manifest", () => {
    test("is what a reviewer sees in the golden file", () => {
        const golden = readFileSync(join(__dirname, "deploymentManifest.golden.json"), "utf8");
        expect(`${JSON.stringify(deploymentManifest({ image, registry, hostPort: 80 }), null, 4)}\n`).toBe(
            golden,
        );
    });

    test("publishes the module's port 80 on the wanted port of the device", () => {
        const manifest = deploymentManifest({ image, registry, hostPort: 8081 });
        const settings =
            manifest.modulesContent.$edgeAgent["properties.desired"].modules.ImageClassifier?.settings;
        expect(JSON.parse(settings?.createOptions ?? "")).toEqual({
            ExposedPorts: { "80/tcp": {} },
            HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "8081" }] } },
        });
    });

    test.each([
        [512, ["createOptions"]],
        [513, ["createOptions", "createOptions01"]],
        [1024, ["createOptions", "createOptions01"]],
        [1025, ["createOptions", "createOptions01", "createOptions02"]],
    ])("cuts createOptions of %i characters into %j, which join to the same JSON", (length, keys) => {
        const options = {
            Labels: { filler: "x".repeat(length - JSON.stringify({ Labels: { filler: "" } }).length) },
        };
        const { image: _, ...chunks } = moduleSettings(image, options);
        expect(Object.keys(chunks)).toEqual(keys);
        expect(Object.values(chunks).every((chunk) => chunk.length <= 512)).toBe(true);
        expect(JSON.parse(Object.values(chunks).join(""))).toEqual(options);
    });
});

describeWith("iot-edge-schemas")("the manifest and the published schemas", () => {
    const folder = sharedData("iot-edge-schemas");
    const schema = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
    const { modulesContent } = deploymentManifest({ image, registry, hostPort: 80 });

    test.each([
        ["azure-iot-edgeagent-deployment-1.1.json", { $edgeAgent: modulesContent.$edgeAgent }],
        ["azure-iot-edgehub-deployment-1.1.json", { $edgeHub: modulesContent.$edgeHub }],
    ])("agree for %s", (name, document) => {
        const validate = new AjvDraft4({ strict: false }).compile(schema(name));
        validate(document);
        expect(validate.errors).toBeNull();
    });
});
