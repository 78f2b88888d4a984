import type { Answer } from "../../base/http/refusal";
import type { Right } from "./authorization";
import type { ConfigurationTargets } from "./configurations/configurationTargets";
import type { HubData } from "./hubData";
import type { Messages } from "./links/messages";
import type { ModuleLinks } from "./links/moduleLinks";
import type { DesiredChange } from "./twins/twins";

/** A route of the hub. Its handler runs inside one transaction. */
export interface HubRoute {
    readonly method: string;
    readonly path: string;
    /** The rights that a policy needs for it, all of them. */
    readonly rights: readonly Right[];
    handle(request: HubRequest, context: HubContext): RouteResult;
}

/** A request that was let in, with its body; `ifMatch` is the header as it came. */
export interface HubRequest {
    readonly params: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
    readonly body: unknown;
    readonly ifMatch?: string;
    /** The size of a query's page, and where it begins, as the headers came. */
    readonly maxItemCount?: string;
    readonly continuation?: string;
}

/** An answer, or the work of waiting for one, which begins when the transaction has ended. */
export type RouteResult = Answer | (() => Promise<Answer>);

/** What the handlers work on. What one adds to `after` happens once the transaction is kept. */
export interface HubContext {
    readonly data: HubData;
    readonly links: ModuleLinks;
    readonly messages: Messages;
    readonly targets: ConfigurationTargets;
    readonly after: { push: DesiredChange[]; cut: (() => void)[]; devicesChanged: boolean };
}

/** Answers a document of the hub's that carries its ETag. */
export function tagged<T extends { etag: string }>(document: T): Answer {
    return { status: 200, json: document, headers: { ETag: `"${document.etag}"` } };
}
