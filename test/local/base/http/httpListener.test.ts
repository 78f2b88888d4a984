import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { refusals } from "../../../../local/arm/armError";
import { httpListener } from "../../../../local/base/http/httpListener";
import type { HttpService } from "../../../../local/base/http/service";

const service = (name: string, own: Partial<HttpService>): HttpService => ({
    name,
    bodyLimit: 4,
    refusals,
    headers: () => ({ "x-service": name }),
    routes: [],
    ...own,
});
const owner = service("owner", {
    admit({ headers }) {
        if (!headers.authorization) throw refusals.unavailable();
    },
    routes: [
        {
            method: "PUT",
            path: "/things/:id",
            handle: async (request) => ({ status: 200, json: await request.json() }),
        },
        {
            method: "DELETE",
            path: "/things/:id",
            handle() {
                throw new Error("a mistake of ours");
            },
        },
    ],
});
const open = service("open", {
    caseSensitive: true,
    routes: [
        { method: "GET", path: "/open/*rest", handle: ({ params }) => ({ status: 200, json: params.rest }) },
    ],
});

let server: Server;
let port: number;
beforeAll(async () => {
    server = createServer(httpListener(owner, open));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function ask(head: string, headers = "", body = ""): Promise<[number, string, string]> {
    const socket = connect(port, "127.0.0.1");
    socket.write(
        `${head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`,
    );
    const answer = await text(socket);
    return [Number(answer.slice(9, 12)), /x-service: (\w+)/.exec(answer)?.[1] ?? "", answer];
}
const authorized = "Authorization: a\r\n";

test.each([
    ["a route, in any letter case", "PUT /Things/a", authorized, "{}", 200, "owner"],
    ["a body that is too large", "PUT /things/a", authorized, "[1,2]", 413, "owner"],
    ["a body that is no JSON", "PUT /things/a", authorized, "{", 400, "owner"],
    ["a path without a route", "PUT /nothing", authorized, "", 404, "owner"],
    ["another method", "GET /things/a", authorized, "", 404, "owner"],
    ["a path that ends in a slash", "PUT /things/a/", authorized, "", 404, "owner"],
    ["a stranger on a path without a route", "PUT /nothing", "", "", 503, "owner"],
    ["a path that is wrongly encoded", "PUT /things/%E0", authorized, "", 400, "owner"],
    ["an address that is none", "GET //:99999/", authorized, "", 400, "owner"],
    ["the open service, to a stranger", "GET /open/a/b", "", "", 200, "open"],
    ["the open service's path in another letter case", "GET /OPEN/a", "", "", 503, "owner"],
])("%s", async (_name, head, headers, body, status, name) => {
    expect((await ask(head, headers, body)).slice(0, 2)).toEqual([status, name]);
});

test("a parameter of several segments comes as one text, and a document with its length", async () => {
    const [, , answer] = await ask("GET /open/a%20b/c");
    const [head = "", body] = answer.split("\r\n\r\n");
    expect(body).toBe('"a b/c"');
    expect(head).toMatch(/Content-Length: 7/i);
    expect(head).toMatch(/Content-Type: application\/json; charset=utf-8/i);
});

test("a mistake of this program is answered as one of the service, and logged with its place", async () => {
    const log = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
        expect((await ask("DELETE /things/a", authorized)).slice(0, 2)).toEqual([500, "owner"]);
        expect(log.mock.calls.join()).toMatch(/owner: Error: a mistake of ours\n.*httpListener\.test/s);
    } finally {
        log.mockRestore();
    }
});
