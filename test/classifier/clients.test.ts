import { execFile, execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { classify } from "../../classifier/src/classify";
import { openModel } from "../../classifier/src/model/openModel";
import { describeUnless } from "../support/describeUnless";
import { colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { serve, type TestService } from "./support/service";

const hasCurl = (() => {
    try {
        execFileSync("curl", ["--version"]);
        return true;
    } catch {
        process.stderr.write("Skipped: the tests with curl, which is not installed.\n");
        return false;
    }
})();

describe("clients as people have them", () => {
    let service: TestService;
    let image: Buffer;
    let file: string;
    beforeAll(async () => {
        const model = await openModel(await colourModelFolder());
        service = await serve({
            classifyFor: (bytes) => classify(model, bytes, { preprocessing: "exact", maxPixels: 1_000_000 }),
        });
        image = await pngOf([255, 0, 0], 300, 200);
        file = join(await folderOf({}), "red.png");
        writeFileSync(file, image);
    });
    afterAll(() => service.close());

    describeUnless(hasCurl ? undefined : "needs curl")("curl", () => {
        test.each([
            ["octets", ["-H", "Content-Type: application/octet-stream", "--data-binary", "@FILE"]],
            ["its default form type", ["--data-binary", "@FILE"]],
            ["a form with a file", ["-F", "imageData=@FILE"]],
            ["chunks", ["-H", "Transfer-Encoding: chunked", "--data-binary", "@FILE"]],
        ])("sending %s is answered", async (_name, args) => {
            const filled = args.map((arg) => arg.replace("FILE", file));
            const { stdout } = await promisify(execFile)("curl", [
                "-sS",
                "-X",
                "POST",
                ...filled,
                `${service.url}/image`,
            ]);
            expect(JSON.parse(stdout).predictions[0]).toMatchObject({
                tagName: "red",
                probability: 0.98670328,
            });
        });
    });

    /** Sends pieces as they are, one write after the other, and returns the answer once it is complete. */
    async function exchange(...pieces: (string | Buffer)[]): Promise<{ head: string; body: string }> {
        const { hostname, port } = new URL(service.url);
        const socket = connect({ host: hostname, port: Number(port), noDelay: true });
        for (const piece of pieces) {
            await new Promise((resolve) => socket.write(piece, resolve));
        }
        let text = "";
        for await (const chunk of socket) {
            text += chunk;
            const [head = "", body = ""] = text.split("\r\n\r\n");
            const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
            if (body.length >= length) {
                socket.destroy();
                return { head, body };
            }
        }
        throw new Error(`Expected a complete answer, got: ${text}`);
    }

    test("Python's requests, which sends head and body apart, is answered", async () => {
        const { head, body } = await exchange(
            "POST /image HTTP/1.1\r\nHost: device\r\nUser-Agent: python-requests/2.32.3\r\n" +
                "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n" +
                `Content-Type: application/octet-stream\r\nContent-Length: ${image.length}\r\n\r\n`,
            image,
        );
        expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
        expect(JSON.parse(body).predictions).toHaveLength(3);
    });

    test("a camera's stream, sent in chunks of unknown number, is answered", async () => {
        const chunks = [image.subarray(0, 7), image.subarray(7)].flatMap((chunk) => [
            `${chunk.length.toString(16)}\r\n`,
            chunk,
            "\r\n",
        ]);
        const { head } = await exchange(
            "POST /image HTTP/1.1\r\nHost: device\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
            ...chunks,
            "0\r\n\r\n",
        );
        expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    });

    test("firmware with 1 KB for the answer gets one that fits, with its length and nothing compressed", async () => {
        const pieces = Array.from({ length: Math.ceil(image.length / 512) }, (_, index) =>
            image.subarray(index * 512, (index + 1) * 512),
        );
        const { head, body } = await exchange(
            "POST /image HTTP/1.1\r\nHost: 192.168.1.10\r\nUser-Agent: ESP32HTTPClient\r\nConnection: keep-alive\r\n" +
                "Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\nContent-Type: application/octet-stream\r\n" +
                `Content-Length: ${image.length}\r\n\r\n`,
            ...pieces,
        );
        expect(head).not.toMatch(/transfer-encoding|content-encoding/i);
        expect(head.length + body.length).toBeLessThan(1024);
        expect(JSON.parse(body).predictions[0]).toMatchObject({ tagName: "red" });
    });
});
