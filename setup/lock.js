const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

/**
 * Waits until no other set-up works on this project, then keeps others out until the answered function is called.
 * The lock is `.local/setup.lock` with the holder's process id; that of a process that is gone is taken over.
 */
async function takeLock({ root, progress, signal }) {
    const lock = path.join(root, ".local", "setup.lock");
    fs.mkdirSync(path.dirname(lock), { recursive: true });
    let waitingFor;
    while (!create(lock)) {
        const holder = readHolder(lock);
        if (!isAlive(holder)) {
            removeStale(lock);
        } else if (holder !== waitingFor) {
            waitingFor = holder;
            progress.say(
                `Waiting for another set-up of this project to end (process ${holder}; if there is none, remove .local/setup.lock).`,
            );
        }
        await sleep(100, undefined, { signal });
    }
    return () => fs.rmSync(lock, { force: true });
}

/** A link appears together with its content, so that nobody reads a lock without a process id. */
function create(lock) {
    const own = `${lock}.${process.pid}`;
    fs.writeFileSync(own, String(process.pid));
    try {
        fs.linkSync(own, lock);
        return true;
    } catch (error) {
        if (error.code !== "EEXIST") throw error;
        return false;
    } finally {
        fs.rmSync(own, { force: true });
    }
}

function readHolder(lock) {
    try {
        return Number(fs.readFileSync(lock, "utf8"));
    } catch (error) {
        if (error.code === "ENOENT") return undefined;
        throw error;
    }
}

/** Whether a process with this id runs. */
function isAlive(pid) {
    if (!Number.isInteger(pid) || pid <= 0) return false;
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return error.code === "EPERM";
    }
}

/** One process at a time looks again and removes: two that saw the same stale lock could remove a fresh one. */
function removeStale(lock) {
    const guard = `${lock}.takeover`;
    try {
        fs.mkdirSync(guard);
    } catch (error) {
        if (error.code !== "EEXIST") throw error;
        // Its maker needs microseconds; an old one was left by a process that was killed in them.
        const made = fs.statSync(guard, { throwIfNoEntry: false });
        if (made && Date.now() - made.mtimeMs > 5000) fs.rmSync(guard, { recursive: true, force: true });
        return;
    }
    try {
        const holder = readHolder(lock);
        if (holder !== undefined && !isAlive(holder)) fs.rmSync(lock);
    } finally {
        fs.rmSync(guard, { recursive: true, force: true });
    }
}

module.exports = { isAlive, takeLock };
