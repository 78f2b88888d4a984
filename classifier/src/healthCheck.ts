import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { readOptions } from "./readOptions";

const TIMEOUT_MS = 4000;

/** The container's HEALTHCHECK, a program of its own because the image has no curl: exit code 0 says healthy. */
function main(): void {
    const { host, port, tlsCertFile } = readOptions(process.env);
    const anywhere = host === "0.0.0.0" || host === "::";
    const target = { host: anywhere ? "localhost" : host, port, path: "/health", timeout: TIMEOUT_MS };
    const request = tlsCertFile
        ? // The certificate is made out to the name that clients use, not to this host.
          httpsGet({ ...target, rejectUnauthorized: false })
        : httpGet(target);
    request.on("response", (response) => {
        response.resume();
        process.exitCode = response.statusCode === 200 ? 0 : 1;
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", (error) => {
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
    });
}

main();
