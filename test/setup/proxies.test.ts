import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { proxyFor, withoutProxyToSelf } from "../../setup/proxies";

const root = join(__dirname, "../..");
const servers: Server[] = [];
afterEach(() => {
    for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<string> {
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A forward proxy that lets nothing through and notes what it was asked for. */
async function forwardProxy(): Promise<{ server: Server; address: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createHttpServer(({ method, url }, response) => {
        asked.push(`${method} ${url}`);
        response.writeHead(502).end();
    });
    server.on("connect", ({ url }, socket) => {
        asked.push(`CONNECT ${url}`);
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    return { server, address: `http://${await listen(server)}`, asked };
}

const spellings = ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [name, name.toUpperCase()]);

function node(script: string, env: NodeJS.ProcessEnv) {
    const args = ["--require", "tsx/cjs", "-e", script];
    return promisify(execFile)(process.execPath, args, {
        cwd: root,
        env: { PATH: process.env.PATH, ...env },
    });
}

describe("a request of ours where a proxy is named", () => {
    const script = (addresses: string[]) => `
        const { tidyEnvironment } = require("./setup/tidyEnvironment");
        tidyEnvironment(process.env);
        require("./setup/proxies").useProxies(process.env);
        const ask = (url) => fetch(url, { signal: AbortSignal.timeout(10000) }).then(({ status }) => status, () => "failed");
        Promise.all(${JSON.stringify(addresses)}.map(ask)).then((all) => console.log(all.join(" ")));`;

    test.each(spellings.filter((name) => !/^http_/i.test(name)))(
        "goes to the cloud through it, as %s says, and to this machine without",
        async (name) => {
            const proxy = await forwardProxy();
            const here = await listen(createHttpServer((_, response) => response.end("here")));
            const local = [`http://${here}/`, `http://${here.replace("127.0.0.1", "localhost")}/`];
            const { stdout } = await node(script([...local, "https://management.azure.example/x"]), {
                [name]: proxy.address,
            });
            expect(stdout.trim()).toBe("200 200 failed");
            expect(proxy.asked).toEqual(["CONNECT management.azure.example:443"]);
        },
    );

    test("asks it for plain HTTP without a tunnel, and not at all where no_proxy names all", async () => {
        const proxy = await forwardProxy();
        await node(script(["http://device.example:8080/health"]), { http_proxy: proxy.address });
        expect(proxy.asked).toEqual(["GET http://device.example:8080/health"]);
        await node(script(["https://nobody.invalid/"]), { https_proxy: proxy.address, no_proxy: "*" });
        expect(proxy.asked).toHaveLength(1);
    });
});

test("a provider reaches the engine on this machine without the proxy that gRPC reads", async () => {
    const proxy = await forwardProxy();
    const engine = createServer();
    const reached = once(engine, "connection");
    const address = await listen(engine);
    const script = `require("./provider-protocol/plugin.ts").servePlugin("1.0.0", "${address}", (log) => {
        log({ urn: "urn:x" }, "a line");
        return {};
    });`;
    const env = {
        PATH: process.env.PATH,
        http_proxy: proxy.address,
        https_proxy: proxy.address,
        no_proxy: "*",
    };
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", script], {
        cwd: root,
        env,
        stdio: ["pipe", "ignore", "inherit"],
    });
    await Promise.race([reached, once(proxy.server, "connect")]);
    child.kill("SIGKILL");
    expect(proxy.asked).toEqual([]);
});

describe("what is set so that nothing asks a proxy for this machine", () => {
    const self = "localhost,127.0.0.1,::1,[::1]";

    test.each([...spellings, "grpc_proxy", "GRPC_PROXY"])(
        "is the same list for all who read one, with %s",
        (name) => {
            expect(
                withoutProxyToSelf({ [name]: "http://p", NO_PROXY: "a.example", no_proxy: "B.example" }),
            ).toEqual({
                set: Object.fromEntries(
                    ["NO_PROXY", "no_proxy", "no_grpc_proxy"].map((each) => [
                        each,
                        `a.example,b.example,${self}`,
                    ]),
                ),
                unset: [],
            });
        },
    );

    test.each(["no_proxy", "NO_PROXY"])(
        "is that no proxy is named where %s is *, which not all understand",
        (name) => {
            const { set, unset } = withoutProxyToSelf({ http_proxy: "http://p", [name]: "*" });
            expect(set).toEqual({});
            expect(unset.sort()).toEqual([...spellings, "grpc_proxy", "GRPC_PROXY"].sort());
        },
    );

    test("is nothing where no proxy is named", () => {
        expect(withoutProxyToSelf({ no_proxy: "a.example" })).toEqual({ set: {}, unset: [] });
    });
});

describe("the proxy for an address", () => {
    const env = { HTTPS_PROXY: "proxy.example:3128", http_proxy: "http://plain.example" };
    const proxied = (address: string, no_proxy = "") => proxyFor(new URL(address), { ...env, no_proxy });

    test("is the one of its scheme, in either case, or the one for all", () => {
        expect(proxied("https://a.example")).toBe("http://proxy.example:3128");
        expect(proxied("http://a.example")).toBe("http://plain.example");
        expect(proxyFor(new URL("http://a.example"), { all_proxy: "http://all" })).toBe("http://all");
        expect(proxyFor(new URL("http://a.example"), { HTTPS_PROXY: "http://p" })).toBeUndefined();
    });

    test.each([
        ["https://localhost:8442", ""],
        ["http://127.8.8.8", ""],
        ["http://[::1]:80", ""],
        ["https://a.example", "*"],
        ["https://a.example", "x, a.example"],
        ["https://A.example", "example"],
        ["https://a.example", ".example"],
        ["https://a.example", "*.example"],
        ["https://a.example", "a.example:443"],
        ["https://10.1.2.3", "10.0.0.0/8"],
        ["https://10.1.2.3", "10.1.2.3"],
        ["https://[fd00::1]", "fd00::/8"],
        ["https://[fd00::1]", "fd00::1"],
    ])("is none for %s with no_proxy=%s", (address, noProxy) => {
        expect(proxied(address, noProxy)).toBeUndefined();
    });

    test.each([
        ["https://a.example", "b.example"],
        ["https://aexample", "example"],
        ["https://example", ".example"],
        ["https://a.example", "a.example:8443"],
        ["https://11.1.2.3", "10.0.0.0/8"],
        ["https://10.1.2.3", "fd00::/8,10.0.0.0/99"],
        ["https://localhost.example", ""],
    ])("is the proxy for %s with no_proxy=%s", (address, noProxy) => {
        expect(proxied(address, noProxy)).toBe("http://proxy.example:3128");
    });

    test.each(["socks5://user:hunter2@p:1", "http://user:hunter2@"])(
        "is refused where it is none: %s",
        (proxy) => {
            const ask = () => proxyFor(new URL("https://a.example"), { https_proxy: proxy });
            expect(ask).toThrow("Expected https_proxy to be the address of an HTTP proxy");
            expect(ask).not.toThrow("hunter2");
        },
    );
});
