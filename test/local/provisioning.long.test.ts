import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { askHub, askProvisioning } from "../support/hubCall";
import { document } from "../support/projectCopy";
import { until } from "../support/waiting";
import { type LocalStack, localStack } from "./localStack";

// A stack for each way to register, taken through its life by the genuine engine: each test goes on where the one before
// ended.
describe.each([
    { provisioning: "dps-individual", path: "/enrollments/pear" },
    { provisioning: "dps-group", path: "/enrollmentGroups/edge-devices" },
])("with provisioning: $provisioning", ({ provisioning, path }) => {
    let stack: LocalStack;
    /** Sets what the stack is to be. */
    function configure(settings: Record<string, unknown>): void {
        const file = join(stack.project.folder, "Pulumi.local.yaml");
        const { config, ...rest } = parse(readFileSync(file, "utf8"));
        for (const [key, value] of Object.entries(settings)) config[`edge-classifier:${key}`] = value;
        writeFileSync(file, stringify({ config, ...rest }));
    }
    const device = async () => (await stack.status()).devices[0];
    const idOf = (type: string) => stack.resources().find((resource) => resource.type === type)?.id ?? "";
    const serviceId = () => idOf("azure-native:deviceprovisioningservices:IotDpsResource");
    const hubId = () => idOf("azure-native:iothub:IotHubResource");
    const logs = async () => (await stack.project.edge("local", "logs")).stdout;
    const registrations = async () => (await logs()).split("Sending DPS registration request.").length - 1;
    const isAnswered = () =>
        until("the module to answer", () => stack.classify("spotted-banana.png").catch(() => undefined));

    /** Enables or disables the entry, from outside the stack. */
    async function setEntry(provisioningStatus: "enabled" | "disabled"): Promise<void> {
        const entry = await askProvisioning<object>(stack.project, serviceId(), { method: "GET", path });
        const mechanism = { method: "POST", path: `${path}/attestationmechanism` };
        const attestation = await askProvisioning<object>(stack.project, serviceId(), mechanism);
        const body = { ...entry, attestation, provisioningStatus };
        await askProvisioning(stack.project, serviceId(), { method: "PUT", path, body, ifMatch: "*" });
    }

    beforeAll(async () => {
        stack = await localStack();
        document(await stack.project.edge("local", "start", "--json"));
        configure({ provisioning, deviceId: "pear" });
    });
    afterAll(() => stack?.project.remove());

    test("the device registers itself, and the module that it pulled answers", async () => {
        await stack.up();
        expect(await device()).toMatchObject({
            deviceId: "pear",
            connected: true,
            provisioning: {
                source: "dps",
                idScope: expect.stringMatching(/^0ne/),
                registrationId: "pear",
                assignedHub: (await stack.status()).hub?.hostName,
                error: null,
            },
            modules: [{ name: "ImageClassifier", status: "running" }],
        });
        expect(await registrations()).toBe(1);
        expect(await isAnswered()).toBe("ripe");
        expect((await stack.project.edge("local", "status")).stdout).toMatch(
            /device pear +connected +registered by dps 0ne\w+ as pear/,
        );
        expect(await stack.previewedChanges()).toEqual([]);
    });

    test("a local Azure that was killed goes on with the registration that it has", async () => {
        for (const { name, pid } of (await stack.status()).processes)
            if (name === "local Azure") process.kill(pid, "SIGKILL");
        document(await stack.project.edge("local", "start", "--json"));
        expect(await isAnswered()).toBe("ripe");
        expect(await logs()).toContain("Provisioned with backup for pear.");
        expect(await registrations()).toBe(1);
    });

    test("a changed stack leaves the device as it is, and its module answers", async () => {
        configure({ deviceTags: { site: "orchard" } });
        expect((await stack.up()).changes).toMatchObject({ update: 2 });
        expect(await isAnswered()).toBe("ripe");
        expect(await registrations()).toBe(1);
    });

    test("a device that its hub no longer takes is refused by a disabled entry, which status, logs and check tell", async () => {
        await setEntry("disabled");
        const own = { method: "GET", path: "/devices/pear" };
        const { authentication: _, ...identity } = await askHub<{ authentication: object }>(
            stack.project,
            hubId(),
            own,
        );
        await askHub(stack.project, hubId(), { ...own, method: "PUT", body: identity, ifMatch: "*" });
        await until("the refusal", async () => {
            const found = (await device())?.provisioning;
            return found?.source === "dps" && found.error === "Unauthorized (401002)";
        });
        expect(await logs()).toMatch(/DPS client error\n.*caused by: Unauthorized \(401002\)/);
        expect((await stack.project.edge("local", "status")).stdout).toMatch(
            /device pear +not connected +registers by dps 0ne\w+ as pear: Unauthorized \(401002\)/,
        );
    });

    test("once the entry is enabled it registers anew, has its keys in the hub again, and its module answers", async () => {
        await setEntry("enabled");
        await until("the device to be connected", async () => (await device())?.connected);
        configure({ checkTimeoutSeconds: 60 });
        await stack.up();
        expect(await isAnswered()).toBe("ripe");
    });

    test("destroy takes the device away, with what it had", async () => {
        document(await stack.project.edge("local", "destroy", "--json"));
        expect(await stack.status()).toMatchObject({ hub: null, devices: [] });
        const folder = join(stack.project.folder, ".local/stacks/local/azure/devices");
        const left = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
        expect(left.filter((name) => String(name).endsWith(".log"))).toEqual([]);
    });
});
