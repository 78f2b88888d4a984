import { spawnSync } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";

/** A user to whom root's files are closed; root itself may do everything, so that tests as root need another. */
const nobody = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

/** Whom a test's process runs as, so that permissions count for it: nobody where this is root, else this user. */
export const plainUser: { uid?: number; gid?: number } = isRoot ? nobody : {};

/** Why permissions cannot be tested here; undefined where they can. */
export const permissionsUntestable = untestable();

/** Closes a file or folder to `plainUser`. */
export function closeTo(path: string, mode: number): void {
    if (isRoot) chownSync(path, 0, 0);
    chmodSync(path, mode);
}

function untestable(): string | undefined {
    if (process.platform === "win32") return "permissions of Linux or macOS";
    const { status } = spawnSync(process.execPath, ["-e", ""], { cwd: "/", ...plainUser });
    return status === 0 ? undefined : "a user other than root";
}
