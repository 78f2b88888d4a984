import { type EdgeAgentTwin, moduleState } from "../../../infra/hub/src/moduleState";

const image = `registry/classifier@sha256:${"a".repeat(64)}`;

function twin(reported: Partial<EdgeAgentTwin["properties"]["reported"]>): EdgeAgentTwin {
    const modules = { ImageClassifier: { runtimeStatus: "running", settings: { image } } };
    const done = { lastDesiredVersion: 4, lastDesiredStatus: { code: 200 }, modules };
    return { properties: { desired: { $version: 4 }, reported: { ...done, ...reported } } };
}

const reportedModule = (change: object) => ({
    modules: { ImageClassifier: { runtimeStatus: "running", settings: { image }, ...change } },
});

describe("the state of a deployment", () => {
    test("is done when the device reports this manifest and the module running with this image", () => {
        expect(moduleState(twin({}), "ImageClassifier", image).stage).toBe("running");
    });

    test.each([
        [
            "a device that never reported",
            { lastDesiredVersion: undefined },
            "the device has not reported yet",
        ],
        ["an older manifest", { lastDesiredVersion: 3 }, "the device is at version 3 of 4 of the manifest"],
        [
            "a failed pull",
            { lastDesiredStatus: { code: 500, description: "no such image" } },
            "the device answers the manifest with 500: no such image",
        ],
        [
            "an agent that is off",
            { lastDesiredStatus: { code: 406 } },
            "the device answers the manifest with 406",
        ],
        ["a module that is not reported", { modules: {} }, "the device does not report ImageClassifier yet"],
        [
            "another image",
            reportedModule({ settings: { image: "registry/classifier@sha256:old" } }),
            "ImageClassifier runs registry/classifier@sha256:old",
        ],
        [
            "a module that ends",
            reportedModule({ runtimeStatus: "backoff", exitCode: 1 }),
            "ImageClassifier is backoff, exit code 1",
        ],
    ])("waits for %s and says so", (_, reported, description) => {
        expect(moduleState(twin(reported), "ImageClassifier", image)).toEqual({
            stage: "waiting",
            description,
        });
    });

    test.each([[400], [412]])("has failed when the device refuses the manifest with %i", (code) => {
        const state = moduleState(
            twin({ lastDesiredStatus: { code, description: "why" } }),
            "ImageClassifier",
            image,
        );
        expect(state).toEqual({
            stage: "failed",
            description: `the device answers the manifest with ${code}: why`,
        });
    });
});
