import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { httpAnswer } from "../../../../infra/provider/deploymentCheck/httpAnswer";

let server: Server | undefined;
afterEach(() => {
    jest.restoreAllMocks();
    server?.closeAllConnections();
    server?.close();
});

async function listen(answer: RequestListener): Promise<string> {
    const started = createServer(answer);
    server = started;
    await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

describe("the answer of a module", () => {
    test.each([200, 204])("with %i is what was waited for", async (status) => {
        const url = await listen((_, response) => response.writeHead(status).end());
        expect(await httpAnswer(url)).toEqual({ awaits: undefined, description: `${url} answers` });
    });

    test.each([400, 404, 500, 503])(
        "with %i is none yet, and may become one at any moment",
        async (status) => {
            const url = await listen((_, response) => response.writeHead(status).end());
            expect(await httpAnswer(url)).toMatchObject({
                awaits: "answers over HTTP",
                description: `${url} answers ${status}`,
                failure: {
                    cause: expect.stringContaining(`${url} answers ${status}`),
                    patienceSeconds: Infinity,
                },
            });
        },
    );

    test.each<[string, RequestListener, RegExp]>([
        ["that breaks off", (request) => request.socket.destroy(), /fetch failed|closed|ECONNRESET/],
        ["that does not come within five seconds", () => {}, /timeout/],
    ])("%s is that of a module that cannot be reached", async (_, listener, reason) => {
        const url = await listen(listener);
        const { timeout } = AbortSignal;
        const given = jest
            .spyOn(AbortSignal, "timeout")
            .mockImplementation((ms) => timeout.call(AbortSignal, ms / 50));
        const state = await httpAnswer(url);
        expect(given.mock.calls).toEqual([[5000]]);
        expect(state).toMatchObject({
            awaits: "answers over HTTP",
            description: expect.stringMatching(new RegExp(`^${url} does not answer: .*(${reason.source})`)),
            failure: { patienceSeconds: 60 },
        });
    });
});
