import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { DeviceIdentity } from "../edge-vm/cloudInit";
import { renderInstallScript } from "../edge-vm/existing-machine/installScript";
import { type CommandContext, type CommonOptions, commandContext, withCloudOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { givenText } from "./givenText";
import { stackOutputs } from "./stackOutputs";

interface InstallScriptOptions extends CommonOptions {
    readonly device?: string;
    readonly hub?: string;
    readonly method: "connection-string-file" | "x509" | "dps";
    readonly idScope?: string;
    readonly certificate?: string;
    readonly platform: "linux/amd64" | "linux/arm64";
}

/** Adds `edge device …`: what concerns a machine that is there already. */
export function addDeviceCommands(program: Command): void {
    const device = program.command("device").description("a machine of your own as the edge device");
    withCloudOptions(device.command("install-script"))
        .description("print the script that makes an existing Debian, Raspberry Pi OS or Ubuntu the device")
        .option("--device <id>", "the device (default: that of the stack)")
        .option("--hub <host>", "host name of its hub (default: that of the stack)")
        .addOption(
            new Option("--method <method>", "how the device proves who it is; its secret is asked for later")
                .choices(["connection-string-file", "x509", "dps"])
                .default("connection-string-file"),
        )
        .option("--id-scope <scope>", "with dps: scope of the provisioning service")
        .option("--certificate <file>", "with x509: the device's certificate, PEM")
        .addOption(
            new Option("--platform <platform>", "of the device, as the stack's setting says")
                .choices(["linux/amd64", "linux/arm64"])
                .default("linux/amd64"),
        )
        .addHelpText(
            "after",
            "\nExample: npm run -s edge -- device install-script --stack dev --platform linux/arm64 > install-edge.sh\n" +
                "         then, on the device: sudo bash install-edge.sh        docs/existing-device.md",
        )
        .action(installScript);
}

async function installScript(options: InstallScriptOptions): Promise<void> {
    const context = commandContext(options, process);
    const identity = await identityOf(context, options);
    const script = renderInstallScript({
        identity,
        upstreamProtocol: "AmqpWs",
        platform: options.platform,
    });
    if (context.json) context.writeJson({ method: options.method, platform: options.platform, script });
    else context.writeLine(script.trimEnd());
}

async function identityOf(context: CommandContext, options: InstallScriptOptions): Promise<DeviceIdentity> {
    const needsStack =
        options.device === undefined || (options.method !== "dps" && options.hub === undefined);
    const outputs = needsStack ? await stackOutputs(context, options.stack ?? "dev") : {};
    const deviceId = plain("--device", options.device ?? text(outputs.deviceId), /^[A-Za-z0-9_.-]{1,128}$/);
    if (options.method === "dps") {
        const idScope = plain("--id-scope", options.idScope, /^0ne[0-9A-Fa-f]{8}$/i);
        return { method: "dps", idScope, registrationId: deviceId.toLowerCase() };
    }
    const hub = options.hub ?? text(outputs.hubHostName);
    const hubHostName = plain("--hub", hub, /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/);
    if (options.method === "connection-string-file") return { method: "sas", hubHostName, deviceId };
    return { method: "x509", hubHostName, deviceId, certificate: certificateOf(context, options) };
}

function certificateOf(context: CommandContext, { certificate }: InstallScriptOptions): string {
    const file = resolve(context.env.INIT_CWD ?? "", plain("--certificate", certificate, /./));
    let content: Buffer;
    try {
        content = readFileSync(file);
    } catch (cause) {
        throw new CommandError(exitCodes.usage, `Expected the certificate ${file}, found none.`, { cause });
    }
    const found = givenText(content, file);
    // A file that holds the private key as well would put it into the script.
    if (/^-----BEGIN CERTIFICATE-----/.test(found) && !found.includes("PRIVATE KEY")) return found;
    throw new CommandError(
        exitCodes.usage,
        `Expected ${file} to be a certificate in PEM and nothing else, found something else. ` +
            "The private key stays on the device, which asks for it.",
    );
}

function plain(flag: string, found: string | undefined, pattern: RegExp): string {
    if (found !== undefined && pattern.test(found)) return found;
    throw new CommandError(
        exitCodes.usage,
        `Expected ${flag} to be given or to be known from the stack's outputs, found ${found ? `"${found}"` : "none"}.`,
    );
}

function text(output: unknown): string | undefined {
    return typeof output === "string" ? output : undefined;
}
