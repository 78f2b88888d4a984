import { readOptions } from "./config";

/** The container's HEALTHCHECK, a program of its own because the image has no curl: exit code 0 says healthy. */
async function main(): Promise<void> {
    const { port } = readOptions(process.env);
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(4000) });
    process.exitCode = response.ok ? 0 : 1;
}

main().catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exitCode = 1;
});
