import type { Deployment } from "../../../../local/device/agent/deployment";
import { planRunner } from "../../../../local/device/agent/planRunner";
import { reportedProperties } from "../../../../local/device/agent/reportedProperties";
import type { DesiredModule } from "../../../../local/device/modules/desiredModule";
import type { ModuleRecord } from "../../../../local/device/modules/moduleRecords";
import { created, ended, running, stopped, switchedOff } from "../../../../local/device/modules/moduleState";
import type { ModuleSupervisor } from "../../../../local/device/modules/moduleSupervisor";
import { testClock } from "../testClock";

const wanted = (name: string, changes: Partial<DesiredModule> = {}): DesiredModule => ({
    name,
    image: "r.io/c@sha256:1",
    createOptions: "{}",
    env: {},
    status: "running",
    restartPolicy: "always",
    imagePullPolicy: "on-create",
    startupOrder: 1,
    ...changes,
});
const deployment = (version: number, ...modules: DesiredModule[]): Deployment => ({
    version,
    modules,
    registryCredentials: [{ address: "r.io", username: "u", password: "p" }],
    systemModules: {
        edgeAgent: { image: "agent", createOptions: "{}" },
        edgeHub: { image: "hub", createOptions: "{}" },
    },
});
const never = new AbortController().signal;
const image = { digest: "sha256:1", imageHash: "sha256:2" };

/** A supervisor whose modules fail as the test says. */
function testRunner() {
    const clock = testClock();
    const records = new Map<string, ModuleRecord>();
    const tried: string[] = [];
    const failing = new Map<string, string>();
    const create = async (module: DesiredModule, credentials: unknown[]) => {
        tried.push(`create ${module.name} with ${credentials.length}`);
        const failure = failing.get(module.name);
        if (failure) throw new Error(failure);
        records.set(module.name, running(created(module, image, "process")));
    };
    const supervisor = {
        records: () => records,
        hasImage: () => true,
        noteWanted: () => {},
        create,
        remove: async (name: string) => {
            tried.push(`remove ${name}`);
            records.delete(name);
        },
    } as unknown as ModuleSupervisor;
    const log: string[] = [];
    const runner = planRunner({ supervisor, clock, coolOffUnit: 10_000, log: (line) => log.push(line) });
    return { clock, records, tried, failing, log, runner };
}

test("each step is done, whether or not others fail, and the reasons are told", async () => {
    const { runner, tried, failing, records, log } = testRunner();
    records.set("old", created(wanted("old"), image, "process"));
    failing.set("a", "no registry");
    expect(await runner.run(deployment(1, wanted("a"), wanted("b")), never)).toEqual(["no registry"]);
    expect(tried).toEqual(["remove old", "create a with 1", "create b with 1"]);
    expect(log).toEqual(["create a: no registry"]);
    expect(runner.wakeAt(deployment(1, wanted("b")))).toBeUndefined();
});

test("a step that failed rests, twice as long each time, and tells its reason meanwhile", async () => {
    const { runner, tried, failing, clock } = testRunner();
    const one = deployment(1, wanted("a"));
    failing.set("a", "no registry");
    await runner.run(one, never);
    for (const [index, seconds] of [10, 20, 40].entries()) {
        expect(runner.wakeAt(one)).toBe(clock.now() + seconds * 1000);
        clock.advance(seconds * 1000 - 1);
        expect(await runner.run(one, never)).toEqual(["no registry"]);
        expect(tried).toHaveLength(index + 1);
        clock.advance(1);
        await runner.run(one, never);
        expect(tried).toHaveLength(index + 2);
    }
    // Another deployment is another chance, after which the rests begin anew.
    await runner.run(deployment(2, wanted("a")), never);
    expect(tried).toHaveLength(5);
    expect(runner.wakeAt(one)).toBe(clock.now() + 10_000);
    failing.clear();
    clock.advance(10_000);
    expect(await runner.run(deployment(2, wanted("a")), never)).toEqual([]);
    expect(runner.wakeAt(deployment(2, wanted("a")))).toBeUndefined();
});

