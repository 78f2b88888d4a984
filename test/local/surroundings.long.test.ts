import { execFile } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyProject, engineFolder, type ProjectCopy } from "../support/projectCopy";

/**
 * The first run, in a folder that is hard to name and reached by a link, and among all that people have in their
 * environments at once.
 */
describe("a first run in hostile surroundings", () => {
    let project: ProjectCopy;
    const asked: string[] = [];
    const proxy = createServer(({ url }, response) => {
        asked.push(String(url));
        response.writeHead(502).end();
    }).on("connect", ({ url }, socket) => {
        asked.push(String(url));
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });

    beforeAll(async () => {
        await once(proxy.listen(0, "127.0.0.1"), "listening");
        project = await copyProject("edge #1 100%41 é'\"$HOME(x)&; ");
        symlinkSync(project.folder, join(project.folder, ".link"));
    });
    afterAll(async () => {
        proxy.close();
        await project?.remove();
    });

    const everywhere = (names: string[], value: string) =>
        Object.fromEntries(names.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, value]));

    test.each<[string, Record<string, string>]>([
        ["behind a proxy", {}],
        ["behind a proxy for nothing", { no_proxy: "*" }],
    ])("%s ends with predictions, and asks the proxy nothing", async (_, more) => {
        const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
        const env = {
            PATH: process.env.PATH,
            HOME: process.env.HOME,
            EDGE_PULUMI: engineFolder(),
            ...everywhere(["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"], address),
            npm_config_proxy: address,
            NODE_USE_ENV_PROXY: "1",
            FORCE_COLOR: "3",
            CLICOLOR_FORCE: "1",
            DEBUG: "*",
            GRPC_TRACE: "all",
            GRPC_VERBOSITY: "DEBUG",
            LC_ALL: "de_DE.UTF-8",
            LANG: "de_DE.UTF-8",
            TZ: "Asia/Kathmandu",
            CI: "true",
            TERM: "dumb",
            NODE_ENV: "production",
            NODE_TLS_REJECT_UNAUTHORIZED: "0",
            NODE_EXTRA_CA_CERTS: "/nowhere/ca.pem",
            SSL_CERT_FILE: "/nowhere/ca.pem",
            GIT_DIR: "/nowhere/.git",
            TS_NODE_COMPILER_OPTIONS: '{"module":"esnext"}',
            PULUMI_ACCESS_TOKEN: "theirs",
            PULUMI_BACKEND_URL: "https://theirs.invalid",
            PULUMI_CONFIG_PASSPHRASE: "theirs",
            PULUMI_STACK: "theirs",
            PULUMI_PREFER_YARN: "true",
            PULUMI_EXPERIMENTAL: "true",
            PULUMI_OPTION_COLOR: "always",
            PULUMI_OPTION_TARGET: "nobody",
            npm_config_dry_run: "true",
            npm_config_prefix: "/nowhere",
            ...more,
        };
        const args = ["--require", "tsx/cjs", "cli/edge.ts", "first-run", "--json"];
        const options = { cwd: join(project.folder, ".link"), env };
        const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
        const { predictions } = JSON.parse(stdout) as { predictions: { tagName: string }[] };
        expect(predictions.map(({ tagName }) => tagName)).toEqual(["ripe", "unripe"]);
        expect(stdout + stderr).not.toContain("\x1b");
        expect(asked).toEqual([]);
    });
});
