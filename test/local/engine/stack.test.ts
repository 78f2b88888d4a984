import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { type ArmPath, parseArmPath } from "../../../local/arm/armResource";
import { callManagement } from "../../../local/arm/managementCall";
import { type ArmService, armService } from "../../../local/arm/service";
import { localCertificates } from "../../../local/base/certificates";
import { httpListener } from "../../../local/base/http/httpListener";
import { claimPort } from "../../../local/base/ports";
import { writeEndpoints } from "../../../local/endpoints";
import { settlingOptions } from "../../../local/engine/interruptedCreates";
import { preparePulumiHome } from "../../../local/engine/pulumiHome";
import { writeStackConfig } from "../../../local/engine/stackConfig";
import { createStackFolder, type StackFolder, stackFolder } from "../../../local/engine/stackFolder";
import { localDirectory } from "../../../local/planes/entra/directory";
import { managementClient } from "../../../local/providers/management";
import { projectFolder, temporaryStack } from "../../support/localAzure";
import { groupId, startTestModel, type TestModel } from "../arm/testModel";

let stack: StackFolder;
beforeEach(() => {
    const made = temporaryStack();
    stack = { ...made, ports: join(made.folder, "ports") };
    createStackFolder(stack);
});
afterEach(() => rmSync(stack.folder, { recursive: true, force: true }));