test("what is given up is neither logged nor rests, and nothing follows it", async () => {
    const { runner, tried, failing, log } = testRunner();
    const giving = new AbortController();
    failing.set("a", "given up");
    const two = deployment(1, wanted("a"), wanted("b"));
    const run = runner.run(two, giving.signal);
    giving.abort();
    await run;
    expect([tried, log]).toEqual([["create a with 1"], []]);
    failing.clear();
    await runner.run(two, never);
    expect(tried).toEqual(["create a with 1", "create a with 1", "create b with 1"]);
});

describe("the record of a module", () => {
    const made = created(wanted("m"), image, "container");
    const ran = { ...running(made), process: { pid: 1, start: "1" }, restartCount: 3 };

    test("awaits its start once it is made, and runs without a code", () => {
        expect(made).toMatchObject({
            runtime: "container",
            runtimeStatus: "stopped",
            awaitsStart: true,
            ...image,
        });
        expect(running({ ...made, exitCode: 7 })).toMatchObject({ runtimeStatus: "running", exitCode: 0 });
    });

    test("keeps the code and time of an end, by which its policy says what follows, and no process", () => {
        const after = ended(ran, 7, "exited", 5000);
        expect(after).toMatchObject({
            exitCode: 7,
            lastExit: 5000,
            runtimeStatus: "backoff",
            restartCount: 3,
        });
        expect(after).not.toHaveProperty("process");
        const once = { ...ran, desired: wanted("m", { restartPolicy: "never" }) };
        expect([ended(once, 7, "", 1).runtimeStatus, ended(once, 0, "", 1).runtimeStatus]).toEqual([
            "failed",
            "stopped",
        ]);
    });

    test("that the device stopped awaits its start without restarts, and keeps its last end where it did not run", () => {
        const { process: _process, ...rest } = ran;
        expect(stopped(ran, 5, 9000)).toEqual({
            ...rest,
            exitCode: 5,
            lastExit: 9000,
            runtimeStatus: "stopped",
            statusDescription: "stopped by the device",
            restartCount: 0,
            awaitsStart: true,
        });
        expect(stopped({ ...ran, lastExit: 1, exitCode: 2 }, undefined, 9000)).toMatchObject({
            lastExit: 1,
            exitCode: 2,
        });
    });

    test.each([
        ["always", true],
        ["on-failure", true],
        ["on-unhealthy", true],
        ["never", false],
    ] as const)(
        "with %s awaits its start after its device was switched off: %p",
        (restartPolicy, awaitsStart) => {
            const record = { ...ran, awaitsStart: !awaitsStart, desired: wanted("m", { restartPolicy }) };
            expect(switchedOff(record)).toMatchObject({
                runtimeStatus: "stopped",
                awaitsStart,
                restartCount: 3,
            });
        },
    );

    test("is reported with its times, or with .NET's zero for what has not happened", () => {
        const report = (record: ModuleRecord, isOn = true) =>
            reportedProperties({
                version: 4,
                status: { code: 200, description: "" },
                deployment: deployment(4),
                modules: [record],
                startedAt: 1000,
                isOn,
                // biome-ignore lint/suspicious/noExplicitAny: reported properties are looked into at will.
            }) as any;
        const never = "0001-01-01T00:00:00";
        expect(report(made).modules.m).toMatchObject({
            lastStartTimeUtc: never,
            lastExitTimeUtc: never,
            lastRestartTimeUtc: never,
        });
        const times = { lastStart: 1000, lastExit: 2000, lastRestart: 3000 };
        const told = report({ ...ran, ...times, exitCode: 7, desired: wanted("m", { version: "2" }) });
        expect(told.modules.m).toMatchObject({
            version: "2",
            exitCode: 7,
            restartCount: 3,
            runtimeStatus: "running",
            lastStartTimeUtc: "1970-01-01T00:00:01.000Z",
            lastExitTimeUtc: "1970-01-01T00:00:02.000Z",
            lastRestartTimeUtc: "1970-01-01T00:00:03.000Z",
        });
        expect(told.systemModules).toMatchObject({
            edgeAgent: { runtimeStatus: "running", settings: { image: "agent" } },
            edgeHub: { runtimeStatus: "running", settings: { image: "hub" }, restartPolicy: "always" },
        });
        const off = report(ran, false);
        expect([off.modules.m, off.systemModules.edgeAgent, off.systemModules.edgeHub]).toMatchObject(
            Array(3).fill({ runtimeStatus: "unknown" }),
        );
        expect(JSON.stringify(told)).not.toContain("registryCredentials");
    });
});
