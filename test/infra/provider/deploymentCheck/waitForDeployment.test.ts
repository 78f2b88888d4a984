import type { ModuleState } from "../../../../infra/provider/deploymentCheck/moduleState";
import { waitForDeployment } from "../../../../infra/provider/deploymentCheck/waitForDeployment";

const done: ModuleState = { awaits: undefined, description: "runs" };
const failing = (patienceSeconds: number, change: Partial<ModuleState> = {}): ModuleState => ({
    awaits: "image pulled",
    description: "odd",
    failure: { cause: "It is broken", fix: "Mend it", patienceSeconds },
    ...change,
});

/** Waits on a clock of its own, which only sleeping moves; `at` says what is seen at a second. */
async function wait(at: (second: number) => ModuleState, whenOffline: "fail" | "accept" = "fail") {
    let time = 0;
    const lines: string[] = [];
    const result = await waitForDeployment({
        timeoutSeconds: 300,
        whenOffline,
        look: async () => at(time),
        say: (line) => lines.push(line),
        now: () => time,
        sleep: async (seconds) => {
            time += seconds;
        },
    }).catch((error: Error) => error.message);
    return { result, lines, time };
}

describe("waiting for a deployment", () => {
    test("shows each stage with its place, the time that has passed, and the time that is usual", async () => {
        const { result, lines } = await wait((second) =>
            second < 30
                ? { awaits: "device connected", description: "the device has not reported yet" }
                : second < 40
                  ? { awaits: "module running", description: "starting" }
                  : done,
        );
        expect(result).toBe("running");
        expect(lines[0]).toBe(
            "  1/5 waiting for: device connected (0 s, usually up to 300 s): the device has not reported yet",
        );
        expect(lines[1]).toMatch(/^ {2}1\/5 waiting for: device connected \(2\d s, /);
        expect(lines.at(-1)).toMatch(
            /^ {2}4\/5 waiting for: module running \(3\d s, usually up to 20 s\): starting$/,
        );
    });

    test("takes a module for running when one run of it lasts, not when it is seen between two ends", async () => {
        const running = (run: number) => ({ ...done, run: String(run) });
        expect((await wait(() => running(1))).time).toBeGreaterThanOrEqual(5);
        const restless = await wait((second) => running(Math.floor(second / 4)));
        expect(restless.result).toMatch(/^Waited 300 s for: module running/);
    });

    test("begins to count anew where the module was not running in between", async () => {
        const running = { ...done, run: "1" };
        const ended: ModuleState = { awaits: "module running", description: "ends" };
        const { result, time } = await wait((second) => (second > 3 && second < 4.5 ? ended : running));
        expect(result).toBe("running");
        expect(time).toBeGreaterThanOrEqual(4.5 + 5);
    });

    test("ends at once for what no device mends by itself", async () => {
        const { result, time } = await wait(() => failing(0));
        expect(result).toBe("The deployment failed. It is broken. Mend it.");
        expect(time).toBe(0);
    });

    test("gives time to what may pass, counted anew for each cause", async () => {
        const { result, time } = await wait((second) =>
            second < 50
                ? failing(60, { failure: { cause: "First", fix: "a", patienceSeconds: 60 } })
                : failing(60),
        );
        expect(result).toBe("The deployment failed. It is broken. Mend it.");
        expect(time).toBeGreaterThanOrEqual(110);
        expect(time).toBeLessThan(125);
    });

    test("waits the whole time for what may pass at any moment, and then names it", async () => {
        const { result, time } = await wait(() => failing(Infinity));
        expect(result).toBe("Waited 300 s for: image pulled. It is broken. Mend it.");
        expect(time).toBeGreaterThan(300);
    });

    test("says what was seen last when nothing is known to be wrong", async () => {
        const { result } = await wait(() => ({ awaits: "manifest received", description: "at version 3" }));
        expect(result).toMatch(
            /^Waited 300 s for: manifest received\. Last seen: at version 3\. .*checkTimeoutSeconds/,
        );
    });

    test("accepts a device that has never connected where the stack says so, and only such a one", async () => {
        const never = failing(Infinity, { neverConnected: true });
        expect((await wait(() => never, "accept")).result).toBe("unverified");
        expect((await wait(() => never, "fail")).result).toMatch(/^Waited 300 s/);
        expect((await wait(() => failing(Infinity, { neverConnected: false }), "accept")).result).toMatch(
            /^Waited 300 s/,
        );
        expect((await wait((second) => (second < 5 ? never : done), "accept")).result).toBe("running");
    });

    test("shows no secret that a device's error quotes", async () => {
        const description =
            'cannot pull with {"username":"pull","password":"hunter2+ACR"} or SharedAccessKey=abc=';
        const { result, lines } = await wait(() => ({
            awaits: "image pulled",
            description,
            failure: { cause: description, fix: "Mend it", patienceSeconds: 0 },
        }));
        for (const secret of ["hunter2", "abc"]) expect(`${result}${lines}`).not.toContain(secret);
        expect(result).toContain('"username":"pull"');
    });
});
