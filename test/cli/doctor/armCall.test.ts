import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { armAzure } from "../../../cli/doctor/armAzure";
import { armCall } from "../../../cli/doctor/armCall";

let server: Server;
let url: string;
const asked: string[] = [];
beforeAll(async () => {
    server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
        if (request.method === "POST") {
            return void request
                .on("data", (data) => asked.push(String(data)))
                .on("end", () => response.end());
        }
        if (request.url?.includes("/refused"))
            response.writeHead(403).end('{"error":{"code":"AuthorizationFailed"}}');
        else if (request.url?.includes("page=2")) response.end('{"value":[{"name":"b"}]}');
        else response.end(JSON.stringify({ value: [{ name: "a" }], nextLink: `${url}/next?page=2` }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("a call of ARM carries the token, and a list is read to its last page", async () => {
    const azure = armAzure(
        "s",
        armCall(url, async () => "t0ken"),
    );
    expect(await azure.regions()).toEqual(["a", "b"]);
    expect(asked).toEqual([
        "GET /subscriptions/s/locations?api-version=2022-12-01 Bearer t0ken",
        "GET /next?page=2 Bearer t0ken",
    ]);
});

test("a refusal says what was asked and what was answered, without the token", async () => {
    const refused = armCall(url, async () => "t0ken")("GET", "/refused?api-version=1").catch(String);
    expect(await refused).toMatch(/Expected Azure to answer GET \/refused, found 403: .*AuthorizationFailed/);
    expect(await refused).not.toContain("t0ken");
});

test.each([
    [{ a: 1 }, ["POST /listkeys Bearer t0ken", '{"a":1}']],
    [undefined, ["POST /listkeys Bearer t0ken"]],
])("a call with the body %j sends that, and no answer is none", async (body, expected) => {
    asked.length = 0;
    expect(await armCall(url, async () => "t0ken")("POST", "/listkeys", body)).toBeUndefined();
    expect(asked).toEqual(expected);
});

test("each call asks for a token, which may have been renewed", async () => {
    asked.length = 0;
    let count = 0;
    const call = armCall(url, async () => `t${++count}`);
    await call("GET", "/one");
    await call("GET", "/two");
    expect(asked).toEqual(["GET /one Bearer t1", "GET /two Bearer t2"]);
});
