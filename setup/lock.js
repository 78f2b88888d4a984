const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { identify, isRunning } = require("./processIdentity");

/** @typedef {import("./processIdentity").ProcessIdentity} ProcessIdentity */

/**
 * Makes this process the holder of `file`, taking it over from a process that is gone. Answers `release`, or the living
 * `holder`. The file holds the holder's identity, so that another process with its number is not taken for it.
 * @param {string} file
 * @returns {{ release: () => void, holder?: undefined } | { holder: ProcessIdentity, release?: undefined }}
 */
function takeLock(file) {
    while (!create(file)) {
        const holder = lockHolder(file);
        if (holder) return { holder };
        // One process at a time looks again and removes: two that saw the same stale lock could remove a fresh one.
        const takeover = takeLock(`${file}.takeover`);
        if (takeover.holder) return takeover;
        if (isStale(file)) fs.rmSync(file);
        takeover.release();
    }
    return { release: () => fs.rmSync(file, { force: true }) };
}

/**
 * Waits until this process holds `file` and answers the release. `onWait` is told of each process that is waited for.
 * @param {string} file
 * @param {{ signal: AbortSignal, onWait: (holder: ProcessIdentity) => void }} options
 * @returns {Promise<() => void>}
 */
async function waitForLock(file, { signal, onWait }) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    for (let waitingFor = 0; ; ) {
        const { release, holder } = takeLock(file);
        if (release) return release;
        if (holder.pid !== waitingFor) onWait(holder);
        waitingFor = holder.pid;
        await sleep(100, undefined, { signal });
    }
}

/**
 * The living process that holds `file`.
 * @param {string} file
 * @returns {ProcessIdentity | undefined}
 */
function lockHolder(file) {
    const text = read(file);
    return text === undefined ? undefined : runningHolder(text);
}

/**
 * A lock that was released meanwhile is not stale: the next process may take it at any moment.
 * @param {string} file
 */
function isStale(file) {
    const text = read(file);
    return text !== undefined && runningHolder(text) === undefined;
}

/** @param {string} file */
function read(file) {
    try {
        return fs.readFileSync(file, "utf8");
    } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
        throw error;
    }
}

/**
 * @param {string} text
 * @returns {ProcessIdentity | undefined}
 */
function runningHolder(text) {
    try {
        const holder = JSON.parse(text);
        return typeof holder.start === "string" && isRunning(holder) ? holder : undefined;
    } catch (error) {
        // Only a machine that lost its power leaves a lock cut off.
        if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
        throw error;
    }
}

/**
 * A link appears together with its content, so that nobody reads a lock without a holder.
 * @param {string} file
 */
function create(file) {
    const own = `${file}.${process.pid}`;
    fs.writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    try {
        fs.linkSync(own, file);
        return true;
    } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
        return false;
    } finally {
        fs.rmSync(own, { force: true });
    }
}

module.exports = { lockHolder, takeLock, waitForLock };