test("the plugins of a stack's home can be run, and are those of the installed packages", () => {
    preparePulumiHome(stack.pulumiHome, projectFolder);
    const plugins = join(stack.pulumiHome, "plugins");
    const versionOf = (name: string) => require(`${name}/package.json`).version;
    expect(readdirSync(plugins).sort()).toEqual([
        `language-nodejs-v${versionOf("@pulumi/pulumi")}`,
        `resource-azure-native-v${versionOf("@pulumi/azure-native")}`,
        `resource-docker-v${versionOf("@pulumi/docker")}`,
    ]);
    const files = readdirSync(plugins).flatMap((name) =>
        readdirSync(join(plugins, name)).map((file) => join(plugins, name, file)),
    );
    for (const file of files) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o755]);
    // Once more, over what an earlier version wrote.
    for (const file of files) {
        writeFileSync(file, "old");
        chmodSync(file, 0o644);
    }
    preparePulumiHome(stack.pulumiHome, projectFolder);
    for (const file of files) {
        expect([file, statSync(file).mode & 0o111]).toEqual([file, 0o111]);
        expect(readFileSync(file, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
});

test("the configuration of a new stack has a port of its own, and one that is there stays", async () => {
    const taken = await claimPort(stack.ports, { stackFolder: stack.folder, what: "other" }, 8080);
    await writeStackConfig(stack);
    const { config } = parse(readFileSync(stack.configFile, "utf8"));
    expect(config).toMatchObject({
        "azure-native:location": "westeurope",
        "edge-classifier:deviceAddress": "localhost",
        "edge-classifier:check": "http",
    });
    expect(Number(config["edge-classifier:hostPort"])).toBeGreaterThan(taken);
    writeFileSync(stack.configFile, "config: {}\n");
    await writeStackConfig(stack);
    expect(readFileSync(stack.configFile, "utf8")).toBe("config: {}\n");
});

test.each(["", "A", "1a", "-a", "a_b", "a".repeat(41), "../a"])("%j is no name of a stack", (name) => {
    expect(() => stackFolder(stack.folder, name, {})).toThrow("Expected a stack name of 1 to 40");
});

test("a stack that is not local is not taken for one", () => {
    const project = join(stack.folder, "project");
    mkdirSync(project);
    const { folder, configFile } = stackFolder(project, "a".repeat(40), {});
    writeFileSync(configFile, "");
    expect(() => stackFolder(project, "a".repeat(40), {})).toThrow("of a stack that is not local");
    mkdirSync(folder, { recursive: true });
    expect(stackFolder(project, "a".repeat(40), {}).azure).toBe(join(folder, "azure"));
});

describe("beside a management endpoint", () => {
    let azure: TestModel;
    let server: Server;
    let service: ArmService;
    let now = 0;
    let takesMs = 0;
    beforeEach(async () => {
        takesMs = 0;
        azure = await startTestModel(
            () => takesMs,
            () => now,
        );
        const { caPem, certPem: cert, keyPem: key } = await localCertificates(azure.store);
        service = armService({
            model: azure.model,
            operations: azure.operations,
            token: "ours",
            directory: localDirectory(key, "https://localhost"),
            failsChange: () => false,
        });
        server = createServer({ cert, key }, httpListener(service));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const caFile = join(stack.azure, "ca.pem");
        writeFileSync(caFile, caPem);
        const managementUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
        writeEndpoints(stack.azure, { pid: 1, managementUrl, managementToken: "ours", caFile });
    });
    afterEach(async () => {
        if (server.listening) await new Promise((resolve) => server.close(resolve));
        await service.close();
        await azure.close();
    });

    const hub = "azure-native:iothub:IotHubResource";
    const idOf = (name: string) => `${groupId}/providers/Microsoft.Devices/IotHubs/${name}`;
    const pending = (type: string, resourceType = hub, resourceName = "hub", isMadeUp = true) => ({
        type,
        resource: {
            type: resourceType,
            inputs: {
                resourceGroupName: "rg",
                resourceName,
                ...(isMadeUp && { __createBeforeDelete: true }),
            },
        },
    });
    const settle = (operations?: object[]) => {
        const file = join(stack.state, "state.json");
        if (operations)
            writeFileSync(
                file,
                JSON.stringify({ checkpoint: { latest: { pending_operations: operations } } }),
            );
        return settlingOptions(stack, file);
    };

    test("a creation that was cut off is forgotten, and what was made of it under a made-up name goes", async () => {
        expect(await settle()).toBeUndefined();
        expect(await settle([])).toBeUndefined();
        expect(await settle([pending("updating"), pending("deleting")])).toBeUndefined();
        expect(await settle([pending("creating")])).toEqual(["--clear-pending-creates"]);
        expect(await settle([pending("creating", "docker:index/image:Image")])).toEqual([
            "--clear-pending-creates",
        ]);
        const there = (name: string) => azure.model.find(parseArmPath(idOf(name)) as ArmPath) !== undefined;
        for (const name of ["hub", "chosen", "other"])
            await azure.put(`Microsoft.Devices/IotHubs/${name}`, { sku: { name: "S1" } });
        expect(
            await settle([
                pending("updating", hub, "other"),
                pending("creating"),
                pending("creating", hub, "no"),
                pending("creating", hub, "chosen", false),
            ]),
        ).toEqual(["--clear-pending-creates"]);
        expect([there("hub"), there("chosen"), there("other")]).toEqual([false, true, true]);
    });

    test("a creation that was cut off is settled when it has ended", async () => {
        const made = await azure.put("Microsoft.Devices/IotHubs/hub", { sku: { name: "S1" } });
        takesMs = 60_000;
        await azure.operations.begin("creating", made);
        const askedOnce = new Promise<void>((resolve) =>
            server.on("request", (_request, response) => response.once("finish", resolve)),
        );
        const settling = settle([pending("creating")]);
        await askedOnce;
        expect(azure.get("Microsoft.Devices/IotHubs/hub")).toBeDefined();
        now += takesMs;
        takesMs = 0;
        await settling;
        expect(azure.store.collection("arm-resources").get(idOf("hub").toLowerCase())).toBeUndefined();
    });

    test("what is not there is found not to be, and any other refusal is an error in ARM's words", async () => {
        const management = managementClient(stack.azure);
        expect(await management.find(`${groupId}/providers/Microsoft.Devices/IotHubs/none`)).toBeUndefined();
        expect(await management.find(`${groupId}-none`)).toBeUndefined();
        await expect(
            management.find(`${groupId}/providers/Microsoft.Storage/storageAccounts/a`),
        ).rejects.toThrow('Code="InvalidResourceType"');
        await expect(management.get(`${groupId}-none`)).rejects.toMatchObject({
            status: 404,
            code: "ResourceGroupNotFound",
        });
        await expect(management.put(`${groupId}-none`, {})).rejects.toMatchObject({
            code: "LocationRequired",
        });
        await management.remove(`${groupId}-none`);
    });

    test("an endpoint that is gone is told with the way out", async () => {
        await new Promise((resolve) => server.close(resolve));
        await expect(callManagement(stack.azure, "GET", groupId)).rejects.toThrow(
            /Expected the local Azure to answer at https:\/\/localhost:\d+, found: .*npm run edge -- local start/,
        );
        rmSync(join(stack.azure, "endpoints.json"));
        expect(existsSync(stack.azure)).toBe(true);
        expect(() => callManagement(stack.azure, "GET", groupId)).toThrow("found no endpoints of it");
    });
});
