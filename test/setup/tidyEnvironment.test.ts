import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { tidyEnvironment } from "../../setup/tidyEnvironment";

const root = join(__dirname, "../..");

function tidied(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const changed: NodeJS.ProcessEnv = { HOME: "/home/me", ...env };
    tidyEnvironment(changed);
    return changed;
}

const plain = { HOME: "/home/me", LC_ALL: "C" };

/** What people have in their environments; each has spoiled the output of some program or its start. */
const hostile: Record<string, string> = {
    FORCE_COLOR: "3",
    CLICOLOR_FORCE: "1",
    NODE_OPTIONS: "--require /nowhere/hook.js --inspect=127.0.0.1:0 --trace-warnings",
    npm_config_dry_run: "true",
    npm_config_ignore_scripts: "true",
    npm_config_loglevel: "silly",
    npm_config_prefix: "/nowhere",
    npm_config_json: "true",
    npm_config_workspace: "nobody",
    NPM_CONFIG_GLOBAL: "true",
    npm_config_omit: "dev",
    LC_ALL: "de_DE.UTF-8",
    GREP_OPTIONS: "--color=always",
    TAR_OPTIONS: "--verbose",
    PULUMI_OPTION_SHOW_SECRETS: "true",
    PULUMI_OPTION_COLOR: "always",
    TSX_TSCONFIG_PATH: "/nowhere/tsconfig.json",
    TS_NODE_COMPILER_OPTIONS: '{"module":"esnext"}',
    GRPC_TRACE: "all",
    GRPC_VERBOSITY: "DEBUG",
    DEBUG: "*",
    NODE_DEBUG: "http,net",
    TMPDIR: "/dev/null/tmp",
    TEMP: "not/absolute",
    CDPATH: "/",
    NODE_PATH: "/nowhere",
    ESBUILD_BINARY_PATH: "/nowhere/esbuild",
};

/** What changes nothing that we read, and may be meant for programs that we start: it stays as it is. */
const harmless: Record<string, string> = {
    NO_COLOR: "1",
    CI: "true",
    TZ: "Asia/Kathmandu",
    LANG: "de_DE.UTF-8",
    LANGUAGE: "de",
    TERM: "dumb",
    NODE_ENV: "production",
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    SSL_CERT_FILE: "/nowhere.pem",
    GIT_DIR: "/nowhere/.git",
    DOCKER_HOST: "unix:///nowhere.sock",
    PULUMI_ACCESS_TOKEN: "token",
    PULUMI_BACKEND_URL: "file:///nowhere",
    npm_config_registry: "https://registry.example",
    npm_config_userconfig: "/home/me/.npmrc",
    "npm_config_//registry.example/:_authToken": "token",
    npm_config_https_proxy: "http://proxy.example",
};

describe("the environment that a command begins with", () => {
    test.each(Object.entries(hostile))("holds no %s of %s", (name, value) => {
        expect({ ...tidied({ [name]: value }), EDGE_COLOR: undefined }).toEqual({
            ...plain,
            EDGE_COLOR: undefined,
        });
    });

    test("keeps what says where things come from, who asks and whom is trusted", () => {
        expect(tidied(harmless)).toEqual({ ...plain, ...harmless });
    });

    test("keeps of NODE_OPTIONS how much Node may take and whom it trusts", () => {
        const kept = "--max-old-space-size=4096 --use-openssl-ca --dns-result-order ipv4first --tls-min-v1.2";
        const given = `--require "/a b/hook.js" ${kept} --import ./x.mjs --inspect-brk --tls-keylog=/tmp/keys -r y`;
        expect(tidied({ NODE_OPTIONS: given }).NODE_OPTIONS).toBe(kept);
    });

    test("remembers whether people want colours, and NO_COLOR goes first", () => {
        expect(tidied({ FORCE_COLOR: "1" }).EDGE_COLOR).toBe("always");
        expect(tidied({ CLICOLOR_FORCE: "1" }).EDGE_COLOR).toBe("always");
        expect(tidied({ FORCE_COLOR: "1", NO_COLOR: "1" })).not.toHaveProperty("EDGE_COLOR");
        expect(tidied({ FORCE_COLOR: "0" })).toEqual({ ...plain, NO_COLOR: "1" });
    });

    test("has a home and, where one is named, a folder for temporary files", () => {
        for (const HOME of ["", "not/absolute"]) expect(tidied({ HOME }).HOME).toBe(userInfo().homedir);
        const folder = mkdtempSync(join(tmpdir(), "with blanks "));
        expect(tidied({ TMPDIR: folder }).TMPDIR).toBe(folder);
        rmSync(folder, { recursive: true });
    });

    test("does not change when it is tidied again", () => {
        const once = tidied({ ...hostile, ...harmless, https_proxy: "http://p", no_proxy: "a" });
        expect(tidied({ ...once })).toEqual(once);
    });
});

describe("a document that a program reads", () => {
    const folder = mkdtempSync(join(tmpdir(), "edge-environment-"));
    const manifest = join(folder, "manifest.json");
    writeFileSync(manifest, '{"modulesContent":{}}');
    afterAll(() => rmSync(folder, { recursive: true }));

    /** Runs `edge manifest validate --json`, which has something to say; without what Node and tsx act on before. */
    const validated = (more: NodeJS.ProcessEnv) =>
        new Promise<unknown>((resolve) => {
            const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...more };
            const args = ["--require", "tsx/cjs", "cli/edge.ts", "manifest", "validate", manifest, "--json"];
            execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) =>
                resolve({ code: error?.code ?? 0, stdout, stderr }),
            );
        });
    const { NODE_OPTIONS, NODE_DEBUG, TSX_TSCONFIG_PATH, ESBUILD_BINARY_PATH, TMPDIR, TEMP, ...ofPrograms } =
        hostile;

    test.each([
        ["colours forced", { FORCE_COLOR: "3", CLICOLOR_FORCE: "1" }],
        [
            "a German locale",
            { LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8", LANGUAGE: "de", TZ: "Asia/Kathmandu" },
        ],
        ["all of it at once", { ...ofPrograms, ...harmless, NODE_EXTRA_CA_CERTS: "", NO_COLOR: "" }],
    ])("is the same byte for byte with %s", async (_, env) => {
        const [usual, found] = await Promise.all([validated({}), validated(env)]);
        expect(found).toEqual(usual);
        expect((found as { stdout: string }).stdout).toContain("$edgeAgent");
    });
});
