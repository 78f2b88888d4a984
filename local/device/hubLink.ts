import type { ModuleLink } from "../planes/hub/moduleLinks";
import type { AgentMethods } from "./agent/agentMethods";
import type { Clock } from "./clock";
import { coolOff } from "./modules/restartPolicy";

/** The connection of one module of the device to its hub, opened again after a rest when it was refused or ended. */
export interface HubLink {
    /** The open link; tries to open one when that is due. */
    open(): ModuleLink | undefined;
    isOpen(): boolean;
    /** When to try again, while there is no link. */
    retryAt(): number | undefined;
    close(): void;
}

export function keepHubLink(options: {
    /** Throws when the hub cannot be reached or refuses. */
    connect(): ModuleLink;
    clock: Clock;
    /** Length of the first rest, in milliseconds. */
    coolOffUnit: number;
    log(line: string): void;
    /** What else a new link is to be used for. */
    onOpened?(link: ModuleLink): void;
    onDesired(): void;
    /** Answers direct methods. */
    onMethod?: AgentMethods;
    onClosed(): void;
}): HubLink {
    const { clock, log } = options;
    let link: ModuleLink | undefined;
    let refusals = 0;
    let dueAt = clock.now();

    function connect(): void {
        try {
            const opened = options.connect();
            link = opened;
            refusals = 0;
            opened.onDesired(options.onDesired);
            if (options.onMethod) opened.onMethod(options.onMethod);
            opened.onClosed((reason) => {
                log(`the hub ended the connection: ${reason}`);
                if (link === opened) link = undefined;
                options.onClosed();
            });
            log("connected to the hub");
            options.onOpened?.(opened);
        } catch (error) {
            link?.close();
            link = undefined;
            dueAt = clock.now() + coolOff(refusals++, options.coolOffUnit);
            log(`the hub cannot be reached: ${(error as Error).message}`);
        }
    }

    return {
        open() {
            if (!link && clock.now() >= dueAt) connect();
            return link;
        },
        isOpen: () => link !== undefined,
        retryAt: () => (link ? undefined : dueAt),
        close() {
            link?.close();
            link = undefined;
        },
    };
}
