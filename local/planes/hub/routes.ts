import { header, type Request } from "../../base/http/request";
import type { Route } from "../../base/http/service";
import { authorize, type BearerRights } from "./authorization";
import { configurationRoutes } from "./configurations/configurationRoutes";
import { HubError } from "./errors";
import type { HubContext, HubRoute, RouteResult } from "./hubRoute";
import { identityRoutes } from "./identities/identityRoutes";
import type { HubSettings } from "./settings";
import type { Throttle } from "./throttles";
import { twinRoutes } from "./twins/twinRoutes";

/** What the routes ask of their hub at each request. */
export interface RoutedHub {
    settings(): HubSettings;
    readonly bearerRights: BearerRights;
    readonly throttle: Throttle;
    /** Runs `work` in one transaction, then does what it left in `context.after`. */
    perform(work: (context: HubContext) => RouteResult): RouteResult;
}

/** The api-versions that a live hub takes (measured); the service refuses any other. */
const apiVersions = ["2018-06-30", "2020-05-31-preview", "2020-09-30", "2021-04-12", "2024-03-31"];

/** The part of the service's REST interface that the local hub answers (Swagger 2021-04-12). */
const routes: readonly HubRoute[] = [...configurationRoutes, ...twinRoutes, ...identityRoutes];

/** The routes of one hub: each request is held against its version and its rights, and throttled, before it is handled. */
export function hubRoutes(hub: RoutedHub): Route[] {
    return routes.map((route) => ({
        method: route.method,
        path: route.path,
        async handle(request) {
            checkApiVersion(request.query.get("api-version"));
            const path = decodeURIComponent(request.path);
            const { authorization } = request.headers;
            await authorize({ authorization, path, needed: route.rights }, hub.settings(), hub.bearerRights);
            const asked = { ...wishes(request), body: await request.json() };
            hub.throttle(route, asked.body);
            const result = hub.perform((context) => route.handle(asked, context));
            return typeof result === "function" ? result() : result;
        },
    }));
}

function wishes(request: Request) {
    return {
        params: request.params,
        query: request.query,
        ifMatch: request.headers["if-match"],
        maxItemCount: header(request, "x-ms-max-item-count"),
        continuation: header(request, "x-ms-continuation"),
    };
}

function checkApiVersion(found: string | null): void {
    if (found !== null && apiVersions.includes(found)) return;
    throw new HubError(
        "InvalidProtocolVersion",
        `The api-version is ${found ?? "missing"}, expected one of ${apiVersions.join(", ")}`,
    );
}
