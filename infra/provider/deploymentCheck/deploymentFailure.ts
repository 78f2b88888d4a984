/** What stands in the way of a deployment, as the device and the hub report it. */
export type Trouble =
    /** The device's identity may not connect. */
    | { kind: "disabled"; deviceId: string }
    /** `lastActivity` is undefined for a device that has never connected. */
    | { kind: "offline"; deviceId: string; lastActivity: string | undefined }
    /** edgeAgent's `lastDesiredStatus`, when its code is not 200. */
    | { kind: "refused"; code: number | undefined; description: string | undefined }
    /** A module that does not run, as edgeAgent reports it. */
    | { kind: "ended"; module: string; runtimeStatus: string; exitCode: number; description: string }
    /** Nobody answers at the URL, while the module is reported running. */
    | { kind: "unreachable"; url: string; reason: string }
    /** The URL answers, with something else than success. */
    | { kind: "unwell"; url: string; status: number };

/** Why a deployment does not get on, and what to do about it, each a sentence. */
export interface DeploymentFailure {
    readonly cause: string;
    readonly fix: string;
    /**
     * How long it may last before waiting any longer is useless: 0 for what no device mends by itself, `Infinity` for what
     * may pass at any moment.
     */
    readonly patienceSeconds: number;
    /** True where something outside the module can end it, so that a module that failed many times may still start. */
    readonly mendsItself?: boolean;
}

/** Turns what is reported into its cause and its fix. */
export function deploymentFailure(trouble: Trouble): DeploymentFailure {
    switch (trouble.kind) {
        case "disabled":
            return {
                cause: `The device ${trouble.deviceId} is disabled in the hub and may not connect`,
                fix: "Set it with: pulumi config set deviceStatus enabled",
                patienceSeconds: 0,
            };
        case "offline":
            return offline(trouble.deviceId, trouble.lastActivity);
        case "refused":
            return refused(trouble.code, trouble.description);
        case "ended":
            return ended(trouble);
        case "unreachable":
            return {
                cause: `The device reports the module running, but ${trouble.url} cannot be reached from here: ${trouble.reason}`,
                fix: "Let this machine in with httpFrom (or the firewall of the device), or set check to reported",
                // A module that loads its model and a port that comes up late need less.
                patienceSeconds: 60,
            };
        case "unwell":
            return {
                cause: `The device reports the module running, but ${trouble.url} answers ${trouble.status}`,
                fix: readTheLog,
                patienceSeconds: Infinity,
            };
    }
}

const readTheLog =
    "Read the module's log on the device with: iotedge logs MODULE (on the local Azure: npm run edge -- local logs)";

const never: Record<number, { cause: string; fix: string }> = {
    400: {
        cause: "edgeAgent cannot read the manifest (400)",
        fix: "Look at the manifest that is deployed, correct what the reason names and deploy again",
    },
    412: {
        cause: "edgeAgent does not know the manifest's schema version (412)",
        fix: "Use schemaVersion 1.1, and IoT Edge 1.6 on the device",
    },
    417: {
        cause: "The device has an empty manifest (417): something else took the deployment off",
        fix: "Remove automatic deployments that target this device, and run pulumi up --refresh",
    },
};

function offline(deviceId: string, lastActivity: string | undefined): DeploymentFailure {
    const fix =
        "Look at its logs: iotedge system logs on the device, or az vm boot-diagnostics get-boot-log for a machine of the stack";
    if (lastActivity !== undefined) {
        return {
            cause: `The device ${deviceId} is not connected; it was last seen at ${lastActivity}`,
            fix: `Switch it on and let it reach the hub on port 443. ${fix}`,
            patienceSeconds: Infinity,
        };
    }
    return {
        cause: `The device ${deviceId} has never connected to the hub`,
        fix:
            "Set up an existing device with: npm run edge -- device install-script, and let it reach the hub on port 443; " +
            `for one that is switched on later set whenOffline to accept. ${fix}`,
        patienceSeconds: Infinity,
    };
}

function refused(code: number | undefined, description: string | undefined): DeploymentFailure {
    const said = description ? `: ${withoutEnd(description)}` : "";
    const fatal = code === undefined ? undefined : never[code];
    if (fatal) return { cause: `${fatal.cause}${said}`, fix: fatal.fix, patienceSeconds: 0 };
    if (code === 406) {
        return {
            cause: `edgeAgent is off or restarts (406)${said}`,
            fix: "Start it on the device with: iotedge system restart, and look at iotedge logs edgeAgent",
            patienceSeconds: Infinity,
        };
    }
    const known = wellKnown(description);
    if (known) return { ...known, cause: `${known.cause}${said}` };
    return {
        cause: `edgeAgent could not carry out the manifest (${code ?? "no status"})${said}`,
        fix: "Look at iotedge logs edgeAgent on the device (on the local Azure: npm run edge -- local logs)",
        patienceSeconds: Infinity,
    };
}

