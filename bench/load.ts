import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Body {
    file: string;
    contentType: string;
    /** What stands around the file, where the server takes forms only. */
    before: string;
    after: string;
}

export interface LoadResult {
    /** How many answers had a status below 400, and how many another. */
    good: number;
    refused: number;
    /** Connections that failed, or took longer than ten seconds. */
    failed: number;
    seconds: number;
    p50Ms: number;
    p99Ms: number;
}

/** Posts a file again and again over so many connections, with wrk (Debian's package of that name). */
export async function load(
    url: string,
    { file, contentType, before, after }: Body,
    connections: number,
    seconds: number,
): Promise<LoadResult> {
    const folder = mkdtempSync(join(tmpdir(), "edge-classifier-load-"));
    const script = join(folder, "post.lua");
    writeFileSync(
        script,
        [
            'wrk.method = "POST"',
            `local file = io.open(${JSON.stringify(file)}, "rb")`,
            `wrk.body = ${JSON.stringify(before)} .. file:read("*a") .. ${JSON.stringify(after)}`,
            `wrk.headers["Content-Type"] = ${JSON.stringify(contentType)}`,
            "function done(summary, latency)",
            "  local errors = summary.errors",
            '  io.write(string.format("RESULT %d %d %d %d %f %f\\n", summary.requests, errors.status,',
            "    errors.connect + errors.read + errors.write + errors.timeout, summary.duration,",
            "    latency:percentile(50), latency:percentile(99)))",
            "end",
        ].join("\n"),
    );
    try {
        const { stdout } = await promisify(execFile)("wrk", [
            "--threads=1",
            `--connections=${connections}`,
            `--duration=${seconds}s`,
            "--timeout=10s",
            `--script=${script}`,
            url,
        ]);
        const [, all = 0, refused = 0, failed = 0, micros = 0, p50 = 0, p99 = 0] = (
            /^RESULT .*$/m.exec(stdout)?.[0] ?? ""
        )
            .split(" ")
            .map(Number);
        const times = { seconds: micros / 1e6, p50Ms: p50 / 1000, p99Ms: p99 / 1000 };
        return { good: all - refused, refused, failed, ...times };
    } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const remedy = "Install it, with: apt-get install wrk";
        throw code === "ENOENT"
            ? new Error(`Expected the load generator wrk, found none. ${remedy}`, { cause })
            : new Error(`Expected wrk to put load on ${url}, got: ${message}`, { cause });
    } finally {
        rmSync(folder, { recursive: true });
    }
}
