import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RequestError } from "../../classifier/src/errors";
import { framingFault } from "../../classifier/src/http/framing";
import answers from "./support/containerAnswers.json";
import { IMAGE, oddRequests } from "./support/oddRequests";
import { dial, postHead } from "./support/rawClient";
import { serve, type TestService } from "./support/service";

/** What is answered, in short: the status, and of an image and names what differs from the plain case. */
const original: Record<string, string> = answers.original;
/** Where this service answers something else, by the words that its page on differences says it with. */
const different: Record<string, Record<string, string>> = answers.different;

describe("requests as firmware and attackers write them", () => {
    let service: TestService;
    let port: number;
    beforeAll(async () => {
        service = await serve({
            classifyFor: async (image, names) => {
                const text = Buffer.from(image).toString("latin1");
                if (!text.startsWith("IMG")) {
                    throw new RequestError(400, "BadRequestImageFormat", "Expected an image.");
                }
                return [{ label: JSON.stringify([text, ...names]), probability: 1 }];
            },
            fetchImage: async (url) => Buffer.from(`IMG${url}`),
        });
        port = Number(new URL(service.url).port);
    });
    afterAll(() => service.close());

    async function outcome(bytes: string): Promise<string> {
        const client = dial(port);
        client.send(Buffer.from(bytes, "latin1"));
        const { status, body } = await client.answer;
        client.socket.destroy();
        if (status !== 200 || !body.startsWith("{")) {
            return status === undefined ? "closed" : status === 200 && body ? `200 ${body}` : String(status);
        }
        const [image, name, project] = JSON.parse(JSON.parse(body).predictions[0].tagName);
        return [
            "200",
            ...(image === IMAGE ? [] : [JSON.stringify(image)]),
            ...(project ? [`project ${JSON.stringify(project)}`] : []),
            ...(name ? [`${project === undefined ? "project" : "name"} ${JSON.stringify(name)}`] : []),
        ].join(" ");
    }

    const differing = Object.assign({}, ...Object.values(different));
    const groups = [...new Set(oddRequests.map(({ group }) => group))];

    test.each(groups)(
        "are answered as by the exported container, but for what is listed: %s",
        async (group) => {
            const requests = oddRequests.filter((request) => request.group === group);
            const found: Record<string, string> = {};
            const waiting = requests.values();
            const ask = async () => {
                for (const { name, bytes } of waiting) found[name] = await outcome(bytes);
            };
            await Promise.all(Array.from({ length: 8 }, ask));
            expect(found).toEqual(
                Object.fromEntries(requests.map(({ name }) => [name, differing[name] ?? original[name]])),
            );
        },
    );

    test("that are answered otherwise are listed where users read it", () => {
        const page = readFileSync(join(__dirname, "../../docs/custom-vision.md"), "utf8").replace(
            /\s+/g,
            " ",
        );
        const list = page.slice(page.indexOf("## Differences from the exported container"));
        for (const [words, requests] of Object.entries(different)) {
            expect(list).toContain(words);
            for (const [name, answer] of Object.entries(requests)) {
                expect([name, original[name]]).not.toEqual([name, answer]);
            }
        }
    });

    test.each([
        ["a NUL, as of a string in C", "\0"],
        ["a line", "\r\n"],
        ["half of another request", "GET"],
        ["another request that is none", "@ @ @\r\n\r\n"],
    ])("are answered although %s follows the body, and then hung up on", async (_name, rest) => {
        const client = dial(port);
        client.send(Buffer.from(`${postHead("/image", IMAGE.length)}${IMAGE}${rest}`, "latin1"));
        expect((await client.answer).status).toBe(200);
        client.socket.end();
        expect((await client.closed).head.match(/HTTP\/1\.1/g)).toHaveLength(1);
    });

    test("that cannot be read at all are told why, and are in the log", async () => {
        const client = dial(port);
        client.send("post /image HTTP/1.1\r\n\r\n");
        const { status, head, body } = await client.closed;
        expect([status, JSON.parse(body)]).toEqual([
            400,
            {
                code: "BadRequest",
                message: expect.stringMatching(
                    /^Expected a request in HTTP\/1\.1, found one .*: Invalid method/,
                ),
            },
        ]);
        expect(head).toContain("Connection: close");
        expect(service.logs.at(-1)).toMatchObject({ event: "unreadable request", status: 400 });
    });

    test("that two servers may divide otherwise get one refusal, and nothing after it", async () => {
        const client = dial(port);
        const smuggled = `${postHead("/image", IMAGE.length)}${IMAGE}`;
        client.send(`${postHead("/image", 5, "Transfer-Encoding: chunked")}0\r\n\r\n${smuggled}`);
        const { status, body } = await client.closed;
        expect([status, body.match(/\{/g)]).toEqual([400, ["{"]]);
        expect(JSON.parse(body).message).toContain("found both");
    });

    test.each([
        [["Content-Length", "5", "content-length", "6"], /several that differ \(5, 6\)/],
        [["Content-Length", "5", "CONTENT-LENGTH", "5"], undefined],
        [["Content-Length", "5", "transfer-encoding", ""], /found both/],
        [["TRANSFER-ENCODING", "gzip, Chunked"], undefined],
        [["Transfer-Encoding", "chunked, chunked"], /found "chunked, chunked"/],
        [["Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"], /found "chunked, chunked"/],
        [["Content-Length ", "5"], /without spaces/],
        [["X", "a\0b"], /control character/],
        [["X", "a\x7fb"], /control character/],
        [["X", "a\tb \xff"], undefined],
    ])("that have the headers %j are refused, or not, by them alone", (headers, sentence) => {
        const fault = framingFault(headers);
        expect(fault ?? "").toMatch(sentence ?? /^$/);
    });

    test("with a key pass by none of the odd ways without it", async () => {
        const locked = await serve({ keys: ["key"] });
        for (const path of ["//image", "/%69mage", "http://device//image", "/%/image", "///p//image"]) {
            const client = dial(Number(new URL(locked.url).port));
            client.send(`POST ${path} HTTP/1.0\nContent-Length: 3\n\nIMG`);
            expect([path, (await client.answer).status]).toEqual([path, 401]);
            client.socket.destroy();
        }
        await locked.close();
    });

    test("are read loosely on the container's routes alone", async () => {
        for (const path of ["//health", "/%68ealth", "//metrics"]) {
            const client = dial(port);
            client.send(`GET ${path} HTTP/1.1\r\n\r\n`);
            expect([path, (await client.answer).status]).toEqual([path, 404]);
            client.socket.destroy();
        }
    });

    test.each([
        ["POST /%E0/score", 400],
        ["POST /customvision/v3.0/prediction/%E0/classify/iterations/x/image", 400],
        ["GET http://a:99999999/health", 200],
        ["GET http://[/health", 200],
        ["GET http://[/none", 404],
    ])("that are the caller's mistake are not taken for the service's: %s", async (line, status) => {
        const before = service.logs.length;
        const client = dial(port);
        client.send(`${line} HTTP/1.1\r\nConnection: close\r\n\r\n`);
        expect((await client.closed).status).toBe(status);
        expect(service.logs.slice(before)).toMatchObject([{ level: "info", event: "request", status }]);
    });
});
