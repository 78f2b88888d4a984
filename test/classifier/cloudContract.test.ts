import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PredictionAPIClient } from "@azure/cognitiveservices-customvision-prediction";
import { ApiKeyCredentials } from "@azure/ms-rest-js";
import { RequestError } from "../../classifier/src/errors";
import type { Prediction } from "../../classifier/src/predictions";
import { serve, type TestService } from "./support/service";

const IMAGE = Buffer.from([0xff, 0xd8, 0x00, 0x0a, 0x0d, 0xff, 0xfe, 0x80]);
const PROJECT = "5a5c7a9e-1c1b-4f0e-9d1e-0a6a3b6f4c11";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PREDICTIONS: Prediction[] = [
    { label: "unripe", probability: 0.25 },
    { label: "ripe", probability: 0.7412345678 },
    { label: "Negative", probability: 0.0087654322 },
];

describe("the cloud service's contract", () => {
    let service: TestService;
    let received: { image: Buffer; names: (string | undefined)[] } | undefined;

    beforeAll(async () => {
        service = await serve({
            classifyFor: async (image, names) => {
                received = { image: Buffer.from(image), names };
                if (image[0] !== 0xff) {
                    throw image.length > 0
                        ? new RequestError(400, "BadRequestImageFormat", "Expected an image.")
                        : new Error("the session is gone");
                }
                return PREDICTIONS;
            },
        });
    });
    afterAll(() => service.close());

    const post = (path: string, body: string | Buffer = IMAGE) =>
        fetch(`${service.url}/customvision/${path}`, {
            method: "POST",
            body,
            headers: { "content-type": "application/octet-stream" },
        });
    const classify = `v3.1/prediction/${PROJECT}/classify/iterations/It%201`;

    test("answers with the most probable tag first, ids and a time with zone", async () => {
        const response = await post(`${classify}/image`);
        expect(response.status).toBe(200);
        const { id, iteration, created, predictions, ...rest } = (await response.json()) as Record<
            string,
            unknown
        >;
        expect(rest).toEqual({ project: PROJECT });
        expect([id, iteration]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
        expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const tagId = expect.stringMatching(UUID);
        expect(predictions).toEqual([
            { probability: 0.74123457, tagId, tagName: "ripe", tagType: "Regular" },
            { probability: 0.25, tagId, tagName: "unripe", tagType: "Regular" },
            { probability: 0.00876543, tagId, tagName: "Negative", tagType: "Negative" },
        ]);
        expect(received?.names).toEqual(["It 1", PROJECT]);
    });

    test("keeps the ids of tags and iterations from one answer to the next, project by project", async () => {
        const ask = async (path = classify) =>
            (await (await post(`${path}/image`)).json()) as {
                id: string;
                iteration: string;
                predictions: { tagId: string }[];
            };
        const tagIds = ({ predictions }: Awaited<ReturnType<typeof ask>>) =>
            predictions.map(({ tagId }) => tagId);
        const [first, again, older] = [await ask(), await ask(), await ask(classify.replace("3.1", "3.0"))];
        const other = await ask(classify.replace(PROJECT, "another"));
        expect([tagIds(again), tagIds(older)]).toEqual([tagIds(first), tagIds(first)]);
        expect([again.iteration, older.iteration]).toEqual([first.iteration, first.iteration]);
        expect(new Set([...tagIds(first), ...tagIds(other), first.iteration, other.iteration]).size).toBe(8);
        expect(new Set([first.id, again.id, older.id, other.id]).size).toBe(4);
    });

    test("leaves the type of a tag out in version 3.0", async () => {
        const { predictions } = (await (await post(`${classify.replace("3.1", "3.0")}/image`)).json()) as {
            predictions: object[];
        };
        expect(Object.keys(predictions[0] ?? {})).toEqual(["probability", "tagId", "tagName"]);
    });

    test.each(["image", "image/nostore", "url", "url/nostore"])(
        "answers %s in any case of the path",
        async (end) => {
            const path = `V3.1/Prediction/${PROJECT}/Classify/Iterations/one/${end}?application=app`;
            const response = await post(path, end.startsWith("url") ? "{}" : IMAGE);
            expect(response.status).toBe(end.startsWith("url") ? 400 : 200);
        },
    );

    test.each([
        ["bytes that are no image", `${classify}/image`, "text", 400, "BadRequestImageFormat"],
        [
            "a body over 4 MiB",
            `${classify}/image`,
            Buffer.alloc(4 * 1024 * 1024 + 1),
            400,
            "BadRequestImageSizeBytes",
        ],
        [
            "a URL that cannot be fetched",
            `${classify}/url`,
            '{"url":"http://127.0.0.1:1/"}',
            400,
            "BadRequestImageUrl",
        ],
        ["a file URL", `${classify}/url`, '{"url":"file:///etc/passwd"}', 400, "BadRequestImageUrl"],
        [
            "object detection",
            `v3.1/prediction/${PROJECT}/detect/iterations/i/image`,
            IMAGE,
            400,
            "BadRequestNotSupported",
        ],
        ["an unknown operation", `v3.1/prediction/${PROJECT}/train`, IMAGE, 404, "NotFound"],
        ["a failure of the model", `${classify}/image`, "", 500, "ErrorPrediction"],
    ])("answers %s with a code and a message", async (_name, path, body, status, code) => {
        const response = await post(path, body);
        expect(response.status).toBe(status);
        expect(response.headers.get("content-type")).toMatch(/^application\/json/);
        expect(await response.json()).toEqual({ code, message: expect.stringMatching(/^[A-Z].*\.$/) });
    });

    test("tells the client nothing about a failure of the model, and its log everything", async () => {
        const message = ((await (await post(`${classify}/image`, "")).json()) as { message: string }).message;
        expect(message).not.toContain("session");
        expect(String(service.logs.find(({ level }) => level === "error")?.message)).toContain(
            "the session is gone",
        );
    });

    describe("as the unmodified npm SDK sees it", () => {
        const web = createServer((_request, response) => response.end(IMAGE));
        let client: PredictionAPIClient;
        beforeAll(async () => {
            web.listen(0, "127.0.0.1");
            await once(web, "listening");
            const credentials = new ApiKeyCredentials({ inHeader: { "Prediction-key": "any" } });
            client = new PredictionAPIClient(credentials, service.url);
        });
        afterAll(() => web.close());

        test("classifies a buffer, with and without storing it", async () => {
            const calls = [
                () => client.classifyImage(PROJECT, "It 1", IMAGE),
                () => client.classifyImageWithNoStore(PROJECT, "It 1", IMAGE),
            ];
            for (const call of calls) {
                received = undefined;
                const answer = await call();
                expect(received).toEqual({ image: IMAGE, names: ["It 1", PROJECT] });
                expect(answer.predictions?.[0]).toMatchObject({ tagName: "ripe", probability: 0.74123457 });
                expect(answer.created).toBeInstanceOf(Date);
            }
        });

        test("classifies a URL", async () => {
            const { port } = web.address() as AddressInfo;
            const answer = await client.classifyImageUrl(PROJECT, "It 1", {
                url: `http://127.0.0.1:${port}/a`,
            });
            expect(received?.image).toEqual(IMAGE);
            expect(answer.predictions).toHaveLength(3);
        });

        test("is told at once what is wrong with an image, without retries", async () => {
            await expect(client.classifyImage(PROJECT, "It 1", Buffer.from("text"))).rejects.toMatchObject({
                statusCode: 400,
                body: { code: "BadRequestImageFormat", message: "Expected an image." },
            });
        });
    });
});
