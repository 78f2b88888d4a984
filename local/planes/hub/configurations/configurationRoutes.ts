import type { Answer } from "../../../base/http/refusal";
import { HubError } from "../errors";
import type { ConfigurationRecord } from "../hubData";
import { type HubContext, type HubRequest, type HubRoute, tagged } from "../hubRoute";
import { configurationViews } from "./configurationMetrics";
import { deleteConfiguration, getConfiguration, putConfiguration, testQueries } from "./configurations";

// Writing configurations writes twins and modules, too, so it asks for the rights of both, as a manifest does.
const writing = ["RegistryWrite", "ServiceConnect"] as const;

/** The routes of automatic configurations. */
export const configurationRoutes: readonly HubRoute[] = [
    {
        method: "GET",
        path: "/configurations",
        rights: ["RegistryRead"],
        // The service passes over `top` (measured).
        handle: (_request, { data, links }) => ({
            status: 200,
            json: configurationViews(
                data,
                links,
                data.configurations.entries().map(([, each]) => each),
            ),
        }),
    },
    {
        method: "POST",
        path: "/configurations/testQueries",
        rights: ["RegistryRead"],
        handle: ({ body }) => ({ status: 200, json: testQueries(body) }),
    },
    {
        method: "GET",
        path: "/configurations/:id",
        rights: ["RegistryRead"],
        handle: ({ params }, context) => response(getConfiguration(context.data, params.id ?? ""), context),
    },
    { method: "PUT", path: "/configurations/:id", rights: writing, handle: write },
    {
        method: "DELETE",
        path: "/configurations/:id",
        rights: writing,
        handle({ params, ifMatch }, { data, targets }) {
            const before = getConfiguration(data, params.id ?? "");
            deleteConfiguration(data, before.id, ifMatch);
            targets.removed(before);
            return { status: 204 };
        },
    },
];

function write({ params, body, ifMatch }: HubRequest, context: HubContext): Answer {
    const { data, targets } = context;
    const before = data.configurations.get(params.id ?? "");
    const configuration = putConfiguration(data, params.id ?? "", { body, ifMatch });
    targets.changed(configuration, before);
    return response(configuration, context);
}

function response(record: ConfigurationRecord, { data, links }: HubContext): Answer {
    const [body] = configurationViews(data, links, [record]);
    if (!body) throw new HubError("ConfigurationNotFound", record.id);
    return tagged(body);
}
