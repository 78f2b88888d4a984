import { diffPatch, type JsonObject } from "../base/mergePatch";
import type { MethodHandler, ModuleLink } from "../planes/hub/links/moduleLinks";
import type { Retrying } from "./clock";
import { coolOff } from "./modules/restartPolicy";

/** The connection of one module of the device to its hub, opened again after a rest when it was refused or ended. */
export interface HubLink {
    /** The open link; tries to open one when that is due. */
    open(): ModuleLink | undefined;
    isOpen(): boolean;
    /** When to try again, while there is no link. */
    retryAt(): number | undefined;
    /**
     * Reports what differs from the reported properties that the hub has; `wanted` makes the new ones from those. Does
     * nothing while there is no link. Returns the hub's words when it refuses the report.
     */
    report(wanted: (reported: JsonObject) => JsonObject): string | undefined;
    close(): void;
}

export interface HubLinkOptions extends Retrying {
    /** Throws when the hub cannot be reached or refuses. */
    connect(): ModuleLink;
    /** Is called with each new link. */
    onOpened?(link: ModuleLink): void;
    onDesired?(): void;
    /** Answers direct methods. */
    onMethod?: MethodHandler;
    onClosed(): void;
}

/** Keeps a link, which is opened for the first time when somebody asks for it. */
export function keepHubLink(options: HubLinkOptions): HubLink {
    const { clock, log } = options;
    let link: ModuleLink | undefined;
    let refusals = 0;
    let dueAt = clock.now();

    function listen(opened: ModuleLink): void {
        opened.onDesired(() => options.onDesired?.());
        if (options.onMethod) opened.onMethod(options.onMethod);
        opened.onClosed((reason) => {
            log(`the hub ended the connection: ${reason}`);
            if (link === opened) link = undefined;
            options.onClosed();
        });
        log("connected to the hub");
        options.onOpened?.(opened);
    }

    function connect(): void {
        try {
            link = options.connect();
            refusals = 0;
            listen(link);
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
        report(wanted) {
            if (!link) return undefined;
            try {
                const { reported } = link.twin();
                const patch = diffPatch(reported, wanted(reported));
                if (Object.keys(patch).length > 0) link.report(patch);
                return undefined;
            } catch (error) {
                const { message } = error as Error;
                log(`the hub refused the report: ${message}`);
                return message;
            }
        },
        close() {
            link?.close();
            link = undefined;
        },
    };
}
