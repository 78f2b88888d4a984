import { isRecord, type Loose, recordIn } from "./readBody";

/** Texts and lists of a container's options that are of the right type, but that Docker refuses; a sentence each. */
export function valueProblems(body: Loose, place: string): string[] {
    const host = recordIn(body, "HostConfig");
    const list = (from: Loose, name: string) => (Array.isArray(from[name]) ? (from[name] as unknown[]) : []);
    const problems: string[] = [];
    const expect = (holds: boolean, what: string, found: string) => {
        if (!holds) problems.push(`Expected ${place}.${what}, found ${found}.`);
    };
    for (const [index, entry] of list(body, "Env").entries()) {
        // What follows the name may be secret.
        expect(!/^(=|$)/.test(String(entry)), `Env[${index}] to be such as NAME=value`, "no name");
    }
    const { WorkingDir: folder } = body;
    if (typeof folder === "string" && folder !== "")
        expect(folder.startsWith("/"), "WorkingDir to be a path such as /app", `"${folder}"`);
    for (const [name, value] of Object.entries(recordIn(body, "Healthcheck"))) {
        if (typeof value !== "number" || name === "Retries") continue;
        const what = `Healthcheck.${name} to be 0 or at least 1000000, as it is in nanoseconds`;
        expect(value === 0 || value >= 1_000_000, what, `${value}`);
    }
    for (const [index, entry] of list(host, "ExtraHosts").entries()) {
        const what = `HostConfig.ExtraHosts[${index}] to be such as name:10.0.0.4`;
        expect(/^[^:=\s]+[:=]\S+$/.test(String(entry)), what, `"${entry}"`);
    }
    for (const [index, request] of list(host, "DeviceRequests").filter(isRecord).entries()) {
        const asks = Boolean(request.Driver) || list(request, "Capabilities").flat().some(Boolean);
        const what = `HostConfig.DeviceRequests[${index}] to have Capabilities such as [["gpu"]] or a Driver`;
        expect(asks, what, "neither");
    }
    const { Name: policy, MaximumRetryCount: retries } = recordIn(host, "RestartPolicy");
    const what = "HostConfig.RestartPolicy with MaximumRetryCount only for on-failure";
    expect(!retries || policy === "on-failure", what, `it for ${policy || "none"}`);
    for (const [name, own] of Object.entries(modes)) {
        const mode = host[name];
        if (typeof mode !== "string" || mode === "" || own.includes(mode)) continue;
        const known = `HostConfig.${name} to be one of ${own.join(", ")} or container:NAME`;
        expect(/^container:./.test(mode), known, `"${mode}"`);
    }
    return [...problems, ...logSizes(host, `${place}.HostConfig.LogConfig`)];
}

function logSizes(host: Loose, place: string): string[] {
    const { Type: type, Config: config } = recordIn(host, "LogConfig");
    if (!isRecord(config) || (type && type !== "json-file" && type !== "local")) return [];
    const forms = { "max-size": /^(-1|\d+(\.\d+)? ?([kmgtp]i?)?b?)$/i, "max-file": /^[1-9]\d*$/ };
    return Object.entries(forms).flatMap(([name, form]) => {
        const value = config[name];
        return typeof value !== "string" || form.test(value)
            ? []
            : [
                  `Expected ${place}.Config.${name} to be such as "${name === "max-size" ? "10m" : "3"}", found "${value}".`,
              ];
    });
}

const modes: Readonly<Record<string, readonly string[]>> = {
    IpcMode: ["none", "private", "shareable", "host"],
    PidMode: ["host"],
};
