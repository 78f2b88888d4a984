import type { Collection } from "../../../base/store";
import { HubError } from "../errors";

/** A message as a device or module sends it. */
export interface MessageDraft {
    body: Buffer;
    /** Properties of the application. */
    properties: Record<string, string>;
    /** System properties by the names that the documentation gives them: `messageId`, `contentType`, … */
    system: Record<string, string>;
    /** The output of a module that it left by. */
    output?: string;
}

/** A message as the hub keeps it. */
export interface HubMessage {
    /** Counts the messages of a hub; never used twice. */
    sequence: number;
    deviceId: string;
    moduleId?: string;
    output?: string;
    enqueuedTimeUtc: string;
    properties: Record<string, string>;
    system: Record<string, string>;
    /** base64 */
    body: string;
}

/** The messages of one hub, the newest of them: what an Event Hubs endpoint is to the service. */
export interface Messages {
    /** Keeps a message; refuses with `MessageTooLarge` one that the service would not take. */
    add(key: string, draft: MessageDraft): void;
    /** At most `limit` messages that came after the one numbered `after`, oldest first. */
    after(after: number, limit: number): HubMessage[];
    /** The number of the newest message; 0 when there was none. */
    last(): number;
}

/** The service takes messages of up to 256 KB (learn: iot-hub-devguide-quotas-throttling), properties counted. */
export const largestMessage = 256 * 1024;
const mostMessages = 5_000;
const mostBytes = 64 * 1024 * 1024;

export function hubMessages(
    kept: Collection<HubMessage>,
    limits = { messages: mostMessages, bytes: mostBytes },
): Messages {
    // How large each kept message is, oldest first, so that the oldest can go without being read.
    const sizes = kept
        .entries()
        .map(([, message]) => ({ sequence: message.sequence, bytes: sizeOf(message) }));
    let bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
    let last = sizes.at(-1)?.sequence ?? 0;

    return {
        add(key, draft) {
            const size = draftSize(draft);
            if (size > largestMessage) {
                throw new HubError(
                    "MessageTooLarge",
                    `The message is ${size} bytes, more than the limit of ${largestMessage}`,
                );
            }
            const [deviceId = "", moduleId] = key.split("/");
            const { properties, system, output } = draft;
            const message: HubMessage = {
                sequence: last + 1,
                deviceId,
                ...(moduleId !== undefined && { moduleId }),
                ...(output !== undefined && { output }),
                enqueuedTimeUtc: new Date().toISOString(),
                properties,
                system,
                body: draft.body.toString("base64"),
            };
            kept.put(storeKey(message.sequence), message);
            last = message.sequence;
            sizes.push({ sequence: last, bytes: sizeOf(message) });
            bytes += sizeOf(message);
            while (sizes.length > limits.messages || bytes > limits.bytes) {
                const oldest = sizes.shift();
                if (!oldest) break;
                bytes -= oldest.bytes;
                kept.remove(storeKey(oldest.sequence));
            }
        },
        after: (after, limit) => kept.from(storeKey(after + 1), limit).map(([, message]) => message),
        last: () => last,
    };
}

/** Sixteen digits, so that the order of the keys is that of the numbers. */
function storeKey(sequence: number): string {
    return String(sequence).padStart(16, "0");
}

function sizeOf({ body, properties, system }: HubMessage): number {
    return body.length + textSize(properties) + textSize(system);
}

/** What counts of a message towards {@link largestMessage}. */
export function draftSize({ body, properties, system }: MessageDraft): number {
    return body.length + textSize(properties) + textSize(system);
}

function textSize(properties: Record<string, string>): number {
    return Object.entries(properties).reduce(
        (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
        0,
    );
}