function ended(trouble: Extract<Trouble, { kind: "ended" }>): DeploymentFailure {
    const { module, runtimeStatus, exitCode, description } = trouble;
    const known = wellKnown(description);
    if (known) return { ...known, cause: `${known.cause}: ${withoutEnd(description)}` };
    const gaveUp = runtimeStatus === "failed" || runtimeStatus === "dead";
    const code = exitCodes[exitCode];
    return {
        cause:
            `The module ${module} ${gaveUp ? "is given up" : "ends"} with exit code ${exitCode}` +
            `${code ? `: ${code.cause}` : ""} (${runtimeStatus}${description ? `: ${withoutEnd(description)}` : ""})`,
        fix: (code?.fix ?? readTheLog).replace("MODULE", module),
        patienceSeconds: gaveUp ? 0 : Infinity,
    };
}

/** Exit codes of a container: the shell's conventions, 128 and the number of a signal. */
const exitCodes: Record<number, { cause: string; fix: string } | undefined> = {
    125: { cause: "the container engine could not start it", fix: "Look at iotedge logs edgeAgent" },
    126: {
        cause: "the image's command cannot be executed",
        fix: "Build the image again for the device's platform: pulumi config set platform linux/amd64 or linux/arm64",
    },
    127: {
        cause: "the image has no such command",
        fix: "Correct the image's entry point, or Cmd in createOptions",
    },
    132: {
        cause: "the processor lacks an instruction (SIGILL)",
        fix: "Use a device with a newer processor, or a virtual machine that shows its host's",
    },
    134: { cause: "it aborted itself (SIGABRT)", fix: readTheLog },
    137: {
        cause: "it was killed, most often because memory ran out (SIGKILL)",
        fix: "Give the module more memory (its limit in createOptions, vmSize) or a smaller model; dmesg on the device names the victim",
    },
    139: { cause: "it crashed in native code (SIGSEGV)", fix: readTheLog },
    143: {
        cause: "something on the device stopped it (SIGTERM)",
        fix: "Look at iotedge logs edgeAgent for who",
    },
};

/** Texts of Docker, its registries and the kernel, in the order in which they are looked for. */
const texts: readonly {
    readonly pattern: RegExp;
    readonly cause: string;
    readonly fix: string;
    readonly patienceSeconds: number;
    readonly mendsItself?: boolean;
}[] = [
    {
        pattern: /exec format error|no matching manifest|does not match the (detected|specified)/i,
        cause: "The image is for another processor than the device's",
        fix: "Set the device's platform with: pulumi config set platform linux/amd64 or linux/arm64, and run pulumi up",
        patienceSeconds: 0,
    },
    {
        pattern:
            /port is already allocated|address already in use|ports are not available|which another program uses/i,
        cause: "The port of the device is taken",
        fix: "Stop the program that has it, or choose another port with: pulumi config set hostPort PORT",
        patienceSeconds: Infinity,
        mendsItself: true,
    },
    {
        pattern: /no space left on device/i,
        cause: "The device's disk is full",
        fix: "Make room on the device with: docker system prune --all, or choose a larger disk",
        patienceSeconds: 60,
    },
    {
        pattern: /unauthorized|authentication required|access.* denied|denied: |\(401\)|\(403\)/i,
        cause: "The registry refuses the device's credentials, so that the image cannot be pulled",
        fix: "Renew them with: pulumi up --refresh, and look whether the token still exists in the registry",
        // New passwords of a token take up to a minute until the registry knows them.
        patienceSeconds: 90,
    },
    {
        pattern: /manifest unknown|name unknown|manifest for .* not found|repository .* not found|\(404\)/i,
        cause: "The image is not in the registry",
        fix: "Push it again with: pulumi up --refresh",
        patienceSeconds: 60,
    },
    {
        pattern: /toomanyrequests|too many requests/i,
        cause: "The registry limits how often the device may pull",
        fix: "Wait some minutes and run pulumi up again",
        patienceSeconds: Infinity,
    },
    {
        pattern: /x509: |certificate signed by unknown authority|certificate has expired/i,
        cause: "The device does not trust the registry's certificate",
        fix: "Set the device's clock, and give it the certificate of a proxy that is between them",
        patienceSeconds: 60,
    },
    {
        pattern:
            /no such host|no route to host|network is unreachable|connection refused|i\/o timeout|TLS handshake timeout|Client\.Timeout|request canceled|cannot be reached/i,
        cause: "The device does not reach the registry",
        fix: "Let the device reach the registry and its blob storage on port 443, and look at its name server and proxy",
        patienceSeconds: Infinity,
    },
];

function wellKnown(description: string | undefined): DeploymentFailure | undefined {
    const found = texts.find(({ pattern }) => description !== undefined && pattern.test(description));
    if (!found) return undefined;
    const { pattern, ...failure } = found;
    return failure;
}

function withoutEnd(sentence: string): string {
    return sentence.trim().replace(/\.+$/, "");
}
