import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { colourModelFolder } from "./support/colourModel";
import { finish, startService, stopServices } from "./support/serviceProcess";

const compiled = join(__dirname, "../../classifier/dist");

describe("the service's log", () => {
    afterAll(stopServices);

    test("that nobody reads any more ends the service without a word, and with 141", async () => {
        const { process: child, url } = await startService({
            MODEL_DIR: await colourModelFolder(),
            WORKERS: "1",
        });
        child.stdout?.destroy();
        expect((await fetch(url)).status).toBe(200);
        expect(await finish(child)).toEqual({ code: 141, output: "" });
    });

    test("that finds no room is lost, and the service goes on", async () => {
        const full = openSync("/dev/full", "w");
        const port = 18_000 + (process.pid % 1000);
        const env = {
            PATH: process.env.PATH,
            HOST: "127.0.0.1",
            PORT: String(port),
            WORKERS: "1",
            MODEL_DIR: await colourModelFolder(),
        };
        const child = spawn(process.execPath, [join(compiled, "main.js")], {
            env,
            stdio: ["ignore", full, "pipe"],
        });
        closeSync(full);
        const ask = () =>
            fetch(`http://127.0.0.1:${port}/ready`).then(
                ({ status }) => status,
                () => 0,
            );
        while ((await ask()) !== 200 && child.exitCode === null) await setTimeout(20);
        expect([await ask(), await ask(), child.exitCode]).toEqual([200, 200, null]);
        child.kill("SIGTERM");
        expect(await once(child, "exit")).toEqual([0, null]);
    });

    test("of a check of a model ends in the same way", async () => {
        const child = spawn(process.execPath, [join(compiled, "checkModel.js"), await colourModelFolder()], {
            stdio: ["ignore", "pipe", "pipe"],
        });
        child.stdout.destroy();
        expect(await finish(child)).toEqual({ code: 141, output: "" });
    });
});
