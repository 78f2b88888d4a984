import { once } from "node:events";
import type { RequestListener } from "node:http";
import { Agent, get } from "node:https";
import type { AddressInfo } from "node:net";
import { drain, listen } from "../../classifier/src/listen";
import { readOptions } from "../../classifier/src/readOptions";
import { createSelfSigned } from "./support/certificate";
import { folderOf } from "./support/colourModel";
import { dial } from "./support/rawClient";

const AT = { HOST: "127.0.0.1", PORT: "0" };
const REQUEST = "GET / HTTP/1.1\r\nHost: device\r\n\r\n";

describe("the server", () => {
    const closing: (() => void)[] = [];
    afterEach(() => {
        for (const close of closing.splice(0)) {
            close();
        }
    });
    const open = async (
        environment: Record<string, string>,
        handler: RequestListener = (_, r) => r.end(),
    ) => {
        const listening = await listen(handler, readOptions({ ...AT, ...environment }), () => {});
        closing.push(() => {
            listening.server.close();
            listening.server.closeAllConnections();
        });
        return listening;
    };
    let tls: Record<string, string>;
    let cert: string;
    beforeAll(async () => {
        const made = await createSelfSigned("localhost");
        cert = made.cert;
        const folder = await folderOf({ "cert.pem": cert, "key.pem": made.key, "bad.pem": "no PEM" });
        tls = { TLS_CERT_FILE: `${folder}/cert.pem`, TLS_KEY_FILE: `${folder}/key.pem` };
    });

    test.each(["HTTP", "HTTPS"])(
        "has its limits in seconds, and of connections, with %s",
        async (protocol) => {
            const limits = {
                HEADERS_TIMEOUT_SECONDS: "2.5",
                REQUEST_TIMEOUT_SECONDS: "7",
                MAX_CONNECTIONS: "9",
            };
            const { server, port } = await open({ ...limits, ...(protocol === "HTTPS" && tls) });
            expect(server).toMatchObject({ headersTimeout: 2500, requestTimeout: 7000, maxConnections: 9 });
            expect(port).toBe((server.address() as AddressInfo).port);
        },
    );

    test("speaks HTTPS, and nothing else, with a certificate and its key", async () => {
        const { port } = await open(tls, (_request, response) => response.end("secure"));
        const agent = new Agent({ ca: cert });
        const [response] = await once(get({ host: "localhost", port, agent, family: 4 }), "response");
        expect(response.statusCode).toBe(200);
        response.resume();
        agent.destroy();
        const plain = dial(port);
        plain.send(REQUEST);
        expect((await plain.closed).status).not.toBe(200);
    });

    test.each([
        ["a certificate that is none", "cert.pem", "TLS_CERT_FILE"],
        ["a certificate that is not there", "cert.pem", "TLS_CERT_FILE", "none.pem"],
        ["a key that is none", "key.pem", "TLS_KEY_FILE"],
        ["a key that is not there", "key.pem", "TLS_KEY_FILE", "none.pem"],
    ])("refuses %s with a sentence", async (_name, file, variable, other = "bad.pem") => {
        const bad: Record<string, string> = { ...tls, [variable]: tls[variable]?.replace(file, other) ?? "" };
        await expect(open(bad)).rejects.toThrow(
            `Expected a PEM certificate in ${bad.TLS_CERT_FILE} and its key in ${bad.TLS_KEY_FILE}: `,
        );
    });

    test("closes connections beyond its limit at once", async () => {
        const { port } = await open({ MAX_CONNECTIONS: "1" });
        const first = dial(port);
        first.send(REQUEST);
        expect((await first.answer).status).toBe(200);
        expect(await dial(port).closed).toMatchObject({ status: undefined, closed: true });
        first.socket.destroy();
    });

    test("says which address is taken, and what to do", async () => {
        const { port } = await open({});
        await expect(open({ PORT: String(port) })).rejects.toThrow(
            `Expected to listen on 127.0.0.1:${port}: another process listens there; stop it or set PORT to a free one.`,
        );
    });

    test("hands a request that asks for leave to send its body to the same handler", async () => {
        const { port } = await open({}, (_request, response) => response.writeHead(413).end());
        const client = dial(port);
        client.send("POST / HTTP/1.1\r\nHost: device\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
        const gotLeave = jest.fn();
        void client.continued.then(gotLeave);
        expect((await client.closed).status).toBe(413);
        expect(gotLeave).not.toHaveBeenCalled();
    });

    describe("when it is drained", () => {
        test("is closed at once where only idle connections are kept alive", async () => {
            const { server, port } = await open({});
            server.keepAliveTimeout = 0;
            const idle = dial(port);
            idle.send(REQUEST);
            await idle.answer;
            expect(await drain(server, 3_600_000)).toBe(true);
            expect((await idle.closed).status).toBe(200);
        });

        test("waits for what it has accepted, and closes its connection after it", async () => {
            let answer = () => {};
            const { server, port } = await open({}, (_request, response) => {
                answer = () => void response.end("late");
            });
            server.keepAliveTimeout = 0;
            const client = dial(port);
            client.send(REQUEST);
            await once(server, "request");
            const drained = drain(server, 3_600_000);
            expect(server.listening).toBe(false);
            answer();
            expect(await drained).toBe(true);
            expect(await client.closed).toMatchObject({ status: 200 });
        });

        test("cuts off what takes longer than the limit, and says so", async () => {
            const { server, port } = await open({}, () => {});
            const client = dial(port);
            client.send(REQUEST);
            await once(server, "request");
            expect(await drain(server, 20)).toBe(false);
            expect(await client.closed).toMatchObject({ status: undefined, closed: true });
        });
    });
});
