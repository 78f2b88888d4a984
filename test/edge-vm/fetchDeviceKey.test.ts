import { execFile, execFileSync } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { shellScript } from "../../edge-vm/shellScript";
import { testWithCommands } from "./tools";

/** Raw bytes as a device key has them: none of them is text. */
const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
const token = "ey-a-token";

type Answer = { status: number; body?: unknown };

/** A metadata service and a vault on one port. Each answers from its list, the last answer again and again. */
interface FakeAzure {
    readonly url: string;
    readonly asked: { url: string; metadata?: string; authorization?: string }[];
    readonly tokens: Answer[];
    readonly secrets: Answer[];
}

let server: Server;
let azure: FakeAzure;
let folder: string;

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "device-key-"));
    const asked: FakeAzure["asked"] = [];
    const tokens = [{ status: 200, body: { access_token: token, token_type: "Bearer" } }];
    const secrets = [{ status: 200, body: { value: key.toString("base64"), id: "…" } }];
    server = createServer((request: IncomingMessage, response) => {
        const { url = "", headers } = request;
        asked.push({ url, metadata: String(headers.metadata), authorization: headers.authorization });
        const list: Answer[] = url.startsWith("/token") ? tokens : secrets;
        const answer = (list.length > 1 ? list.shift() : list[0]) as Answer;
        // A status of 0 stands for a connection that ends without an answer.
        if (answer.status === 0) return void request.socket.destroy();
        response.writeHead(answer.status, { "Content-Type": "application/json" });
        response.end(JSON.stringify(answer.body ?? { error: "not now" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    azure = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, tokens, secrets };
});
afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
});

const keyFile = () => join(folder, "secrets/aziot/keyd/device-id");

interface Finished {
    readonly exitCode: number;
    readonly stderr: string;
    readonly stdout: string;
}

async function fetchKey(
    url = azure.url,
    path = process.env.PATH,
    tries: Record<string, string> = { FETCH_ATTEMPTS: "4", FETCH_DELAY: "0" },
): Promise<Finished> {
    const script = join(folder, "fetchDeviceKey.sh");
    writeFileSync(script, shellScript(join(__dirname, "../../edge-vm/fetchDeviceKey.sh")));
    const args = [script, `${url}/token?client_id=me`, `${url}/secret?api-version=7.4`, keyFile()];
    const env = { PATH: path, ...tries };
    return new Promise((resolve) => {
        execFile("bash", [...args, userInfo().username], { env }, (error, stdout, stderr) => {
            resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
        });
    });
}

const needed = ["bash", "curl", "python3", "base64"];

