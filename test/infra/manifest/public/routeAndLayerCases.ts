import type { Loose } from "./bases";
import { edited, type PublicCase, route } from "./publicCase";

const layer = (title: string, change: (content: Loose) => unknown, refused?: string) =>
    edited("layered", "layer", title, change, refused);
const filter = (content: Loose) => content.$edgeAgent["properties.desired.modules.filter"];
const account = { address: "team.azurecr.io", username: "team", password: "x" };

/** What edgeHub makes of routes, and the hub of layers. */
export const routeAndLayerCases: readonly PublicCase[] = [
    ...[
        "FROM /* INTO $upstream",
        "from /messages/* into $UPSTREAM",
        "SELECT * FROM /messages/* INTO $upstream",
        "FROM /messages/* WHERE temperature > 30 INTO $upstream",
    ].map((text) => route("route grammar", "analytics", text)),
    ...[
        "INTO $upstream",
        "FROM /messages/*",
        "FROM /messages/* $upstream",
        "/messages/* -> $upstream",
        "",
    ].map((text) =>
        route(
            "route grammar",
            "analytics",
            text,
            text === "" ? "a text that is not blank" : "to read FROM source",
        ),
    ),
    ...[
        "/messages",
        "/Messages/*",
        "/messages/modules/tempSensor",
        "/messages/modules/TEMPSENSOR/outputs/temperatureOutput",
        "/messages/modules/tempSensor/outputs/*",
        "/messages/modules/tempSensor/outputs/alerts/*",
        "/messages/modules/*",
        "/twinChangeNotifications",
    ].map((source) => route("route source", "analytics", `FROM ${source} INTO $upstream`)),
    ...[
        "messages/*",
        "/message/*",
        "/messages/modules/*/outputs/out",
        "/messages/modules/tempSensor/inputs/in",
        "/messages/modules/tempSensor/output/out",
        "/devices/*",
    ].map((source) => route("route source", "analytics", `FROM ${source} INTO $upstream`, "to come from /*")),
    route("route source", "analytics", "FROM /messages/modules/gone/* INTO $upstream", "found gone"),
    ...[
        "BrokeredEndpoint('/modules/ASA/inputs/in')",
        'brokeredEndpoint("/modules/ASA/inputs/in")',
        'BrokeredEndpoint("modules/ASA/inputs/in/")',
        'BrokeredEndpoint( "/Modules/ASA/Inputs/in" )',
        "$Upstream",
    ].map((sink) => route("route sink", "analytics", `FROM /messages/* INTO ${sink}`)),
    ...[
        "upstream",
        "$iothub",
        "BrokeredEndpoint(/modules/ASA/inputs/in)",
        'BrokeredEndpoint("/modules/ASA/in")',
        "BrokeredEndpoint(\"/modules/ASA/inputs/in')",
        'Endpoint("/modules/ASA/inputs/in")',
        "$upstream, $upstream",
    ].map((sink) =>
        route("route sink", "analytics", `FROM /messages/* INTO ${sink}`, "to go into $upstream"),
    ),
    route("route sink", "analytics", "FROM /* INTO BrokeredEndpoint('/modules/asa/inputs/in')", "found asa"),
    route("route grammar", "analytics", { route: "FROM /* INTO $upstream", priority: 9, timeToLiveSecs: 60 }),
    ...[
        "NOT is_defined($connectionModuleId)",
        "$body.a = 'x' AND b <> 2",
        '{$contentType} = "json" OR x',
        "as_number(t) >= -1.5",
    ].map((condition) =>
        route("route condition", "analytics", `FROM /messages/* WHERE ${condition} INTO $upstream`),
    ),
    ...["a == 1", "(a = 1", "a >", "a = 'x"].map((condition) =>
        route(
            "route condition",
            "analytics",
            `FROM /messages/* WHERE ${condition} INTO $upstream`,
            "in its condition",
        ),
    ),
    layer("as it is published", () => {}),
    edited(
        "layered",
        "sensor",
        "a layer within a whole manifest",
        (content) => (content.$edgeHub["properties.desired.routes.a"] = "FROM /* INTO $upstream"),
        "$edgeHub to be without other keys",
    ),
    layer("a registry's account", (content) => {
        content.$edgeAgent["properties.desired.runtime.settings.registryCredentials.team"] = account;
    }),
    layer("a variable of a module of the base", (content) => {
        content.$edgeAgent["properties.desired.modules.camera.env.RATE"] = { value: 5 };
    }),
    layer("an image of a module of the base", (content) => {
        content.$edgeAgent["properties.desired.modules.camera.settings.image"] = "team.azurecr.io/camera:2";
    }),
    layer("a twin alone", (content) => {
        delete content.$edgeAgent;
        delete content.$edgeHub;
    }),
    layer("a route of a module of the base", (content) => {
        content.$edgeHub["properties.desired.routes.other"] = {
            route: "FROM /messages/modules/x/* INTO $upstream",
            priority: 1,
        };
    }),
    layer("a time to live", (content) => {
        content.$edgeHub["properties.desired.storeAndForwardConfiguration.timeToLiveSecs"] = 60;
    }),
    layer(
        "no image",
        (content) => delete filter(content).settings.image,
        "modules.filter.settings.image to be an image's name",
    ),
    layer(
        "a bad image",
        (content) => (filter(content).settings.image = "https://r/a:1"),
        "the image of filter",
    ),
    layer(
        "a bad restart policy",
        (content) => (filter(content).restartPolicy = "yes"),
        "modules.filter.restartPolicy",
    ),
    layer(
        "bad create options",
        (content) => (filter(content).settings.createOptions = '{"Cmd":"x"}'),
        "createOptions of filter.Cmd",
    ),
    layer(
        "a bad route",
        (content) => (content.$edgeHub["properties.desired.routes.filter"] = "FROM x"),
        "route filter to read",
    ),
    layer(
        "an account with a scheme",
        (content) => {
            content.$edgeAgent["properties.desired.runtime.settings.registryCredentials.team"] = {
                ...account,
                address: "https://a.io",
            };
        },
        "registryCredentials.team.address to be a host",
    ),
    layer(
        "a system module",
        (content) => {
            content.$edgeAgent["properties.desired.systemModules.edgeHub"] = filter(content);
        },
        "belong into the base deployment",
    ),
    layer(
        "a schemaVersion",
        (content) => (content.$edgeAgent["properties.desired.schemaVersion"] = "1.1"),
        "belong into the base deployment",
    ),
    layer(
        "a misspelt path",
        (content) => (content.$edgeHub["properties.desired.route.a"] = "FROM /* INTO $upstream"),
        'found "properties.desired.route.a"',
    ),
    layer(
        "a twin without properties.desired",
        (content) => (content.filter = { desired: {} }),
        "each key of filter",
    ),
    layer(
        "null in a twin",
        (content) => (content.filter["properties.desired.limits"].high = null),
        "found null",
    ),
    layer(
        "a placeholder",
        (content) => (filter(content).settings.image = "$" + "{MODULES.filter}"),
        "without placeholders",
    ),
];
