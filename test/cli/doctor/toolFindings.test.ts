import { type RunTool, toolFindings } from "../../../cli/doctor/toolFindings";
import { type FakeEngine, startFakeEngine } from "../../local/docker/fakeEngine";

const machine: Record<string, string> = {
    npm: "11.0.0",
    pulumi: "v3.259.0",
};
const on =
    (tools: Record<string, string | undefined>): RunTool =>
    async (file) =>
        tools[file];
const docker = { config: new Map<string, string>(), env: { DOCKER_HOST: "unix:///nowhere" } };
const needed = { purpose: "cloud", nodeVersion: "v20.19.0", builds: true, docker } as const;

let engine: FakeEngine;
beforeAll(async () => {
    engine = await startFakeEngine();
    docker.env.DOCKER_HOST = engine.engine.host;
});
afterAll(() => engine.close());

describe("the tools that an update needs", () => {
    test("are all good on a machine that has them", async () => {
        const findings = await toolFindings(on(machine), needed);
        expect(findings.map(({ name, state }) => `${name} ${state}`)).toEqual([
            ...["node good", "npm good", "pulumi good", "docker good"],
        ]);
    });

    test.each([
        ["npm", { npm: undefined }, needed, /Install it with Node/],
        ["node", {}, { ...needed, nodeVersion: "v20.18.3" }, /Install Node 20\.19/],
        ["pulumi", { pulumi: undefined }, needed, /docs\/install/],
        ["pulumi", { pulumi: "v3.258.0" }, needed, /docs\/install/],
        ["pulumi", { pulumi: "v4.0.0" }, needed, /docs\/install/],
        [
            "docker",
            {},
            { ...needed, docker: { ...docker, env: { DOCKER_HOST: "unix:///nowhere" } } },
            /Start Docker.*prebuilt/,
        ],
    ])("%s that is missing or too old is named with its fix: %j", async (name, change, how, fix) => {
        const findings = await toolFindings(on({ ...machine, ...change }), how);
        const bad = findings.filter(({ state }) => state !== "good");
        expect(bad).toEqual([
            expect.objectContaining({ name, state: "failed", fix: expect.stringMatching(fix) }),
        ]);
    });

    test.each(["v20.19.0", "v20.19.7", "v20.20.0", "v21.0.0", "v22.3.1", "v24.18.0"])(
        "may be Node %s",
        async (nodeVersion) => {
            const [node] = await toolFindings(on(machine), { ...needed, nodeVersion });
            expect(node).toEqual({ name: "node", state: "good", found: nodeVersion });
        },
    );

    test.each(["v20.18.9", "v19.99.0", "v18.20.8", "v8.0.0"])("may not be Node %s", async (nodeVersion) => {
        const [node] = await toolFindings(on(machine), { ...needed, nodeVersion });
        expect(node).toMatchObject({ state: "failed", found: `${nodeVersion}, older than 20.19` });
    });

    test("a Pulumi that is too old for the cloud is too old for the local Azure, too", async () => {
        const findings = await toolFindings(on({ ...machine, pulumi: "v3.100.0" }), {
            ...needed,
            purpose: "local",
        });
        expect(findings.find(({ name }) => name === "pulumi")).toMatchObject({
            state: "failed",
            found: "pulumi is 3.100.0, older than 3.259.0",
        });
    });

    test("are the same for a machine in the cloud", async () => {
        const names = async (purpose: "cloud" | "edge-vm") =>
            (await toolFindings(on(machine), { ...needed, purpose })).map(({ name }) => name);
        expect(await names("edge-vm")).toEqual(await names("cloud"));
    });

    test("are fewer where less is done: no Docker for a prebuilt image, no Pulumi for the local Azure", async () => {
        const bare = on({ npm: "11.0.0", pulumi: machine.pulumi });
        const states = async (how: Parameters<typeof toolFindings>[1]) =>
            (await toolFindings(bare, how)).map(({ state }) => state);
        expect(await states({ ...needed, builds: false })).not.toContain("failed");
        const local = await toolFindings(on({ npm: "11.0.0" }), { ...needed, purpose: "local" });
        expect(local.map(({ name, state }) => `${name} ${state}`)).toEqual([
            ...["node good", "npm good", "pulumi warning"],
        ]);
    });
});