describe("fetching the device's key at the first boot", () => {
    testWithCommands(needed, "writes its raw bytes for the key service alone", async () => {
        expect(await fetchKey()).toEqual({ exitCode: 0, stdout: "", stderr: "" });
        expect(readFileSync(keyFile())).toEqual(key);
        expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
        expect(statSync(join(keyFile(), "..")).mode & 0o777).toBe(0o700);
        // The key service reaches its folder through this one.
        expect(statSync(join(keyFile(), "../..")).mode & 0o055).toBe(0o055);
        expect(readdirSync(join(keyFile(), ".."))).toEqual(["device-id"]);
    });

    testWithCommands(needed, "asks as Azure wants to be asked", async () => {
        await fetchKey();
        expect(azure.asked).toEqual([
            { url: "/token?client_id=me", metadata: "true", authorization: undefined },
            { url: "/secret?api-version=7.4", metadata: "undefined", authorization: `Bearer ${token}` },
        ]);
    });

    testWithCommands(
        needed,
        "waits while the identity, its rights and the secret are on their way",
        async () => {
            azure.tokens.unshift({ status: 404 }, { status: 429 }, { status: 500 });
            azure.secrets.unshift({ status: 403 }, { status: 404 }, { status: 503 });
            expect((await fetchKey()).exitCode).toBe(0);
            expect(readFileSync(keyFile())).toEqual(key);
            expect(azure.asked).toHaveLength(8);
        },
    );

    testWithCommands(
        needed,
        "asks again after every answer that time may change, of either service",
        async () => {
            const passing = [400, 403, 404, 408, 410, 429, 500, 503, 504].map((status) => ({ status }));
            azure.tokens.unshift(...passing);
            azure.secrets.unshift(...passing);
            const tries = { FETCH_ATTEMPTS: "10", FETCH_DELAY: "0" };
            expect(await fetchKey(azure.url, process.env.PATH, tries)).toMatchObject({
                exitCode: 0,
                stderr: "",
            });
            expect(azure.asked).toHaveLength(20);
        },
    );

    test.each([301, 401, 409])("gives up at once on %i, whoever answers it", async (status) => {
        azure.tokens.unshift({ status });
        const { exitCode, stderr } = await fetchKey();
        expect([exitCode, stderr]).toEqual([
            1,
            `Expected the metadata service to answer 200, found ${status}. Check that the machine's identity may get the secret.\n`,
        ]);
        expect(azure.asked).toHaveLength(1);
        expect(existsSync(keyFile())).toBe(false);
    });

    testWithCommands(needed, "asks again where an answer does not come, or breaks off", async () => {
        azure.tokens.unshift({ status: 0 });
        azure.secrets.unshift({ status: 0 });
        expect((await fetchKey()).exitCode).toBe(0);
        expect(azure.asked).toHaveLength(4);
        expect(readFileSync(keyFile())).toEqual(key);
    });

    testWithCommands(
        needed,
        "waits twice as long each time, and never longer than half a minute",
        async () => {
            const bin = join(folder, "bin");
            mkdirSync(bin);
            writeFileSync(join(bin, "sleep"), `#!/bin/sh\necho $1 >>"${folder}/slept"\n`, { mode: 0o755 });
            azure.secrets.unshift({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
            await fetchKey(azure.url, `${bin}:${process.env.PATH}`, {
                FETCH_ATTEMPTS: "4",
                FETCH_DELAY: "12",
            });
            expect(readFileSync(join(folder, "slept"), "utf8")).toBe("12\n24\n30\n");
        },
    );

    testWithCommands(
        needed,
        "takes the key of another version in place of the one that is there",
        async () => {
            await fetchKey();
            const other = Buffer.from(key).reverse();
            azure.secrets.unshift({ status: 200, body: { value: other.toString("base64") } });
            expect((await fetchKey()).exitCode).toBe(0);
            expect(readFileSync(keyFile())).toEqual(other);
            expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
        },
    );

    testWithCommands(needed, "gives up with a sentence when the rights never come", async () => {
        azure.secrets.unshift(...Array.from({ length: 4 }, () => ({ status: 403 })));
        const { exitCode, stderr } = await fetchKey();
        expect(exitCode).toBe(1);
        expect(stderr).toBe(
            "Expected Key Vault to answer 200, found 403. Check that the machine's identity may get the secret.\n",
        );
        expect(existsSync(keyFile())).toBe(false);
        expect(azure.asked).toHaveLength(5);
    });

    testWithCommands(needed, "gives up at once on an answer that time does not change", async () => {
        azure.secrets.unshift({ status: 401 });
        const { stderr } = await fetchKey();
        expect(stderr).toContain("Expected Key Vault to answer 200, found 401.");
        expect(azure.asked).toHaveLength(2);
    });

    testWithCommands(needed, "gives up with a sentence when nobody answers", async () => {
        const { exitCode, stderr } = await fetchKey("http://127.0.0.1:9");
        expect(exitCode).toBe(1);
        expect(stderr).toContain("Expected the metadata service to answer 200, found 000.");
    });

    testWithCommands(needed, "refuses a secret that is no key", async () => {
        azure.secrets.unshift({ status: 200, body: { value: "HostName=not base64" } });
        const wrong = await fetchKey();
        expect(wrong.stderr).toContain("Expected the key to be base64");
        azure.secrets.unshift({ status: 200, body: { value: "" } });
        expect((await fetchKey()).stderr).toContain("Expected a key, found it empty");
        azure.secrets.unshift({ status: 200, body: { other: key.toString("base64") } });
        expect((await fetchKey()).stderr).toContain("answer JSON with the field value");
        expect(readdirSync(join(keyFile(), ".."))).toEqual([]);
    });

    testWithCommands(
        needed,
        "shows neither the token nor the key in the arguments of a process",
        async () => {
            const bin = join(folder, "bin");
            const log = join(folder, "arguments");
            mkdirSync(bin);
            for (const command of ["curl", "python3", "base64", "mv"]) {
                const genuine = execFileSync("which", [command], { encoding: "utf8" }).trim();
                const text = `#!/bin/bash\nprintf '%s\\n' ${command} "$@" >>"${log}"\nexec ${genuine} "$@"\n`;
                writeFileSync(join(bin, command), text, { mode: 0o755 });
            }
            expect((await fetchKey(azure.url, `${bin}:${process.env.PATH}`)).exitCode).toBe(0);
            const shown = readFileSync(log, "utf8");
            expect(shown).toContain(`${azure.url}/secret?api-version=7.4`);
            expect(shown).not.toContain(token);
            expect(shown).not.toContain(key.toString("base64"));
        },
    );
});
