import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";

/** The same folder is found from the sources and from the compiled code. */
const FOLDER = join(__dirname, "..", "..", "ui");

/** The page's scripts, each after those that it needs. */
const SCRIPTS = ["photo.js", "camera.js", "model.js", "result.js", "page.js"];

/** The policy that lets the page run the script and style that came with it and talk to this service, and no more. */
function policy(script: string, style: string): string {
    return [
        "default-src 'none'",
        `script-src '${hash(script)}'`,
        `style-src '${hash(style)}'`,
        "img-src blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].join("; ");
}

/** The page for people at `/ui`, in one piece: it fetches nothing but what it asks this service. */
export function uiRoute(): Router {
    const { html, headers } = buildPage();
    const router = Router();
    router.get("/ui", (_request, response) => {
        response.set(headers).end(html);
    });
    return router;
}

function buildPage(): { html: string; headers: Record<string, string> } {
    const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");
    const style = `\n${read("page.css")}`;
    const script = `\n${SCRIPTS.map((name) => withoutModuleSyntax(read(name))).join("\n")}`;
    const html = read("page.html")
        .replace(/(<style>)[\s\S]*(<\/style>)/, (_, open, close) => open + style + close)
        .replace(/(<script type="module">)[\s\S]*(<\/script>)/, (_, open, close) => open + script + close);
    return {
        html,
        headers: {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": policy(script, style),
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-cache",
        },
    };
}

/** The scripts are modules of their own to an editor, and become one in the page. */
function withoutModuleSyntax(code: string): string {
    return code.replace(/^import [\s\S]*?;\n/gm, "").replace(/^export /gm, "");
}

function hash(content: string): string {
    return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}
