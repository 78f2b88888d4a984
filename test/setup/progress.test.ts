import { createProgress, duration } from "../../setup/progress";

/** A stream that keeps what is written, as a terminal or as a file. */
function stream(isTTY: boolean, columns?: number) {
    const written: string[] = [];
    const target = { isTTY, columns, write: (text: string) => written.push(text) };
    return { target: target as unknown as NodeJS.WriteStream, written };
}
beforeEach(() => {
    jest.useFakeTimers();
});
afterEach(() => {
    jest.useRealTimers();
});

test.each([
    [0, "0.0 s"],
    [349, "0.3 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [59_499, "59 s"],
    [59_500, "1 min 0 s"],
    [60_000, "1 min 0 s"],
    [170_000, "2 min 50 s"],
])("%i ms are told as %s", (ms, text) => expect(duration(ms)).toBe(text));

describe("progress where there is no terminal", () => {
    test("is a line when a step starts, one each 15 s, and one when it ends", () => {
        const { target, written } = stream(false);
        const step = createProgress(target, {}).begin("Dependencies");
        expect(written).toEqual([]);
        step.doing("npm ci in root", "about 30 s");
        expect(written).toEqual([`… ${"Dependencies".padEnd(22)} npm ci in root (about 30 s)\n`]);
        jest.advanceTimersByTime(14_999);
        step.latest("\x1b[32madded 3 packages\x1b[0m");
        expect(written).toHaveLength(1);
        jest.advanceTimersByTime(1);
        expect(written[1]).toBe(`… ${"Dependencies".padEnd(22)} ${"added 3 packages".padEnd(48)}  15 s\n`);
        step.doing("npm ci in classifier");
        jest.advanceTimersByTime(15_000);
        expect(written.slice(2)).toEqual([
            `… ${"Dependencies".padEnd(22)} npm ci in classifier\n`,
            `… ${"Dependencies".padEnd(22)} ${"npm ci in classifier".padEnd(48)}  30 s\n`,
        ]);
        step.done("root, classifier", "once");
        expect(written[4]).toBe(
            `✔ ${"Dependencies".padEnd(22)} ${"root, classifier".padEnd(48)}  30 s, once\n`,
        );
        jest.advanceTimersByTime(60_000);
        expect(written).toHaveLength(5);
    });

    test("of a step that fails ends with what it was at, and no more lines", () => {
        const { target, written } = stream(false);
        const step = createProgress(target, {}).begin("Compiled code");
        step.doing("compiling classifier", "about 5 s");
        step.fail();
        jest.advanceTimersByTime(60_000);
        expect(written[1]).toBe(
            `✘ ${"Compiled code".padEnd(22)} ${"compiling classifier (about 5 s)".padEnd(48)}  0.0 s\n`,
        );
        expect(written).toHaveLength(2);
    });

    test("says sentences and finished lines as they are", () => {
        const { target, written } = stream(false);
        const progress = createProgress(target, {});
        progress.say("A sentence.");
        progress.done("Model", "banana 1.0.0");
        progress.done("a.png", "ripe", "3 ms");
        expect(written).toEqual([
            "A sentence.\n",
            `✔ ${"Model".padEnd(22)} banana 1.0.0\n`,
            `✔ ${"a.png".padEnd(22)} ${"ripe".padEnd(48)}  3 ms\n`,
        ]);
    });
});

describe("progress on a terminal", () => {
    test("is one line that keeps changing, no longer than the terminal is wide, and gone at the end", () => {
        const { target, written } = stream(true, 60);
        const step = createProgress(target, {}).begin("Dependencies");
        step.doing("npm ci in root");
        step.latest("x".repeat(100));
        jest.advanceTimersByTime(240);
        expect(written).toHaveLength(3);
        for (const line of written) {
            expect(line.startsWith("\r\x1b[2K")).toBe(true);
            expect(line).not.toContain("\n");
            expect(line.length - "\r\x1b[2K".length).toBeLessThan(60);
        }
        expect(written[2]).toContain("npm ci in root  xxx");
        // Something is seen to move.
        expect(new Set(written.map((line) => line[5])).size).toBeGreaterThan(1);
        step.done("root");
        expect(written.slice(3)).toEqual([
            "\r\x1b[2K",
            `\x1b[32m✔\x1b[0m ${"Dependencies".padEnd(22)} ${"root".padEnd(48)}  0.2 s\n`,
        ]);
        jest.advanceTimersByTime(1_000);
        expect(written).toHaveLength(5);
    });

    test("has red for what failed, and no colour where NO_COLOR says so", () => {
        const coloured = stream(true);
        createProgress(coloured.target, {}).begin("A step").fail();
        expect(coloured.written.at(-1)?.startsWith("\x1b[31m✘\x1b[0m A step")).toBe(true);
        const plain = stream(true);
        const progress = createProgress(plain.target, { NO_COLOR: "1" });
        progress.done("A step", "done");
        progress.begin("Another").fail();
        expect(plain.written.join("")).not.toContain("\x1b[3");
    });

    test("has no sequences where it calls itself dumb, and colours elsewhere where they were asked for", () => {
        const dumb = stream(true);
        createProgress(dumb.target, { TERM: "dumb" }).begin("A step").fail();
        expect(dumb.written.join("")).not.toContain("\x1b");
        const forced = stream(false);
        createProgress(forced.target, { EDGE_COLOR: "always" }).done("A step", "done");
        expect(forced.written.join("")).toContain("\x1b[32m");
    });

    test("is 80 wide where the terminal does not say", () => {
        const { target, written } = stream(true);
        createProgress(target, {}).begin("A step").doing("x".repeat(200));
        expect(written[0]).toHaveLength("\r\x1b[2K".length + 79);
    });
});
