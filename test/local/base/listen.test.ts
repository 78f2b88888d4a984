import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { closeAtOnce, listenLocally } from "../../../local/base/listen";
import { within } from "../../support/waiting";

test("a server listens on this machine alone, at the port that it is given or a free one", async () => {
    const server = createServer();
    const port = await listenLocally(server, 0, "The first");
    expect(server.address()).toMatchObject({ address: "127.0.0.1", port });
    const second = createServer();
    await expect(listenLocally(second, port, "The second")).rejects.toMatchObject({
        message: `The second needs port ${port} on 127.0.0.1, which another program uses; stop that program and try again.`,
        code: "EADDRINUSE",
    });
    await closeAtOnce(server);
    expect(await listenLocally(second, port, "The second")).toBe(port);
    await closeAtOnce(second);
    // Once more is no error.
    await closeAtOnce(second);
});

test("a server that is stopped cuts the connections that are open", async () => {
    const server = createServer(() => {});
    await listenLocally(server, 0, "The server");
    const { port } = server.address() as AddressInfo;
    const client = connect(port, "127.0.0.1", () => client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    client.on("error", () => {});
    await within("the request", once(server, "request"));
    const cut = once(client, "close");
    await within("the end of the server", closeAtOnce(server));
    await within("the cut", cut);
});
