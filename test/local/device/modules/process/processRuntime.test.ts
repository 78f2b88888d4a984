import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModuleRecord } from "../../../../../local/device/modules/moduleRecords";
import { processRuntime } from "../../../../../local/device/modules/process/processRuntime";

const folder = mkdtempSync(join(tmpdir(), "runtime-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a module whose image is no longer on the device is not started, with a sentence that names both", async () => {
    const nothing = () => {
        throw new Error("Expected nothing to be asked for.");
    };
    const runtime = processRuntime({
        folder,
        identity: nothing,
        logFile: nothing,
        workload: nothing,
        clock: { now: nothing, at: nothing },
        log: nothing,
        environment: {},
        gatewayHostName: "gateway:1",
    });
    const record: ModuleRecord = {
        desired: {
            name: "m",
            image: "registry/fruit:1",
            createOptions: "",
            env: {},
            status: "running",
            restartPolicy: "always",
            imagePullPolicy: "on-create",
            startupOrder: 0,
        },
        digest: "sha256:gone",
        imageHash: "sha256:gone-too",
        runtimeStatus: "stopped",
        statusDescription: "",
        exitCode: 0,
        restartCount: 0,
        awaitsStart: true,
    };
    await expect(runtime.start(record, nothing)).rejects.toThrow(
        "The image sha256:gone of m is no longer on the device.",
    );
});
