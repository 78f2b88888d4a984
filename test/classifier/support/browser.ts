import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { describeUnless } from "../../support/describeUnless";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
    ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    // A camera that shows a test picture, and the permission to use it.
    ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
];

/** A `describe` for tests that need a browser, left out where there is none. */
export const describeInBrowser = describeUnless(
    existsSync(CHROMIUM)
        ? undefined
        : `needs Chromium, which is not at ${CHROMIUM}; CHROMIUM names another place`,
);

/** A page, what went wrong in it, and what it asked for. */
export interface OpenPage {
    page: Page;
    problems: string[];
    requests: string[];
}

let browser: Browser | undefined;

/** Opens an address in a new session of that size; up to 600 pixels wide it is a phone's. */
export async function openPage(url: string, width: number, height: number): Promise<OpenPage> {
    browser ??= await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    const isPhone = width <= 600;
    const context = await browser.newContext({
        viewport: { width, height },
        isMobile: isPhone,
        hasTouch: isPhone,
        permissions: ["camera"],
    });
    const problems: string[] = [];
    const requests: string[] = [];
    const page = await context.newPage();
    page.on("console", (message) => {
        // A status of 4xx, which some tests provoke, is none of the page's making.
        if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
            problems.push(message.text());
        }
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(url);
    return { page, problems, requests };
}

/** Closes all pages that were opened; the browser itself stays. */
export async function closePages(): Promise<void> {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
}

export async function closeBrowser(): Promise<void> {
    await browser?.close();
    browser = undefined;
}
