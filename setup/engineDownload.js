const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { version } = require("./engineVersion");
const { useProxies } = require("./proxies");
const { SetupError } = require("./setupError");
const { runTool } = require("./tool");

/** @typedef {import("./setupContext").SetupContext} SetupContext */

const answerWithinMs = 5_000;
const silenceMs = 20_000;

/**
 * Downloads Pulumi's own archive, checks it against the published checksums and unpacks it below `workFolder`, whole:
 * it carries the language hosts. The checksums come from another host than the archive (both are published by
 * Pulumi's release), so that no single one of them is believed. EDGE_PULUMI_MIRROR names a folder with both files.
 * @param {SetupContext} context
 * @param {string} workFolder
 * @param {(line: string) => void} onLine
 */
async function downloadEngine({ root, env, signal }, workFolder, onLine) {
    useProxies(env);
    const archive = `pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`;
    const mirror = env.EDGE_PULUMI_MIRROR?.replace(/\/$/, "");
    const archives = mirror ?? "https://get.pulumi.com/releases/sdk";
    const checksums = mirror ?? `https://github.com/pulumi/pulumi/releases/download/v${version}`;

    const listed = await readText(`${checksums}/pulumi-${version}-checksums.txt`, signal);
    const expected = listed
        .split("\n")
        .find((line) => line.trim().endsWith(`  ${archive}`))
        ?.slice(0, 64);
    if (!expected) throw new SetupError(`there is no ${archive} among the published checksums`);

    const file = path.join(workFolder, archive);
    const found = await save(`${archives}/${archive}`, file, signal, onLine);
    if (found !== expected) {
        throw new SetupError(`${archive} has SHA-256 ${found}, and ${expected} is published for it`);
    }
    await runTool("tar", ["-xzf", file, "-C", workFolder], {
        cwd: root,
        env,
        signal,
        repeat: `tar -xzf ${archive}`,
    });
    return arrange(path.join(workFolder, "pulumi"), workFolder);
}

/**
 * The archive holds `pulumi/pulumi` (or, for some platforms, `pulumi/bin/pulumi`); answers a folder with bin/.
 * @param {string} unpacked
 * @param {string} workFolder
 */
function arrange(unpacked, workFolder) {
    if (fs.existsSync(path.join(unpacked, "bin", "pulumi"))) return unpacked;
    const folder = path.join(workFolder, "engine");
    fs.mkdirSync(folder);
    fs.renameSync(unpacked, path.join(folder, "bin"));
    return folder;
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function readText(url, signal) {
    const parts = [];
    for await (const part of get(url, signal)) parts.push(part.bytes);
    return Buffer.concat(parts).toString("utf8");
}

/**
 * Saves `url` as `file`; answers the SHA-256 of what came.
 * @param {string} url
 * @param {string} file
 * @param {AbortSignal} signal
 * @param {(line: string) => void} onLine
 */
async function save(url, file, signal, onLine) {
    const hash = createHash("sha256");
    const out = await fs.promises.open(file, "wx");
    let received = 0;
    try {
        for await (const { bytes, total } of get(url, signal)) {
            hash.update(bytes);
            await out.writeFile(bytes);
            received += bytes.length;
            onLine(`${megabytes(received)} of ${total ? megabytes(total) : "?"} MB`);
        }
    } finally {
        await out.close();
    }
    return hash.digest("hex");
}

/**
 * The body of `url` in parts, with its whole length where the server says it; throws a sentence with the cause.
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function* get(url, signal) {
    const stalled = new AbortController();
    const within = (/** @type {number} */ ms) =>
        setTimeout(() => stalled.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
    let timer = within(answerWithinMs);
    try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, stalled.signal]) });
        if (!response.ok) throw new Error(`HTTP status ${response.status}`);
        const total = Number(response.headers.get("content-length"));
        for await (const bytes of response.body ?? []) {
            clearTimeout(timer);
            timer = within(silenceMs);
            yield { bytes, total };
        }
    } catch (error) {
        signal.throwIfAborted();
        const { cause, message } = /** @type {Error & { cause?: NodeJS.ErrnoException }} */ (error);
        throw new SetupError(`${new URL(url).host}: ${cause?.message || cause?.code || message}`);
    } finally {
        clearTimeout(timer);
    }
}

/** @param {number} bytes */
function megabytes(bytes) {
    return Math.round(bytes / 1e6);
}

module.exports = { downloadEngine };
