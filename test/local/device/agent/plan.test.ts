import { planModules, type Step } from "../../../../local/device/agent/plan";
import type { DesiredModule } from "../../../../local/device/modules/desiredModule";
import type { ModuleRecord } from "../../../../local/device/modules/moduleRecords";
import { coolOff, statusAfterExit } from "../../../../local/device/modules/restartPolicy";

const now = Date.parse("2030-01-01T00:00:00Z");

function wanted(name: string, changes: Partial<DesiredModule> = {}): DesiredModule {
    return {
        name,
        image: "r.io/c@sha256:1",
        createOptions: "{}",
        env: {},
        status: "running",
        restartPolicy: "always",
        imagePullPolicy: "on-create",
        startupOrder: 10,
        ...changes,
    };
}

function record(desired: DesiredModule, changes: Partial<ModuleRecord> = {}): ModuleRecord {
    return {
        desired,
        digest: "sha256:1",
        imageHash: "sha256:2",
        runtimeStatus: "running",
        statusDescription: "running",
        exitCode: 0,
        restartCount: 0,
        awaitsStart: false,
        ...changes,
    };
}

function plan(modules: DesiredModule[], records: ModuleRecord[], hasImage = true) {
    const byName = new Map(records.map((each) => [each.desired.name, each]));
    return planModules(modules, byName, { now, coolOffUnit: 10_000, hasImage: () => hasImage });
}

const told = (steps: Step[]) =>
    steps.map((step) => `${step.kind} ${step.kind === "create" ? step.module.name : step.name}`);

test("nothing is done about modules that run as they should", () => {
    expect(plan([wanted("a")], [record(wanted("a"))])).toEqual({ steps: [], wakeAt: undefined });
});

test("removed modules go first, then the others come by startup order and name", () => {
    const modules = [
        wanted("c"),
        wanted("b", { startupOrder: 20 }),
        wanted("a"),
        wanted("z", { startupOrder: 0 }),
    ];
    expect(told(plan(modules, [record(wanted("old"))]).steps)).toEqual([
        "remove old",
        "create z",
        "create a",
        "create c",
        "create b",
    ]);
});

test.each<[string, Partial<DesiredModule>]>([
    ["image", { image: "r.io/c@sha256:9" }],
    ["options", { createOptions: '{"Env":["A=1"]}' }],
    ["environment", { env: { A: "1" } }],
    ["restart policy", { restartPolicy: "never" }],
    ["version", { version: "2" }],
])("another %s makes the module anew", (_name, changes) => {
    expect(told(plan([wanted("a", changes)], [record(wanted("a"))]).steps)).toEqual(["create a"]);
});

test("a wanted status alone stops or starts the module", () => {
    const stopped = record(wanted("a"), { runtimeStatus: "stopped", awaitsStart: true });
    expect(told(plan([wanted("a", { status: "stopped" })], [record(wanted("a"))]).steps)).toEqual(["stop a"]);
    expect(told(plan([wanted("a", { status: "stopped" })], [stopped]).steps)).toEqual([]);
    expect(told(plan([wanted("a")], [stopped]).steps)).toEqual(["start a"]);
    const failed = record(wanted("a"), { runtimeStatus: "failed" });
    expect(told(plan([wanted("a", { status: "stopped" })], [failed]).steps)).toEqual(["stop a"]);
});

test("a module in back-off is restarted when its rest is over, and the plan says when that is", () => {
    const resting = (restartCount: number, rested: number) =>
        plan(
            [wanted("a")],
            [record(wanted("a"), { runtimeStatus: "backoff", restartCount, lastExit: now - rested })],
        );
    expect(resting(0, 9_999)).toEqual({ steps: [], wakeAt: now + 1 });
    expect(told(resting(0, 10_000).steps)).toEqual(["restart a"]);
    expect(resting(3, 10_000)).toEqual({ steps: [], wakeAt: now + 70_000 });
});

test("modules that ended for good are left alone", () => {
    for (const runtimeStatus of ["failed", "stopped"] as const) {
        expect(plan([wanted("a")], [record(wanted("a"), { runtimeStatus })]).steps).toEqual([]);
    }
});

test("restarts are forgotten after ten healthy minutes", () => {
    const since = (minutes: number) =>
        plan([wanted("a")], [record(wanted("a"), { restartCount: 2, lastExit: now - minutes * 60_000 })]);
    expect(since(9)).toEqual({ steps: [], wakeAt: now + 60_000 });
    expect(told(since(10).steps)).toEqual(["forgetRestarts a"]);
});

test("a module whose image is gone from the device is made anew, unless it runs", () => {
    const stopped = record(wanted("a"), { runtimeStatus: "stopped", awaitsStart: true });
    expect(told(plan([wanted("a")], [stopped], false).steps)).toEqual(["create a"]);
    expect(plan([wanted("a")], [record(wanted("a"))], false).steps).toEqual([]);
});

test("rests double from ten seconds to five minutes", () => {
    expect([0, 1, 2, 3, 4, 5, 19].map((count) => coolOff(count, 10_000) / 1000)).toEqual([
        10, 20, 40, 80, 160, 300, 300,
    ]);
});

test.each([
    ["always", "backoff", "backoff"],
    ["on-unhealthy", "stopped", "backoff"],
    ["on-failure", "stopped", "backoff"],
    ["never", "stopped", "failed"],
] as const)("with %s a module that ends well is %s, one that fails is %s", (restartPolicy, well, badly) => {
    expect([
        statusAfterExit({ restartPolicy }, false, 0),
        statusAfterExit({ restartPolicy }, true, 0),
    ]).toEqual([well, badly]);
    const spent = restartPolicy === "always" ? "failed" : well;
    expect([
        statusAfterExit({ restartPolicy }, false, 20),
        statusAfterExit({ restartPolicy }, true, 20),
    ]).toEqual([spent, "failed"]);
});
