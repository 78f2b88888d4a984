import type { LookupAddress, lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { guardedLookup, isPublic } from "../../classifier/src/http/publicAddress";
import { createImageFetcher, urlIn } from "../../classifier/src/http/remoteImage";
import { MAX_BODY_BYTES } from "../../classifier/src/http/requestBody";
import { createSelfSigned } from "./support/certificate";

const SECRET = "what only this machine may read";
const never = new AbortController().signal;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A resolver that answers each time with the next of these. */
function resolver(...answers: string[]): typeof lookup & { asked: string[] } {
    const asked: string[] = [];
    const resolve = (hostname: string, _options: unknown, callback: (...results: unknown[]) => void) => {
        const address = answers[Math.min(asked.length, answers.length - 1)] ?? "";
        asked.push(hostname);
        const addresses: LookupAddress[] = address
            .split(" ")
            .map((one) => ({ address: one, family: one.includes(":") ? 6 : 4 }));
        callback(null, addresses);
    };
    return Object.assign(resolve as never, { asked });
}

describe("an image at an address", () => {
    let server: Server;
    let origin: string;
    let port: number;
    let requests: string[];
    let answer: RequestListener;
    beforeAll(async () => {
        server = createServer((request, response) => {
            requests.push(`${request.headers.host} ${request.url}`);
            answer(request, response);
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        port = (server.address() as AddressInfo).port;
        origin = `http://127.0.0.1:${port}`;
    });
    beforeEach(() => {
        requests = [];
        answer = (_request, response) => response.end(SECRET);
    });
    afterAll(() => {
        server.close();
        server.closeAllConnections();
    });

    const fetchAnything = (url: string) =>
        createImageFetcher({ allowPrivateUrls: true })(new URL(url), never).then(String);
    const fetchPublic = (url: string, resolve?: typeof lookup) =>
        createImageFetcher({ allowPrivateUrls: false, resolve })(
            urlIn(Buffer.from(JSON.stringify({ url }))),
            never,
        );

    describe("of this machine or its network is not fetched from,", () => {
        test.each([
            "http://127.0.0.1:PORT/",
            "http://user:password@127.0.0.1:PORT/",
            "http://example.org@127.0.0.1:PORT/",
            "http://2130706433:PORT/",
            "http://0x7f000001:PORT/",
            "http://0x7f.0.0.0x1:PORT/",
            "http://0177.0.0.1:PORT/",
            "http://017700000001:PORT/",
            "http://127.1:PORT/",
            "http://127.0.0.1.:PORT/",
            "http://%31%32%37.0.0.1:PORT/",
            "http://①②⑦.⓪.⓪.①:PORT/",
            "http://127。0。0。1:PORT/",
            "http:\\\\127.0.0.1:PORT\\",
            "HTTP://127.0.0.1:PORT/",
            "http://0:PORT/",
            "http://0.0.0.0:PORT/",
            "http://[::1]:PORT/",
            "http://[::]:PORT/",
            "http://[0:0:0:0:0:0:0:1]:PORT/",
            "http://[::ffff:127.0.0.1]:PORT/",
            "http://[::FFFF:7F00:1]:PORT/",
            "http://[::127.0.0.1]:PORT/",
            "http://[64:ff9b::127.0.0.1]:PORT/",
            "http://[2002:7f00:1::]:PORT/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/latest/meta-data/",
            "http://168.63.129.16/machine/?comp=goalstate",
            "http://2852039166/",
        ])("however it is written: %s", async (url) => {
            await expect(fetchPublic(url.replace("PORT", String(port)))).rejects.toMatchObject({
                status: 400,
                code: "BadRequestImageUrl",
                message: expect.stringContaining("is no public address"),
            });
            expect(requests).toEqual([]);
        });

        test.each(["localhost", "LOCALHOST", "localhost.", "ⓛocalhost"])(
            "under its own name: %s",
            async (name) => {
                // Some systems do not know the name with its last dot.
                await expect(fetchPublic(`http://${name}:${port}/`)).rejects.toThrow(
                    /is no public address|ENOTFOUND/,
                );
                expect(requests).toEqual([]);
            },
        );

        test.each([
            "127.0.0.1",
            "10.0.0.8",
            "172.16.0.1",
            "192.168.1.10",
            "169.254.169.254",
            "168.63.129.16",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:10.0.0.8",
            "64:ff9b::a00:8",
            "2606:4700::1111 127.0.0.1",
            "8.8.8.8 10.0.0.8",
        ])("under a name that stands for %s", async (address) => {
            const resolve = resolver(address);
            await expect(
                fetchPublic(`http://photos.xn--bcher-kva.example:${port}/`, resolve),
            ).rejects.toThrow("photos.xn--bcher-kva.example is no public address");
            expect(resolve.asked).toEqual(["photos.xn--bcher-kva.example"]);
            expect(requests).toEqual([]);
        });

        test.each([
            "not a url",
            "//127.0.0.1/",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "data:image/png,x",
            "ftp://x/",
            7,
        ])("nor by another way: %s", (url) => {
            expect(() => urlIn(Buffer.from(JSON.stringify({ url })))).toThrow(
                "to be an http or https address",
            );
        });
    });

    test.each([
        ["a query", "photos.example/a.png?sig=secret", '"photos.example/a.png'],
        ["a query of another scheme", "ftp://me:secret@x/a?sig=secret", '"ftp://x/a"'],
        ["more than 100 characters", "y".repeat(200), `"${"y".repeat(99)}`],
    ])("is shown without %s where it is none that can be fetched", (_name, url, shown) => {
        expect(() => urlIn(Buffer.from(JSON.stringify({ url })))).toThrow(
            `Expected "url" to be an http or https address, got ${shown}.`,
        );
    });

    describe("that redirects", () => {
        /** Here this server counts as public, and what it redirects to does not. */
        const fetchAsPublic = (url: string, resolve?: typeof lookup) =>
            createImageFetcher({
                allowPrivateUrls: false,
                resolve,
                allows: (address) => address === "127.0.0.1" || isPublic(address),
            })(new URL(url), never).then(String);
        const redirectTo = (location: string) => {
            answer = (request, response) => {
                if (request.url === "/image.png") {
                    response.end("image");
                } else {
                    response.writeHead(302, { location: location.replace("PORT", String(port)) }).end();
                }
            };
        };

        test.each(["/image.png", "image.png", "//127.0.0.1:PORT/image.png"])(
            "is followed to %s",
            async (location) => {
                redirectTo(location);
                expect(await fetchAsPublic(`${origin}/old`)).toBe("image");
            },
        );

        test.each([301, 302, 303, 307, 308])("is followed with the status %i", async (status) => {
            answer = ({ url }, response) =>
                url === "/image.png"
                    ? response.end("image")
                    : response.writeHead(status, { location: "/image.png" }).end();
            expect(await fetchAsPublic(`${origin}/old`)).toBe("image");
        });

        test.each([
            [302, {}],
            [300, {}],
        ])("with the status %i to nowhere is no image", async (status, headers) => {
            answer = (_request, response) => response.writeHead(status, headers).end();
            await expect(fetchAsPublic(`${origin}/old`)).rejects.toThrow(`it answered ${status}`);
        });

        test("is let go of before it is followed, though it never ends", async () => {
            let redirecting: IncomingMessage | undefined;
            answer = (request, response) => {
                if (request.url === "/image.png") {
                    response.end("image");
                } else {
                    redirecting = request;
                    response.writeHead(302, { location: "/image.png" }).write("more to come");
                }
            };
            expect(await fetchAsPublic(`${origin}/old`)).toBe("image");
            const { socket } = redirecting as IncomingMessage;
            if (!socket.destroyed) {
                await once(socket, "close");
            }
        });

        test("has the time of one address for all of them", async () => {
            answer = (_request, response) => {
                setTimeout(() => response.writeHead(302, { location: "/again" }).end(), 30);
            };
            const fetchImage = createImageFetcher({ allowPrivateUrls: true, timeoutMs: 100 });
            await expect(fetchImage(new URL(origin), never)).rejects.toThrow(/aborted/);
        });

        test.each([
            "http://127.0.0.2:PORT/",
            "http://0x7f000002:PORT/",
            "http://[::1]:PORT/",
            "http://[::ffff:7f00:2]:PORT/",
            "http://169.254.169.254/latest/meta-data/",
            "//10.0.0.8/",
        ])("is not followed to %s", async (location) => {
            redirectTo(location);
            await expect(fetchAsPublic(`${origin}/old`)).rejects.toThrow("is no public address");
            // The test before gives up in the middle of its redirections, of which one may still be on its way.
            const own = requests.filter((request) => !request.endsWith(" /again"));
            expect(own).toEqual([`127.0.0.1:${port} /old`]);
        });

        test.each(["file:///etc/passwd", "ftp://127.0.0.1/", "data:image/png,x"])(
            "is not followed to %s",
            async (location) => {
                redirectTo(location);
                await expect(fetchAsPublic(`${origin}/old`)).rejects.toThrow(
                    "only http and https are fetched",
                );
            },
        );

        test("is followed five times and no more", async () => {
            answer = (request, response) => {
                const left = Number(request.url?.slice(1));
                if (left === 0) {
                    response.end("image");
                } else {
                    response.writeHead(307, { location: `/${left - 1}` }).end();
                }
            };
            expect(await fetchAsPublic(`${origin}/5`)).toBe("image");
            await expect(fetchAsPublic(`${origin}/6`)).rejects.toThrow("it redirects more than 5 times");
        });

        test("is asked for anew where its name stands for something else by then", async () => {
            const resolve = resolver("127.0.0.1", "127.0.0.2");
            redirectTo("/image.png");
            await expect(fetchAsPublic(`http://rebound.example:${port}/`, resolve)).rejects.toThrow(
                "rebound.example is no public address",
            );
            expect(resolve.asked).toHaveLength(2);
            expect(requests).toEqual([`rebound.example:${port} /`]);
        });

        test("connects to the very address that was looked at", async () => {
            const resolve = resolver("127.0.0.1", "127.0.0.2");
            expect(await fetchAsPublic(`http://rebound.example:${port}/`, resolve)).toBe(SECRET);
            expect(resolve.asked).toHaveLength(1);
        });
    });

    describe("is fetched", () => {
        test("from this machine too where that is allowed", async () => {
            expect(await fetchAnything(`${origin}/a.png?b=1`)).toBe(SECRET);
            expect(await fetchAnything(`http://localhost:${port}/`)).toBe(SECRET);
            expect(requests).toEqual([`127.0.0.1:${port} /a.png?b=1`, `localhost:${port} /`]);
        });

        test("as an image, by this service, with a connection of its own", async () => {
            const heads: IncomingMessage["headers"][] = [];
            const sockets = new Set<unknown>();
            answer = (request, response) => {
                heads.push(request.headers);
                sockets.add(request.socket);
                response.end(SECRET);
            };
            await fetchAnything(`${origin}/`);
            await fetchAnything(`${origin}/`);
            expect(heads[0]).toMatchObject({ accept: "image/*", "user-agent": "edge-classifier" });
            expect(sockets.size).toBe(2);
        });

        test("over HTTPS only from who can prove to be that host", async () => {
            const web = createTlsServer(await createSelfSigned("localhost"), (_request, response) => {
                requests.push("over HTTPS");
                response.end(SECRET);
            });
            await once(web.listen(0, "127.0.0.1"), "listening");
            const secure = `https://localhost:${(web.address() as AddressInfo).port}/`;
            await expect(fetchAnything(secure)).rejects.toThrow("self-signed certificate");
            answer = (_request, response) => response.writeHead(302, { location: secure }).end();
            await expect(fetchAnything(origin)).rejects.toThrow("self-signed certificate");
            expect(requests).not.toContain("over HTTPS");
            web.close();
        });

        test.each([
            ["with its length", true],
            ["in chunks", false],
        ])("only up to the limit of a body, %s", async (_how, withLength) => {
            const image = Buffer.alloc(MAX_BODY_BYTES);
            answer = ({ url }, response) => {
                const body = url === "/more" ? Buffer.concat([image, Buffer.from("x")]) : image;
                response.writeHead(200, withLength ? { "content-length": body.length } : {}).end(body);
            };
            expect(await fetchAnything(`${origin}/`)).toHaveLength(MAX_BODY_BYTES);
            await expect(fetchAnything(`${origin}/more`)).rejects.toThrow("it has more than 4194304 bytes");
        });

        test.each([
            ["does not answer", () => {}],
            ["stops in the middle", (_request, response) => response.write("half of it")],
        ] as [string, RequestListener][])(
            "only as long as there is time, from a server that %s",
            async (_how, listener) => {
                answer = listener;
                const fetchImage = createImageFetcher({ allowPrivateUrls: true, timeoutMs: 200 });
                const asked = once(server, "request");
                const fetching = fetchImage(new URL(origin), never);
                const failed = expect(fetching).rejects.toMatchObject({
                    status: 400,
                    message: expect.stringMatching(/aborted|timeout/),
                });
                // What only the clock holds must outlive a collection of garbage.
                await asked;
                collectGarbage();
                await failed;
            },
        );

        test("only as long as somebody waits for it", async () => {
            answer = () => {};
            const caller = new AbortController();
            const asked = once(server, "request");
            const fetching = createImageFetcher({ allowPrivateUrls: true })(new URL(origin), caller.signal);
            const failed = expect(fetching).rejects.toThrow("aborted");
            const [request] = await asked;
            caller.abort();
            await failed;
            if (!request.socket.destroyed) {
                await once(request.socket, "close");
            }
        });

        test.each([304, 400, 401, 403, 404, 409, 429, 500, 503])(
            "not where the answer is %i",
            async (status) => {
                const headers = status >= 400 ? { location: "/elsewhere" } : {};
                answer = (_request, response) => response.writeHead(status, headers).end();
                await expect(fetchAnything(`${origin}/`)).rejects.toThrow(`it answered ${status}`);
            },
        );
    });

    describe("whose name is looked up", () => {
        const lookedUp = (resolve: typeof lookup, all: boolean) =>
            new Promise<unknown[]>((settle) => {
                guardedLookup((address) => address !== "10.0.0.8", resolve)(
                    "a.example",
                    { all },
                    (...found) => settle(found),
                );
            });

        test("goes to the first of its addresses, or to any", async () => {
            const resolve = resolver("8.8.8.8 2606:4700::1111");
            expect(await lookedUp(resolve, false)).toEqual([null, "8.8.8.8", 4]);
            const all = [
                { address: "8.8.8.8", family: 4 },
                { address: "2606:4700::1111", family: 6 },
            ];
            expect(await lookedUp(resolve, true)).toEqual([null, all]);
        });

        test.each([true, false])("fails with one private address among them (all: %s)", async (all) => {
            const [error] = await lookedUp(resolver("8.8.8.8 10.0.0.8"), all);
            expect((error as Error).message).toMatch(/^a\.example is no public address/);
        });

        test("fails as the look-up fails, and where it finds nothing", async () => {
            const failing = ((_name: string, _options: unknown, callback: (error: Error) => void) =>
                callback(new Error("no name server"))) as never;
            expect(String((await lookedUp(failing, true))[0])).toBe("Error: no name server");
            const empty = ((_name: string, _options: unknown, callback: (...found: unknown[]) => void) =>
                callback(null, [])) as never;
            expect(String((await lookedUp(empty, true))[0])).toBe("Error: a.example has no address");
        });
    });

    test.each([
        ["8.8.8.8", true],
        ["2606:4700::1111", true],
        ["::ffff:8.8.8.8", true],
        ["64:ff9b::808:808", true],
        ...[
            ...[
                "0.0.0.0",
                "10.1.2.3",
                "100.127.0.1",
                "127.0.0.1",
                "127.255.0.1",
                "168.63.129.16",
                "169.254.169.254",
            ],
            ...[
                "172.31.0.1",
                "192.0.0.8",
                "192.0.2.1",
                "192.168.0.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.51.100.1",
            ],
            ...["203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"],
            ...[
                "::",
                "::1",
                "::7f00:1",
                "::ffff:10.0.0.1",
                "::ffff:0:7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::808:808",
            ],
            ...[
                "100::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:808:808::1",
                "3fff::1",
                "5f00::1",
            ],
            ...["fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1"],
        ].map((address): [string, boolean] => [address, false]),
    ] as [string, boolean][])("%s is public: %s", (address, expected) => {
        expect(isPublic(address)).toBe(expected);
    });
});
