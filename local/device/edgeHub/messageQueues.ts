import type { Collection } from "../../base/store";
import type { MessageDraft } from "../../planes/hub/links/messages";

/** A message on its way to one endpoint, as it is stored. */
export interface KeptMessage {
    /** The module that sent it. */
    moduleId: string;
    /** Milliseconds since 1970; absent for a message that is kept for ever. */
    expiresAt?: number;
    properties: Record<string, string>;
    system: Record<string, string>;
    output?: string;
    /** The body in base64. */
    body: string;
}

export type MessageQueues = ReturnType<typeof messageQueues>;

const readAtOnce = 50;

/** The queues of an edgeHub: each endpoint has one, in which the lowest priority comes first, then the oldest. */
export function messageQueues(kept: Collection<KeptMessage>) {
    const waiting = new Map<string, number>();
    let last = 0;
    for (const [key] of kept.entries()) {
        const [endpoint = "", , sequence] = key.split(" ");
        waiting.set(endpoint, (waiting.get(endpoint) ?? 0) + 1);
        last = Math.max(last, Number(sequence));
    }

    function remove(endpoint: string, key: string): void {
        kept.remove(key);
        const left = (waiting.get(endpoint) ?? 0) - 1;
        if (left > 0) waiting.set(endpoint, left);
        else waiting.delete(endpoint);
    }

    return {
        add(name: string, priority: number, message: KeptMessage): void {
            const endpoint = encodeURIComponent(name);
            // The numbers are padded, so that the keys are in the order of the numbers.
            const place = [String(priority).padStart(10, "0"), String(++last).padStart(16, "0")];
            kept.put([endpoint, ...place].join(" "), message);
            waiting.set(endpoint, (waiting.get(endpoint) ?? 0) + 1);
        },
        /** Gives each message in its order to `deliver`, and drops those that it took and those that have expired. */
        drain(name: string, now: number, deliver: (message: KeptMessage) => "taken" | "kept" | "stop"): void {
            const endpoint = encodeURIComponent(name);
            let from = `${endpoint} `;
            for (;;) {
                const entries = kept.from(from, readAtOnce).filter(([key]) => key.startsWith(`${endpoint} `));
                for (const [key, message] of entries) {
                    const hasExpired = message.expiresAt !== undefined && message.expiresAt < now;
                    const end = hasExpired ? "taken" : deliver(message);
                    if (end === "taken") remove(endpoint, key);
                    if (end === "stop") return;
                    from = `${key} `;
                }
                if (entries.length < readAtOnce) return;
            }
        },
        /** Endpoints that something waits for. */
        endpoints: () => [...waiting.keys()].map(decodeURIComponent),
    };
}

/** A message as it is stored. */
export function keptMessage(
    moduleId: string,
    draft: MessageDraft,
    expiresAt: number | undefined,
): KeptMessage {
    const { body, properties, system, output } = draft;
    return {
        moduleId,
        ...(expiresAt !== undefined && { expiresAt }),
        properties,
        system,
        ...(output !== undefined && { output }),
        body: body.toString("base64"),
    };
}

/** A stored message as it was sent. */
export function draftOf({ body, properties, system, output }: KeptMessage): MessageDraft {
    return { body: Buffer.from(body, "base64"), properties, system, ...(output !== undefined && { output }) };
}
