import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { HubMessage } from "../local/planes/hub/links/messages";
import { type CommonOptions, commandContext, withCommonOptions } from "./context";
import { CommandError, exitCodes } from "./exitCodes";
import { type LocalHubAccess, localHub, runningStack } from "./localHub";

interface MonitorOptions extends CommonOptions {
    readonly device?: string;
    readonly all?: boolean;
    readonly once?: boolean;
    /** How many seconds to go on for. */
    readonly timeout?: number;
}

/** A message as it is shown: its body as JSON or text where it is one, otherwise in base64. */
interface ShownMessage extends Omit<HubMessage, "body"> {
    readonly body: unknown;
}

const pollMs = 500;

/** Adds `edge monitor`: what devices and modules send, as it arrives at the local hub. */
export function addMonitor(program: Command): void {
    withCommonOptions(program.command("monitor"))
        .option("--device <id>", "of this device alone")
        .option("--all", "begin with the oldest message that the hub keeps")
        .option("--once", "end after the first message")
        .option("--timeout <seconds>", "end after this time", seconds)
        .addHelpText(
            "after",
            `
It reads the local hub only. A hub in the cloud shows its messages over AMQP: az iot hub monitor-events --hub-name HUB
With --json the answer comes at the end (of --once, --timeout, or Ctrl-C): {messages:[{sequence, deviceId, moduleId,
output, enqueuedTimeUtc, properties, system, body}]}.

Exit codes: 0 ended as it was told to, 1 --once and no message in the time, 2 wrong usage, 3 no running local stack.
Example: npm run edge -- monitor --device edge-device --timeout 60`,
        )
        .action(monitor);
}

async function monitor(options: MonitorOptions): Promise<void> {
    const context = commandContext(options, process);
    const stack = runningStack(
        context,
        options,
        "This command reads the local hub only; for one in the cloud: az iot hub monitor-events --hub-name HUB",
    );
    const hub = await localHub(stack);
    const ended = endSignal(options.timeout);
    const shown: ShownMessage[] = [];
    for await (const message of arriving(hub, options, ended)) {
        shown.push(message);
        if (!context.json) context.writeLine(line(message));
        if (options.once) break;
    }
    if (context.json) context.writeJson({ messages: shown });
    if (options.once && shown.length === 0)
        throw new CommandError(exitCodes.failed, "Expected a message, found none in the time given.");
}

/** The messages that are asked for, each when it has come, until `ended`. */
async function* arriving(
    hub: LocalHubAccess,
    { device, all }: MonitorOptions,
    ended: AbortSignal,
): AsyncIterable<ShownMessage> {
    const read = (query: Record<string, string>) =>
        hub.get<{ last: number; messages: HubMessage[] }>("/messages/events", query);
    let after = all ? 0 : (await read({})).last;
    while (!ended.aborted) {
        const { messages } = await read({ after: String(after) });
        for (const message of messages) {
            after = message.sequence;
            if (device === undefined || message.deviceId === device) yield withBody(message);
        }
        if (messages.length === 0) await sleep(pollMs, undefined, { signal: ended }).catch(() => {});
    }
}

/** Aborts when the time is over or somebody presses Ctrl-C, which is an end like any other here. */
function endSignal(timeout: number | undefined): AbortSignal {
    const ended = new AbortController();
    const end = () => ended.abort();
    process.once("SIGINT", end);
    if (timeout !== undefined) setTimeout(end, timeout * 1000).unref();
    return ended.signal;
}

function withBody({ body, ...message }: HubMessage): ShownMessage {
    const bytes = Buffer.from(body, "base64");
    const text = bytes.toString("utf8");
    if (!Buffer.from(text).equals(bytes)) return { ...message, body };
    try {
        return { ...message, body: JSON.parse(text) };
    } catch {
        return { ...message, body: text };
    }
}

function line({ enqueuedTimeUtc, deviceId, moduleId, output, properties, body }: ShownMessage): string {
    const sender = [deviceId, moduleId, output].filter((part) => part !== undefined).join("/");
    const named = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return [enqueuedTimeUtc, sender, text, ...named].join("  ");
}

function seconds(text: string): number {
    const value = Number(text);
    if (Number.isFinite(value) && value > 0 && value <= 1_000_000) return value;
    throw new InvalidArgumentError("Expected a number of seconds above 0.");
}
