import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { AppParts } from "../../classifier/src/app";
import { encodeModel } from "../../classifier/src/onnx";
import { closeBrowser, closePages, describeInBrowser, openPage } from "./support/browser";
import { colourModel, colourModelFolder, folderOf, pngOf } from "./support/colourModel";
import { serveModels } from "./support/modelService";
import { serve, type TestService } from "./support/service";
import { linearClassifier } from "./support/tableModel";

const SAMPLES = join(__dirname, "../../samples");
const DEFAULT_MODEL = join(__dirname, "../../classifier/model");
const PHONE = [390, 844] as const;
const DESKTOP = [1280, 860] as const;

/** A red picture as an uncompressed BMP; the width must be a multiple of 4. */
function redBmp(width: number, height: number): Buffer {
    const head = Buffer.alloc(54);
    head.write("BM");
    head.writeUInt32LE(54, 10);
    head.writeUInt32LE(40, 14);
    head.writeInt32LE(width, 18);
    head.writeInt32LE(height, 22);
    head.writeUInt16LE(1, 26);
    head.writeUInt16LE(24, 28);
    return Buffer.concat([head, Buffer.alloc(width * height * 3, Buffer.from([0, 0, 255]))]);
}

describe("the page's file", () => {
    test("carries everything in itself, and allows no more than that", async () => {
        const service = await serve({});
        const response = await fetch(`${service.url}/ui`);
        const html = await response.text();
        expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
        expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
        expect(html).not.toMatch(/\sstyle="|\son\w+="|^import |^export /m);
        const hashOf = (tag: RegExp) =>
            `'sha256-${createHash("sha256")
                .update(tag.exec(html)?.[1] ?? "")
                .digest("base64")}'`;
        const policy = response.headers.get("content-security-policy")?.split("; ");
        expect(policy).toEqual([
            "default-src 'none'",
            `script-src ${hashOf(/<script type="module">([\s\S]*)<\/script>/)}`,
            `style-src ${hashOf(/<style>([\s\S]*)<\/style>/)}`,
            "img-src blob: data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]);
        expect(Object.fromEntries(response.headers)).toMatchObject({
            "permissions-policy": "camera=(self), microphone=(), geolocation=()",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache",
        });
        await service.close();
    });

    test("is not there if the page is off", async () => {
        const service = await serve({ hasPage: false });
        expect((await fetch(`${service.url}/ui`)).status).toBe(404);
        await service.close();
    });
});

describeInBrowser("the page in a browser", () => {
    const services: TestService[] = [];
    const serveFolder = async (folder: string, parts?: Partial<AppParts>) => {
        const service = await serveModels(folder, parts);
        services.push(service);
        return service.url;
    };
    afterEach(async () => {
        await closePages();
        await Promise.all(services.splice(0).map((service) => service.close()));
    });
    let defaultModel: TestService;
    let colours: TestService;
    beforeAll(async () => {
        defaultModel = await serveModels(DEFAULT_MODEL);
        colours = await serveModels(await colourModelFolder());
    });
    afterAll(() => Promise.all([closeBrowser(), defaultModel.close(), colours.close()]));

    const verdict = (page: Page) => page.getByRole("status");
    const choose = (page: Page, name: string, content: Buffer, mimeType = "image/png") =>
        page.getByLabel("Image file").setInputFiles({ name, mimeType, buffer: content });

    test("says what a photo shows, how sure it is and how long it took, and what the model is", async () => {
        const { url } = defaultModel;
        const { page, problems, requests } = await openPage(`${url}/ui`, ...DESKTOP);
        await page.getByRole("heading", { name: "banana-ripeness" }).waitFor();
        expect(await page.title()).toBe("banana-ripeness");
        await page.getByLabel("Image file").setInputFiles(join(SAMPLES, "spotted-banana.png"));
        await page.getByText(/^\d+ ms$/).waitFor();
        expect(await verdict(page).textContent()).toMatch(/^ripe (9\d|100)\.\d %$/);
        const bars = await page.locator("#labels li").allInnerTexts();
        expect(bars.map((text) => text.split(/\s+/)[0])).toEqual(["ripe", "unripe"]);
        const lengths = page.locator("#labels i").evaluateAll((all) => all.map((bar) => bar.style.width));
        expect((await lengths).map(Number.parseFloat)).toEqual([
            expect.closeTo(100, -1),
            expect.closeTo(0, -1),
        ]);
        expect(await page.locator("#facts").innerText()).toContain("640 × 480");
        const about = await page.locator("#details").innerText();
        expect(about).toMatch(/224 × 224 pixels[\s\S]*RGB \(model\.yaml\)[\s\S]*0 to 255[\s\S]*good\./);

        await page.getByLabel("Image file").setInputFiles(join(SAMPLES, "clean-banana.png"));
        await verdict(page).filter({ hasText: "unripe" }).waitFor();
        expect(problems).toEqual([]);
        const elsewhere = requests.filter((one) => !one.startsWith(url) && !/^(blob|data):/.test(one));
        expect(elsewhere).toEqual([]);
    });

    test("fits a phone: nothing is cut off, and photo and verdict are seen together", async () => {
        const { url } = defaultModel;
        const { page, problems } = await openPage(`${url}/ui`, ...PHONE);
        await page.getByLabel("Image file").setInputFiles(join(SAMPLES, "spotted-banana.png"));
        await verdict(page).filter({ hasText: "ripe" }).waitFor();
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        expect(wide).toBeLessThanOrEqual(PHONE[0]);
        for (const part of [
            page.getByAltText("What was classified"),
            verdict(page),
            page.getByText(/^\d+ ms$/),
        ]) {
            const box = await part.boundingBox();
            expect((box?.y ?? 0) + (box?.height ?? 9999)).toBeLessThanOrEqual(PHONE[1]);
        }
        for (const button of await page.locator("#actions button:visible").all()) {
            expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
        }
        expect(problems).toEqual([]);
    });

    test("keeps its buttons in sight below a tall photo, on desktops", async () => {
        const { page } = await openPage(`${colours.url}/ui`, 1280, 800);
        await choose(page, "tall.bmp", redBmp(400, 1600), "image/bmp");
        await page.getByText("400 × 1600").waitFor();
        for (const [width, height] of [
            [1280, 800],
            [1366, 768],
        ] as const) {
            await page.setViewportSize({ width, height });
            const buttons = await page.locator("#actions button:visible").all();
            expect(buttons).toHaveLength(2);
            for (const part of [page.getByAltText("What was classified"), ...buttons]) {
                const box = await part.boundingBox();
                expect((box?.y ?? 0) + (box?.height ?? 9999)).toBeLessThanOrEqual(height);
            }
        }
    });

    describe("with a model of colours", () => {
        let url: string;
        beforeAll(() => {
            url = colours.url;
        });

        const drop = 'new DragEvent("drop", { dataTransfer: transfer, bubbles: true })';
        const paste = 'new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })';
        const bring = async (page: Page, colour: number[], event: string) =>
            page.evaluate(`{
                const bytes = Uint8Array.of(${[...(await pngOf(colour))]});
                const transfer = new DataTransfer();
                transfer.items.add(new File([bytes], "brought.png", { type: "image/png" }));
                document.getElementById("stage").dispatchEvent(${event});
            }`);

        test("takes a file that is dropped, and one that is pasted", async () => {
            const { page, problems } = await openPage(`${url}/ui`, ...DESKTOP);
            await bring(page, [0, 0, 255], drop);
            await verdict(page).filter({ hasText: "blue" }).waitFor();
            await bring(page, [255, 0, 0], paste);
            await verdict(page).filter({ hasText: "red" }).waitFor();
            expect(problems).toEqual([]);
        });

        test("keeps an image that is brought before the service has said what it serves", async () => {
            const { page, problems } = await openPage(`${url}/ui`, ...DESKTOP);
            let answer = () => {};
            const held = new Promise<void>((resolve) => {
                answer = resolve;
            });
            await page.route("**/info", async (route) => {
                await held;
                await route.continue();
            });
            await page.reload();
            await bring(page, [0, 0, 255], drop);
            answer();
            await verdict(page).filter({ hasText: "blue" }).waitFor();
            expect(problems).toEqual([]);
        });

        test("can be used by keyboard alone, and names what it has", async () => {
            const { page } = await openPage(`${url}/ui`, ...DESKTOP);
            await page.getByRole("button", { name: "Choose image" }).waitFor();
            // A dialog that opens before the test's side listens for it is lost, so the page tells of it itself.
            await page.evaluate(`void (window.asked = new Promise((resolve) =>
                document.getElementById("file").addEventListener("click", (event) => {
                    event.preventDefault();
                    resolve();
                })
            ))`);
            await page.keyboard.press("Tab");
            await page.keyboard.press("Enter");
            await page.evaluate("window.asked");
            await choose(page, "green.png", await pngOf([0, 255, 0]));
            await verdict(page).filter({ hasText: "green" }).waitFor();
            await page.keyboard.press("Tab");
            expect(await page.evaluate("document.activeElement.textContent")).toBe("Use camera");
            expect(await page.getByRole("region", { name: "Result" }).getByRole("listitem").count()).toBe(3);
        });

        test("shows what the camera sees as it goes on, and takes a photo", async () => {
            const { page, problems } = await openPage(`${url}/ui`, ...PHONE);
            await page.getByRole("button", { name: "Use camera" }).click();
            await page.getByText("live", { exact: true }).waitFor();
            // The test picture is green.
            expect(await verdict(page).textContent()).toMatch(/^green/);
            await page.getByRole("button", { name: "Take photo" }).click();
            await page.getByAltText("What was classified").waitFor();
            await page.getByText(/^\d+ × \d+$/).waitFor();
            expect(await verdict(page).textContent()).toMatch(/^green/);
            expect(await page.locator("#viewfinder").isVisible()).toBe(false);
            expect(problems).toEqual([]);
        });

        test("makes a photo smaller that the service would not take", async () => {
            const { page } = await openPage(`${url}/ui`, ...DESKTOP);
            const large = redBmp(1300, 1100);
            expect(large.length).toBeGreaterThan(4 * 1024 * 1024);
            await choose(page, "large.bmp", large, "image/bmp");
            await verdict(page).filter({ hasText: "red" }).waitFor();
            expect(await page.locator("#facts").innerText()).toMatch(/1300 × 1100[\s\S]*sent as a JPEG/);
        });

        test("says in a sentence what is wrong with a file", async () => {
            const { page, problems } = await openPage(`${url}/ui`, ...DESKTOP);
            await choose(page, "notes.txt", Buffer.from("no image"), "text/plain");
            await verdict(page)
                .filter({ hasText: "The browser cannot show this file as an image." })
                .waitFor();
            await choose(page, "broken.png", Buffer.from("no image"));
            await verdict(page)
                .filter({ hasText: /^Expected a JPEG, PNG, .* image/ })
                .waitFor();
            expect(problems).toEqual([]);
        });
    });

    test("asks for the key where one is needed, and goes on with it", async () => {
        const url = await serveFolder(await colourModelFolder(), { keys: ["s3cret"] });
        const { page } = await openPage(`${url}/ui`, ...DESKTOP);
        await choose(page, "red.png", await pngOf([255, 0, 0]));
        await page.getByLabel("This service asks for a key").fill("another");
        await page.keyboard.press("Enter");
        await verdict(page)
            .filter({ hasText: /got another\.$/ })
            .waitFor();
        await page.getByLabel("This service asks for a key").fill("s3cret");
        await page.keyboard.press("Enter");
        await verdict(page).filter({ hasText: /^red/ }).waitFor();
        expect(await page.getByLabel("This service asks for a key").isVisible()).toBe(false);
    });

    test("offers a choice of models, and sends a model without images elsewhere", async () => {
        const onnx = encodeModel(colourModel());
        const folder = await folderOf({
            "first/model.onnx": onnx,
            "first/model.yaml": "{ name: Colours, labels: [red, green, blue] }",
            "second/model.onnx": onnx,
            "second/model.yaml": "{ name: Farben, labels: [rot, grün, blau] }",
            "table/model.onnx": encodeModel(linearClassifier()),
        });
        const url = await serveFolder(folder);
        const { page } = await openPage(`${url}/ui`, ...DESKTOP);
        await page.getByLabel("Model").selectOption("Farben");
        await choose(page, "green.png", await pngOf([0, 255, 0]));
        await verdict(page).filter({ hasText: "grün" }).waitFor();
        expect(await page.locator("#curl").textContent()).toBe(
            `curl --data-binary @photo.jpg ${url}/second/image`,
        );
        await page.getByLabel("Model").selectOption("table");
        await verdict(page).filter({ hasText: "takes rows of values, not images" }).waitFor();
        expect(await page.getByRole("button", { name: "Choose image" }).isVisible()).toBe(false);
    });

    test("shows a model with many labels by its first few, and all of them if asked", async () => {
        const labels = Array.from({ length: 40 }, (_, index) => `kind ${index}`);
        const url = await serveFolder(await colourModelFolder(), {
            classifyFor: async () => labels.map((label, index) => ({ label, probability: index / 780 })),
        });
        const { page } = await openPage(`${url}/ui`, ...DESKTOP);
        await choose(page, "any.png", await pngOf([1, 2, 3]));
        await verdict(page).filter({ hasText: "kind 39" }).waitFor();
        expect(await page.locator("#labels li").count()).toBe(6);
        await page.getByRole("button", { name: "Show all 40 labels" }).click();
        expect(await page.locator("#labels li").count()).toBe(40);
        expect(await page.getByRole("button", { name: "Show all 40 labels" }).isVisible()).toBe(false);
        expect((await page.locator("#labels li").first().innerText()).split(/\n/)).toEqual([
            "kind 39",
            "5.0 %",
        ]);
    });
});
