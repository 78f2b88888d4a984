import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCertificates } from "../../local/base/certificates";
import { openStore } from "../../local/base/store";
import { passwordHash } from "../../local/planes/registry/authorization";
import { pushImage } from "../../local/planes/registry/client";
import { registryPlane } from "../../local/planes/registry/plane";
import { servePlane } from "../../local/planes/servePlane";
import { packImage } from "../../local/providers/imagePackage";
import { atMost } from "../goals";
import { markdownTable } from "../markdownTable";
import { classLabels } from "../networks/layers";
import { mobileNetV2 } from "../networks/mobileNetV2";
import type { PartResult } from "../part";
import { freePort } from "../servers";
import { figureOf } from "../statistics";

const CLASSIFIER = join(__dirname, "..", "..", "classifier");

/** Pushes an image and then one with another model, and counts the bytes on the wire to the registry. */
export async function registry(): Promise<PartResult> {
    const folder = mkdtempSync(join(tmpdir(), "edge-classifier-registry-"));
    const store = openStore(join(folder, "store"));
    const port = await freePort();
    const wire = await countingProxy(port);
    const password = randomBytes(16).toString("hex");
    const users = () => [{ name: "bench", passwordHashes: [passwordHash(password)] }];
    const host = { store, folder, certificates: await localCertificates(store) };
    const settings = { name: "bench", hostName: `localhost:${port}`, users };
    const local = await servePlane(registryPlane, settings, host);
    try {
        const context = copyContext(join(folder, "context"));
        const dockerfile = join(context, "Dockerfile");
        const moved: number[] = [];
        for (const seed of [1, 2]) {
            writeFileSync(join(context, "model", "model.onnx"), mobileNetV2(seed));
            const image = await packImage({ context, dockerfile, args: {}, cache: join(folder, "cache") });
            const before = wire.bytes();
            await pushImage(
                { server: wire.server, username: "bench", password },
                "classifier",
                `${seed}`,
                image,
            );
            moved.push(wire.bytes() - before);
        }
        const modelBytes = statSync(join(context, "model", "model.onnx")).size;
        const [wholeBytes = 0, changeBytes = 0] = moved;
        const overMb = (changeBytes - modelBytes) / 1e6;
        return {
            rows: [{ wholeBytes, changeBytes, modelBytes }],
            goals: [
                atMost("P11", "another model: bytes moved − those of the model, MB", 1, figureOf([overMb])),
            ],
            table: markdownTable([
                ["pushed", "MB on the wire"],
                ["the whole image, without a base", (wholeBytes / 1e6).toFixed(3)],
                [
                    `the same with another model of ${(modelBytes / 1e6).toFixed(3)} MB`,
                    (changeBytes / 1e6).toFixed(3),
                ],
            ]),
        };
    } finally {
        await wire.close();
        await local.close();
        await store.close();
        rmSync(folder, { recursive: true, force: true });
    }
}

/** The build context with a model of the benchmark in it. */
function copyContext(context: string): string {
    cpSync(CLASSIFIER, context, {
        recursive: true,
        filter: (path) => path !== join(CLASSIFIER, "node_modules") && path !== join(CLASSIFIER, "model"),
    });
    symlinkSync(join(CLASSIFIER, "node_modules"), join(context, "node_modules"));
    mkdirSync(join(context, "model"));
    writeFileSync(join(context, "model", "labels.txt"), classLabels());
    return context;
}

/** Stands before a port and counts what passes, in both directions. */
async function countingProxy(port: number) {
    let bytes = 0;
    const count = (chunk: Buffer) => {
        bytes += chunk.length;
    };
    const server = createServer((client) => {
        const behind = connect(port, "127.0.0.1");
        for (const [from, to] of [
            [client, behind],
            [behind, client],
        ] as const) {
            from.on("data", count).pipe(to);
            // Whichever end fails takes the other with it, and the client says why.
            from.on("error", () => to.destroy());
        }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        server: `localhost:${(server.address() as AddressInfo).port}`,
        bytes: () => bytes,
        close: () => new Promise<unknown>((resolve) => server.close(resolve)),
    };
}
