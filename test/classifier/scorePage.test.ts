import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createImageFetcher } from "../../classifier/src/http/remoteImage";
import { serveModels } from "./support/modelService";
import type { TestService } from "./support/service";
import { linearClassifier, tableModelFolder } from "./support/tableModel";

const project = join(__dirname, "..", "..");
const page = readFileSync(join(project, "docs/score.md"), "utf8");

/** Each command of the page with the answer that it shows. */
const examples = [...page.matchAll(/```sh\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g)].map(
    ({ index, 1: command = "", 2: answer = "" }) => {
        const heading = page.slice(0, index).split("\n## ").at(-1)?.split("\n")[0];
        return { heading, command, answer };
    },
);

/** An answer without what differs from call to call and from machine to machine: times, and the digits after the third. */
function comparable(answer: string): unknown {
    return JSON.parse(
        JSON.stringify(JSON.parse(answer))
            .replace(/"created":"[^"]+"/, '"created":""')
            .replace(/\d+(\.\d+)?e-\d+|\d+\.\d+/g, (number) => Number(number).toFixed(3)),
    );
}

describe("the examples of the page about /score", () => {
    let images: TestService;
    let rows: TestService;
    beforeAll(async () => {
        images = await serveModels(join(project, "classifier/model"), {
            fetchImage: createImageFetcher({ allowPrivateUrls: false }),
        });
        rows = await serveModels(await tableModelFolder(linearClassifier()));
    });
    afterAll(() => Promise.all([images.close(), rows.close()]));

    test("are there for each dialect", () => expect(examples).toHaveLength(7));

    test.each(examples)("answer what the page shows: $heading", async ({ command, answer }) => {
        const { url } = /data=|\{"data"/.test(command) ? rows : images;
        const script = command.replace("http://localhost:8080", url).replace("curl", "curl -s");
        const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: project });
        expect(comparable(stdout)).toEqual(comparable(answer));
    });
});
