import type { Command } from "commander";
import { type CommonOptions, commandContext, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { localHub, runningStack } from "./localHub";

interface Identity {
    readonly deviceId: string;
    readonly authentication: { readonly symmetricKey?: { readonly primaryKey?: string } };
}

/** Adds `edge creds show …`: the only commands that print secrets, because they are asked for them. */
export function addCredsCommands(program: Command): void {
    const show = program
        .command("creds")
        .command("show")
        .description("print connection strings, secrets included");
    withCommonOptions(show.command("hub"))
        .description("the hub's connection string, for whoever manages it")
        .addHelpText(
            "after",
            `
With --json the answer is {connectionString}.

Exit codes: 0 printed, 2 wrong usage, 3 no running local stack, no hub in it, or a hub without keys.
Example: npm run -s edge -- creds show hub`,
        )
        .action(showHub);
    withCommonOptions(show.command("device"))
        .description("the connection strings of devices, of all that have a key or of one")
        .option("--device <id>", "this device alone")
        .addHelpText(
            "after",
            `
With --json the answer is {devices:[{deviceId, connectionString}]}.

Exit codes: 0 printed, 2 wrong usage, 3 no running local stack, no hub in it, or no such device with a key.
Example: npm run -s edge -- creds show device --device edge-device --json`,
        )
        .action(showDevices);
}

async function showHub(options: CommonOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = runningStack(
        context,
        options,
        "For a hub in the cloud: az iot hub connection-string show --hub-name HUB",
    );
    const { connectionString } = await localHub(stack);
    if (context.json) context.writeJson({ connectionString });
    else context.writeLine(connectionString);
}

async function showDevices(options: CommonOptions & { device?: string }): Promise<void> {
    const context = commandContext(options, process);
    const stack = runningStack(
        context,
        options,
        "For a device in the cloud: pulumi stack output deviceConnectionString --show-secrets",
    );
    const hub = await localHub(stack);
    const identities = await hub.get<Identity[]>("/devices", { top: "1000" });
    const devices = identities.flatMap(({ deviceId, authentication }) => {
        const key = authentication.symmetricKey?.primaryKey;
        if (!key || (options.device !== undefined && deviceId !== options.device)) return [];
        const connectionString = `HostName=${hub.hostName};DeviceId=${deviceId};SharedAccessKey=${key}`;
        return [{ deviceId, connectionString }];
    });
    if (options.device !== undefined && devices.length === 0) {
        throw new CommandError(
            exitCodes.notFound,
            `Expected a device ${options.device} with a symmetric key in ${hub.hostName}, found none. ` +
                "List those that have one with: npm run edge -- creds show device",
        );
    }
    if (context.json) context.writeJson({ devices });
    else for (const { connectionString } of devices) context.writeLine(connectionString);
}
