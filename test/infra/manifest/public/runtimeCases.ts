import { type Base, bases, type Loose } from "./bases";
import { agentOf, edited, hubOf, type PublicCase } from "./publicCase";

const first = (content: Loose): Loose => Object.values(agentOf(content).modules)[0];
const whole = (Object.keys(bases) as Base[]).filter((base) => base !== "layer");
const set = (member: string, value: unknown) => (content: Loose) => (first(content)[member] = value);
const image = (name: string, refused?: string) =>
    edited("image", "sensor", name, (content) => (first(content).settings.image = name), refused);
const address = (name: string, refused?: string) =>
    edited(
        "registry",
        "vision",
        name,
        (content) => (agentOf(content).runtime.settings.registryCredentials.team.address = name),
        refused,
    );
const parts = (names: string[], refused?: string) =>
    edited(
        "parts",
        "blob",
        names.join(),
        (content) => {
            const { image: same, createOptions } = first(content).settings;
            const pieces = names.map((name, at) => [
                name,
                createOptions.slice(at * 9, at === names.length - 1 ? undefined : at * 9 + 9),
            ]);
            first(content).settings = { image: same, ...Object.fromEntries(pieces) };
        },
        refused,
    );
const gapless = "to have its parts without a gap";

/** What edgeAgent and the hub make of a manifest's shape, versions, images, accounts and texts. */
export const runtimeCases: readonly PublicCase[] = [
    ...whole.map((base) => edited("module shape", base, "as it is published", () => {})),
    ...whole.map((base) =>
        edited("agent schema", base, "1.0 for both", (content) => {
            agentOf(content).schemaVersion = hubOf(content).schemaVersion = "1.0";
            if (base === "opc") hubOf(content).routes = {};
        }),
    ),
    ...["1.0.0", "1.1.0", "1.1.2", "1.1.0.0"].map((version) =>
        edited("agent schema", "sensor", version, (content) => (agentOf(content).schemaVersion = version)),
    ),
    ...["1.2", "1", "2.0", "1.10", "v1.1", "", "1.1-preview"].map((version) =>
        edited(
            "agent schema",
            "sensor",
            version,
            (content) => (agentOf(content).schemaVersion = version),
            "$edgeAgent.schemaVersion to be 1.0 or 1.1",
        ),
    ),
    edited(
        "agent schema",
        "sensor",
        "startupOrder in 1.0",
        (content) => {
            agentOf(content).schemaVersion = "1.0";
            first(content).startupOrder = 1;
        },
        "without startupOrder in schemaVersion 1.0",
    ),
    ...["1.2", "1.3", "1.2.0", "1.3.0.0"].map((version) =>
        edited("hub schema", "nested", version, (content) => (hubOf(content).schemaVersion = version)),
    ),
    edited("hub schema", "nested", "mqttBroker in 1.2", (content) =>
        Object.assign(hubOf(content), {
            schemaVersion: "1.2",
            mqttBroker: { authorizations: [{ identities: ["leaf1"], allow: [], deny: [] }] },
        }),
    ),
    edited(
        "hub schema",
        "nested",
        "mqttBroker in 1.1",
        (content) => (hubOf(content).mqttBroker = {}),
        "without mqttBroker in schemaVersion 1.1",
    ),
    ...["1.4", "2.0", "1", "latest"].map((version) =>
        edited(
            "hub schema",
            "analytics",
            version,
            (content) => (hubOf(content).schemaVersion = version),
            "$edgeHub.schemaVersion to be 1.0, 1.1, 1.2 or 1.3",
        ),
    ),
    edited(
        "hub schema",
        "opc",
        "a priority in 1.0",
        (content) => (hubOf(content).schemaVersion = "1.0"),
        "to be a text in schemaVersion 1.0",
    ),
    edited("hub shape", "sensor", "storeLimits", (content) => {
        hubOf(content).storeAndForwardConfiguration.storeLimits = { maxSizeBytes: 1e9 };
    }),
    edited(
        "hub shape",
        "sensor",
        "no storeAndForwardConfiguration",
        (content) => delete hubOf(content).storeAndForwardConfiguration,
        "storeAndForwardConfiguration to be an object",
    ),
    edited("hub shape", "sensor", "no routes at all", (content) => (hubOf(content).routes = {})),
    ...[10, -1, 0.5].map((priority) =>
        edited(
            "hub shape",
            "opc",
            `priority ${priority}`,
            (content) => (hubOf(content).routes.publisher.priority = priority),
            "priority to be a whole number from 0 to 9",
        ),
    ),
    ...["Running", "stopped", "STOPPED"].map((status) =>
        edited("module shape", "vision", status, set("status", status)),
    ),
    ...["Always", "on-unhealthy", "Never", "On-Failure", undefined].map((policy) =>
        edited("module shape", "vision", `restartPolicy ${policy}`, set("restartPolicy", policy)),
    ),
    edited("module shape", "vision", "imagePullPolicy", set("imagePullPolicy", "On-Create")),
    edited("module shape", "vision", "startupOrder", set("startupOrder", 4294967295)),
    edited("module shape", "vision", "no version", set("version", undefined)),
    edited("module shape", "vision", "no env", set("env", undefined)),
    edited("module shape", "sql", "edgeHub without a restart policy", (content) => {
        delete agentOf(content).systemModules.edgeHub.restartPolicy;
    }),
    edited("module shape", "sensor", "no modules", (content) => {
        delete agentOf(content).modules;
        delete content.SimulatedTemperatureSensor;
    }),
    edited("module shape", "vision", "no credentials", (content) => {
        agentOf(content).runtime.settings = {};
    }),
    edited(
        "module shape",
        "vision",
        "unless-stopped",
        set("restartPolicy", "unless-stopped"),
        "never, on-failure",
    ),
    edited("module shape", "vision", "paused", set("status", "paused"), "running or stopped"),
    edited("module shape", "vision", "no status", set("status", undefined), "running or stopped"),
    edited("module shape", "vision", "kubernetes", set("type", "kubernetes"), "type to be docker"),
    edited(
        "module shape",
        "vision",
        "ifNotPresent",
        set("imagePullPolicy", "ifNotPresent"),
        "never or on-create",
    ),
    edited(
        "module shape",
        "vision",
        "env as a list",
        set("env", [{ name: "A", value: "1" }]),
        "env to be an object",
    ),
    edited("module shape", "vision", "env as texts", set("env", { A: "1" }), "env.A to be an object"),
    ...[
        "mcr.microsoft.com/azureiotedge-hub",
        "ubuntu",
        "user/name:1",
        "localhost:5000/a/b:c",
        "r.azurecr.io/a__b:1",
        "$upstream:443/azureiotedge-hub:1.5",
        "$upstream:8000/a@sha256:".padEnd(88, "a"),
        " r.azurecr.io/a:1 ",
        `r.azurecr.io/a@sha256:${"0".repeat(64)}`,
    ].map((name) => image(name)),
    ...[
        "https://r.azurecr.io/a:1",
        "R.azurecr.io/A:1",
        "r.azurecr.io/a:",
        "r.azurecr.io//a:1",
        "<name>:1",
    ].map((name) => image(name, "to be an image such as")),
    image("$upstream/azureiotedge-hub:1.5", "with the port of the parent device"),
    image(`r.azurecr.io/a:1@sha256:${"0".repeat(64)}`, "a tag or a digest"),
    ...[
        "team.azurecr.io",
        "localhost:5000",
        "10.0.0.4:5000",
        "TEAM.azurecr.io",
        "https://index.docker.io/v1/",
        "docker.io",
    ].map((name) => address(name)),
    ...[
        "https://team.azurecr.io",
        "http://team.azurecr.io",
        "team.azurecr.io/",
        "team.azurecr.io/team",
        "team.azurecr.io:port",
        "Container registry name",
        "",
    ].map((name) => address(name, "without scheme, slash and path")),
    ...["address", "username", "password"].flatMap((member) =>
        ["$" + "{ACR}", "$CONTAINER_REGISTRY_X"].map((left) =>
            edited(
                "placeholder",
                "vision",
                `${member} ${left}`,
                (content) => (agentOf(content).runtime.settings.registryCredentials.team[member] = left),
                `found ${left}`,
            ),
        ),
    ),
    ...["$" + "{MODULES.filter}", "$" + "{MODULES.filter.arm32v7}", "team.azurecr.io/a:$" + "{TAG}"].map(
        (left) => image(left, "without placeholders"),
    ),
    edited(
        "placeholder",
        "sql",
        "in a variable",
        (content) => (first(content).env.A = { value: "$" + "{SA}" }),
        "env.A.value without placeholders",
    ),
    edited(
        "placeholder",
        "blob",
        "in a twin",
        (content) => (content.azureblobstorage["properties.desired"].a = "$" + "{A}"),
        "azureblobstorage.a without placeholders",
    ),
    edited(
        "placeholder",
        "blob",
        "in a route",
        (content) => (hubOf(content).routes.a = "FROM /messages/modules/$" + "{M}/* INTO $upstream"),
        "routes.a without placeholders",
    ),
    edited(
        "placeholder",
        "blob",
        "in createOptions",
        (content) => (first(content).settings.createOptions = '{"Env":["A=$' + '{A}"]}'),
        "createOptions without placeholders",
    ),
    parts(["createOptions"]),
    parts(["createoptions", "createoptions01"]),
    parts(["createOptions", "createOptions1", "createOptions2"]),
    parts(["createOptions", "createOptions001", "CREATEOPTIONS002"]),
    // The names are sorted as texts, in which 002 comes before 01.
    parts(["createOptions", "createOptions01", "createOptions002"], gapless),
    parts(Array.from({ length: 10 }, (_, at) => `createOptions${at || ""}`)),
    parts(Array.from({ length: 12 }, (_, at) => `createOptions${at ? String(at).padStart(2, "0") : ""}`)),
    parts(
        Array.from({ length: 11 }, (_, at) => `createOptions${at || ""}`),
        gapless,
    ),
    parts(["createOptions01", "createOptions02"], gapless),
    parts(["createOptions", "createOptions02"], gapless),
    parts(["createOptions0", "createOptions1"], gapless),
    edited("parts", "blob", "null in a text", (content) => (first(content).settings.createOptions = "null")),
    edited("parts", "blob", "none", (content) => delete first(content).settings.createOptions),
    edited(
        "parts",
        "blob",
        "an object",
        (content) => (first(content).settings.createOptions = {}),
        "to be a text of JSON",
    ),
    edited(
        "parts",
        "blob",
        "no JSON",
        (content) => (first(content).settings.createOptions = '{"HostConfig":'),
        "to be a JSON object",
    ),
    ...[4096, 4097].map((bytes) =>
        edited(
            "twin limits",
            "sensor",
            `createOptions of ${bytes} bytes`,
            (content) => (first(content).settings.createOptions = "{}".padEnd(bytes)),
            bytes > 4096 ? "to have at most 4096 bytes" : undefined,
        ),
    ),
    edited(
        "twin limits",
        "analytics",
        "null",
        (content) => (content.ASA["properties.desired"].a = null),
        "to have a value, found null",
    ),
    edited(
        "twin limits",
        "analytics",
        "a dot in a key",
        (content) => (content.ASA["properties.desired"]["a.b"] = 1),
        "without dots",
    ),
    edited("twin limits", "analytics", "a list", (content) => (content.ASA["properties.desired"].a = [1, 2])),
    edited(
        "twin limits",
        "analytics",
        "a stranger's twin",
        (content) => (content.nobody = { "properties.desired": {} }),
        "found them for nobody",
    ),
];
