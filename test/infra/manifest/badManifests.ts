import type { DeploymentManifest } from "../../../infra/manifest/deploymentManifest";
import { placeholderManifest } from "../../../infra/manifest/placeholderManifest";
import { defaultOptions } from "./defaultOptions";

/** A manifest with one mistake, and all that is said about it. */
export interface BadManifest {
    readonly mistake: string;
    readonly manifest: unknown;
    readonly sentences: readonly string[];
    /** Whether the published schemas refuse it too; the others break rules that no schema knows. */
    readonly schemaRefuses: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: mistakes are made where the types would not allow them
type Loose = any;

/** One for every rule that a manifest can break. */
export const badManifests: readonly BadManifest[] = [
    whole(5, "Expected the manifest to be an object, found 5."),
    whole({}, "Expected the manifest to be an object with $edgeAgent and $edgeHub, found none."),
    whole(
        { modulesContent: {} },
        "Expected $edgeAgent to be an object, found none.",
        "Expected $edgeHub to be an object, found none.",
    ),
    agent(
        "schemaVersion of a later edgeAgent",
        (desired) => (desired.schemaVersion = "2.0"),
        'Expected $edgeAgent.schemaVersion to be 1.0 or 1.1, found "2.0".',
    ),
    agent(
        "schemaVersion without a minor version",
        (desired) => (desired.schemaVersion = "1"),
        'Expected $edgeAgent.schemaVersion to be 1.0 or 1.1, found "1".',
    ),
    agent(
        "no runtime",
        (desired) => delete desired.runtime,
        "Expected $edgeAgent.runtime to be an object, found none.",
    ),
    agent(
        "another runtime",
        (desired) => (desired.runtime.type = "podman"),
        'Expected $edgeAgent.runtime.type to be docker, found "podman".',
    ),
    agent(
        "an unknown key",
        (desired) => (desired.runtime.foo = 1),
        'Expected $edgeAgent.runtime to be without other keys than type and settings, found "foo".',
    ),
    agent(
        "minDockerVersion as a number",
        (desired) => (desired.runtime.settings.minDockerVersion = 1.25),
        "Expected $edgeAgent.runtime.settings.minDockerVersion to be a text, found 1.25.",
    ),
    agent(
        "a registry without a password",
        (desired) => delete desired.runtime.settings.registryCredentials.registry.password,
        "Expected $edgeAgent.runtime.settings.registryCredentials.registry.password to be a text that is not blank, found none.",
    ),
    agent(
        "a blank password",
        (desired) => (desired.runtime.settings.registryCredentials.registry.password = " "),
        "Expected $edgeAgent.runtime.settings.registryCredentials.registry.password to be a text that is not blank, found a string.",
        false,
    ),
    agent(
        "a text, which may be its password, in place of a registry",
        (desired) => (desired.runtime.settings.registryCredentials.registry = "hunter2"),
        "Expected $edgeAgent.runtime.settings.registryCredentials.registry to be an object, found a string.",
    ),
    agent(
        "spaces in a registry's address",
        (desired) =>
            (desired.runtime.settings.registryCredentials.registry.address = "Container registry name"),
        'Expected $edgeAgent.runtime.settings.registryCredentials.registry.address to be a host such as example.azurecr.io, without scheme, slash and path, found "Container registry name".',
    ),
    agent(
        "a dot in a registry's name",
        (desired) => {
            const { registryCredentials: all } = desired.runtime.settings;
            all["a.b"] = all.registry;
        },
        'Expected each key of $edgeAgent.runtime.settings.registryCredentials to be a name without dots, $, # and spaces, found "a.b".',
    ),
    agent(
        "no edgeHub",
        (desired) => delete desired.systemModules.edgeHub,
        "Expected $edgeAgent.systemModules.edgeHub to be an object, found none.",
    ),
    agent(
        "a restart policy of edgeAgent",
        (desired) => (desired.systemModules.edgeAgent.restartPolicy = "always"),
        'Expected $edgeAgent.systemModules.edgeAgent to be without other keys than type, settings, env and imagePullPolicy, found "restartPolicy".',
    ),
    agent(
        "a module's name with a dot",
        (desired) => (desired.modules["my.module"] = desired.modules.ImageClassifier),
        'Expected each key of $edgeAgent.modules to be a module\'s name of letters, digits, dashes and underscores, found "my.module".',
    ),
    classifier(
        "an unknown status",
        (module) => (module.status = "on"),
        'Expected $edgeAgent.modules.ImageClassifier.status to be running or stopped, found "on".',
    ),
    classifier(
        "Docker's own restart policy",
        (module) => (module.restartPolicy = "unless-stopped"),
        'Expected $edgeAgent.modules.ImageClassifier.restartPolicy to be never, on-failure, on-unhealthy or always, found "unless-stopped".',
    ),
    classifier(
        "an unknown pull policy",
        (module) => (module.imagePullPolicy = "always"),
        'Expected $edgeAgent.modules.ImageClassifier.imagePullPolicy to be never or on-create, found "always".',
    ),
    classifier(
        "a negative startup order",
        (module) => (module.startupOrder = -1),
        "Expected $edgeAgent.modules.ImageClassifier.startupOrder to be a whole number from 0 to 4294967295, found -1.",
    ),
    classifier(
        "a version as a number",
        (module) => (module.version = 1),
        "Expected $edgeAgent.modules.ImageClassifier.version to be a text, found 1.",
    ),
    classifier(
        "an environment variable with a dot",
        (module) => (module.env = { "A.B": { value: "x" } }),
        'Expected each key of $edgeAgent.modules.ImageClassifier.env to be an environment variable\'s name without +, #, $, dots and spaces, found "A.B".',
    ),
    classifier(
        "an environment variable without {value}",
        (module) => (module.env = { A: "hunter2" }),
        "Expected $edgeAgent.modules.ImageClassifier.env.A to be an object, found a string.",
    ),
    classifier(
        "a list in the environment",
        (module) => (module.env = { A: { value: ["hunter2"] } }),
        "Expected $edgeAgent.modules.ImageClassifier.env.A.value to be a text, a number, true or false, found a list.",
    ),
    classifier(
        "an unknown setting",
        (module) => (module.settings.createOption = "{}"),
        'Expected $edgeAgent.modules.ImageClassifier.settings to be without other keys than image, createOptions, createOptions01, …, found "createOption".',
    ),
    classifier(
        "no image",
        (module) => delete module.settings.image,
        "Expected $edgeAgent.modules.ImageClassifier.settings.image to be an image's name, found none.",
    ),
    classifier(
        "createOptions as an object",
        (module) => (module.settings.createOptions = {}),
        "Expected $edgeAgent.modules.ImageClassifier.settings.createOptions to be a text of JSON, as only a template has an object there, found an object.",
    ),

    image(`r.azurecr.io/c:v1@sha256:${"0".repeat(64)}`, (found) => [
        `Expected the image of ImageClassifier to name a tag or a digest, found both in "${found}". edgeAgent refuses that: write name@sha256:…`,
    ]),
    ...["<MODULES.c>", "r.azurecr.io/C:v1", "r.azurecr.io/c v1", "c@sha256:12", "a:b:c"].map((name) =>
        image(name, (found) => [
            `Expected the image of ImageClassifier to be an image such as registry.example/name:1.0 or registry.example/name@sha256:…, found "${found}".`,
        ]),
    ),

    settings(
        "a gap in the chunks",
        { createOptions: "{", createOptions02: "}" },
        "Expected ImageClassifier to have its parts without a gap, found createOptions, createOptions02. edgeAgent reads createOptions, createOptions01, … in the order of their names, and stumbles over createOptions02.",
    ),
    settings(
        "create options beyond a text of a twin",
        { createOptions: `{"Labels":{"a":"${"x".repeat(4078)}"}}` },
        "Expected $edgeAgent.modules.ImageClassifier.settings.createOptions to have at most 4096 bytes, found 4097.",
    ),
    ...["{", "[]", "5"].map((text) =>
        settings(
            `createOptions ${text}`,
            { createOptions: text },
            "Expected ImageClassifier.createOptions to be a JSON object in a text, found one that cannot be read.",
        ),
    ),
    container(
        { HostConfg: {} },
        'Expected createOptions of ImageClassifier to have members of Docker\'s Engine API, found "HostConfg", an object. Docker passes over it. Write HostConfig.',
    ),
    container(
        { HostConfig: { Memmory: 1 } },
        'Expected createOptions of ImageClassifier.HostConfig to have members of Docker\'s Engine API, found "Memmory". Docker passes over it. Write Memory.',
    ),
    container(
        { hostConfig: {}, HostConfig: {} },
        "Expected createOptions of ImageClassifier to have HostConfig once, found it twice. Docker takes one of them.",
    ),
    container(
        { PortBindings: {} },
        "Expected PortBindings to stand in HostConfig, found it in createOptions of ImageClassifier. Docker passes over it.",
    ),
    container(
        { HostConfig: { ExposedPorts: {} } },
        "Expected ExposedPorts to stand in createOptions itself, found it in createOptions of ImageClassifier.HostConfig. Docker passes over it.",
    ),
    container(
        { Env: { A: "1" } },
        "Expected createOptions of ImageClassifier.Env to be a list of texts, found an object.",
    ),
    container(
        { Cmd: "node service.js" },
        "Expected createOptions of ImageClassifier.Cmd to be a list of texts, found a text.",
    ),
    container(
        { ExposedPorts: { "80/tcp": {} }, HostConfig: { PortBindings: { "80/tcp": [{ HostPort: 80 }] } } },
        'Expected createOptions of ImageClassifier.HostConfig.PortBindings.80/tcp[0].HostPort to be a number in a text such as "8080", found the number 80.',
    ),
    container(
        {
            ExposedPorts: { "80/tcp": {} },
            HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "http" }] } },
        },
        'Expected HostPort of 80/tcp in createOptions of ImageClassifier.HostConfig.PortBindings to be a number in a text such as "8080", from 1 to 65535, found "http".',
    ),
    container(
        { HostConfig: { PortBindings: { http: [{ HostPort: "80" }] } } },
        'Expected createOptions of ImageClassifier.HostConfig.PortBindings to have keys such as 80/tcp, found "http".',
    ),
    container(
        { HostConfig: { Memory: "128m" } },
        'Expected createOptions of ImageClassifier.HostConfig.Memory to be a whole number of bytes, found "128m".',
    ),
    container(
        { HostConfig: { NanoCpus: 1.5 } },
        "Expected createOptions of ImageClassifier.HostConfig.NanoCpus to be a whole number, found the number 1.5.",
    ),
    container(
        { HostConfig: { Memory: 128 } },
        "Expected createOptions of ImageClassifier.HostConfig.Memory to be at least 6291456 bytes, which is Docker's least, found 128.",
    ),
    container(
        { HostConfig: { LogConfig: { Type: "json" } } },
        'Expected createOptions of ImageClassifier.HostConfig.LogConfig.Type to be one of json-file, local, journald, syslog, none, fluentd, gelf, awslogs, splunk, gcplogs, etwlogs, found "json".',
    ),
    container(
        { HostConfig: { LogConfig: { Type: "json-file", Config: { "max-file": 3 } } } },
        "Expected createOptions of ImageClassifier.HostConfig.LogConfig.Config.max-file to be a text, found the number 3.",
    ),
    container(
        { HostConfig: { Binds: "/data:/data" } },
        "Expected createOptions of ImageClassifier.HostConfig.Binds to be a list of texts, found a text.",
    ),
    container(
        { HostConfig: { Binds: ["/data:data"] } },
        'Expected createOptions of ImageClassifier.HostConfig.Binds to have entries such as /folder:/target:ro, found "/data:data".',
    ),
    agent(
        "one port for two modules",
        (desired) => (desired.modules.second = structuredClone(desired.modules.ImageClassifier)),
        "Expected port 80/tcp of the device to be bound once, found it in ImageClassifier and second. The second would not start: give it another.",
        false,
    ),

    agent(
        "a protocol that does not exist",
        ({ systemModules: { edgeAgent, edgeHub } }) =>
            (edgeAgent.env = edgeHub.env = { UpstreamProtocol: { value: "Http" } }),
        [
            'Expected UpstreamProtocol of edgeAgent to be Amqp, AmqpWs, Mqtt or MqttWs, found "Http".',
            'Expected UpstreamProtocol of edgeHub to be Amqp, AmqpWs, Mqtt or MqttWs, found "Http".',
        ],
        false,
    ),
    hub(
        "no store and forward",
        (desired) => delete desired.storeAndForwardConfiguration,
        "Expected $edgeHub.storeAndForwardConfiguration to be an object, found none.",
        false,
    ),
    hub(
        "a time to live before forever",
        (desired) => (desired.storeAndForwardConfiguration.timeToLiveSecs = -2),
        "Expected $edgeHub.storeAndForwardConfiguration.timeToLiveSecs to be a whole number from -1 to 2147483647, found -2.",
        false,
    ),
    hub(
        "a time to live in text",
        (desired) => (desired.storeAndForwardConfiguration.timeToLiveSecs = "7200"),
        'Expected $edgeHub.storeAndForwardConfiguration.timeToLiveSecs to be a whole number from -1 to 2147483647, found "7200".',
    ),
    hub(
        "limits of the store in text",
        (desired) => (desired.storeAndForwardConfiguration.storeLimits = { maxSizeBytes: "1 GB" }),
        'Expected $edgeHub.storeAndForwardConfiguration.storeLimits.maxSizeBytes to be a whole number of bytes, found "1 GB".',
    ),
    hub(
        "no routes",
        (desired) => delete desired.routes,
        "Expected $edgeHub.routes to be an object of names and routes, found none.",
    ),
    hub(
        "a dot in a route's name",
        (desired) => (desired.routes["a.b"] = "FROM /* INTO $upstream"),
        'Expected each key of $edgeHub.routes to be a name without dots, $, # and spaces, found "a.b".',
    ),
    hub(
        "a priority of 10",
        (desired) => (desired.routes.r = { route: "FROM /* INTO $upstream", priority: 10 }),
        "Expected $edgeHub.routes.r.priority to be a whole number from 0 to 9, found 10.",
    ),
    hub(
        "a negative time to live of a route",
        (desired) => (desired.routes.r = { route: "FROM /* INTO $upstream", timeToLiveSecs: -1 }),
        "Expected $edgeHub.routes.r.timeToLiveSecs to be a whole number from 0 to 4294967295, found -1.",
    ),
    hub(
        "a route that is a number",
        (desired) => (desired.routes.r = 1),
        "Expected $edgeHub.routes.r to be a route or {route, priority from 0 to 9, timeToLiveSecs from 0 to 4294967295}, found 1.",
    ),
    route(
        "SELECT * FROM x",
        'Expected route r to read FROM source [WHERE condition] INTO sink, found "SELECT * FROM x". Write for example: FROM /messages/* INTO $upstream',
    ),
    route(
        "AFROM /* INTO $upstream",
        'Expected route r to read FROM source [WHERE condition] INTO sink, found "AFROM /* INTO $upstream". Write for example: FROM /messages/* INTO $upstream',
    ),
    ...[
        "messages",
        "/messages/modules/*/outputs/found",
        "/messages/modules/a/inputs/b",
        "/messages/modules/a/outputs/b/c",
        "x/*",
        "/*x",
    ].map((source) =>
        route(
            `FROM ${source} INTO $upstream`,
            `Expected route r to come from /*, /messages/*, /twinChangeNotifications or /messages/modules/MODULE/outputs/OUTPUT, found ${source}. edgeHub finds no message that comes from there: name one of these sources.`,
        ),
    ),
    ...[
        "upstream",
        'BrokeredEndpoint("/modules/ImageClassifier/inputs")',
        'BrokeredEndpoint("/modules/ImageClassifier/inputs/more/x")',
        'BrokeredEndpoint("/modules/ImageClassifier/inputs/ x")',
        'AnBrokeredEndpoint("/modules/ImageClassifier/inputs/in")',
        '$upstream BrokeredEndpoint("/modules/ImageClassifier/inputs/in")',
        'BrokeredEndpoint("/modules/ImageClassifier/inputs/in") x',
    ].map((sink) =>
        route(
            `FROM /messages/* INTO ${sink}`,
            `Expected route r to go into $upstream or BrokeredEndpoint("/modules/MODULE/inputs/INPUT"), found ${sink}. Name one of these sinks.`,
        ),
    ),
    route(
        'FROM /messages/* INTO BrokeredEndpoint("/modules/filter/inputs/in")',
        "Expected route r to name modules of the manifest (ImageClassifier), found filter.",
    ),
    route(
        "FROM /messages/modules/camera/outputs/frames INTO $upstream",
        "Expected route r to name modules of the manifest (ImageClassifier), found camera.",
    ),
    ...(
        [
            ["a >", "a property, a value or a function", "its end"],
            ["a == 1", "a property, a value or a function", "="],
            ["(a = 1", "a closing parenthesis", "its end"],
            ["f(1 2)", "a comma or a closing parenthesis", "2"],
            ["a b", "an operator", "b"],
            ["a 'b'", "an operator", "'b'"],
            ["a)", "an operator", ")"],
            ["f(1", "a comma or a closing parenthesis", "its end"],
            ["f(,1)", "a property, a value or a function", ","],
            ["a = 'b", "a property, a value or a function", "'"],
            ["a AND", "a property, a value or a function", "its end"],
            ["or = 1", "a property, a value or a function", "or"],
            ["NOT not", "a property, a value or a function", "its end"],
            ["{a} {b}", "an operator", "{b}"],
        ] as const
    ).map(([condition, expected, found]) =>
        route(
            `FROM /messages/* WHERE ${condition} INTO $upstream`,
            `Expected route r to have ${expected} in its condition, found ${found}. Write the condition in IoT Hub's query language, such as: as_number(temperature) > 30 AND is_defined($body.alert)`,
        ),
    ),

    twin(
        "null in a twin",
        { a: { b: null } },
        "Expected ImageClassifier.a.b to have a value, found null. Leave the key out.",
    ),
    twin(
        "a long text",
        { a: "ä".repeat(2049) },
        "Expected ImageClassifier.a to have at most 4096 bytes, found 4098.",
    ),
    twin(
        "a number beyond what a twin keeps",
        { a: [2 ** 53] },
        "Expected ImageClassifier.a[0] to lie within ±4503599627370496, found 9007199254740992.",
    ),
    twin(
        "a key with a dot",
        { "a.b": 1 },
        'Expected the keys of ImageClassifier without dots, $, #, spaces and control characters, found "a.b".',
    ),
    twin(
        "a long key",
        { ["k".repeat(1025)]: 1 },
        "Expected the keys of ImageClassifier to have at most 1024 bytes, found one of 1025.",
    ),
    twin(
        "eleven objects deep",
        nested(11),
        "Expected ImageClassifier to be at most 10 objects deep, found ImageClassifier.d.d.d.d.d.d.d.d.d.d.d deeper.",
    ),
    twin(
        "more than 32 KB",
        Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, "x".repeat(4000)])),
        "Expected the desired properties of ImageClassifier to have at most 32768 bytes, found 36073.",
    ),
    changed(
        "a twin of a module that is not there",
        (content) => (content.filter = { "properties.desired": {} }),
        [
            "Expected desired properties only for modules of the manifest (ImageClassifier), found them for filter.",
        ],
        false,
    ),
    changed(
        "a twin without properties.desired",
        (content) => (content.ImageClassifier = { desired: {} }),
        [
            'Expected each key of ImageClassifier to be properties.desired or a path below it, found "desired".',
        ],
        false,
    ),
];

/** A manifest in which nothing is wrong, to make mistakes in. */
export function goodManifest(): DeploymentManifest<string> {
    return structuredClone(placeholderManifest(defaultOptions));
}

function whole(manifest: unknown, ...sentences: string[]): BadManifest {
    return { mistake: JSON.stringify(manifest), manifest, sentences, schemaRefuses: true };
}

function changed(
    mistake: string,
    change: (content: Loose) => unknown,
    sentences: readonly string[],
    schemaRefuses: boolean,
): BadManifest {
    const manifest = goodManifest();
    change(manifest.modulesContent);
    return { mistake, manifest, sentences, schemaRefuses };
}

function agent(
    mistake: string,
    change: (desired: Loose) => unknown,
    sentences: string | readonly string[],
    schemaRefuses = true,
): BadManifest {
    return changed(
        mistake,
        (content) => change(content.$edgeAgent["properties.desired"]),
        [sentences].flat(),
        schemaRefuses,
    );
}

function hub(mistake: string, change: (desired: Loose) => unknown, sentence: string, schemaRefuses = true) {
    return changed(
        mistake,
        (content) => change(content.$edgeHub["properties.desired"]),
        [sentence],
        schemaRefuses,
    );
}

function classifier(mistake: string, change: (module: Loose) => unknown, sentence: string, refuses = true) {
    return agent(mistake, (desired) => change(desired.modules.ImageClassifier), sentence, refuses);
}

function image(name: string, sentences: (name: string) => string[]): BadManifest {
    return agent(
        `the image ${name}`,
        (desired) => (desired.modules.ImageClassifier.settings.image = name),
        sentences(name),
        false,
    );
}

function settings(mistake: string, chunks: object, sentence: string): BadManifest {
    return classifier(
        mistake,
        (module) => (module.settings = { image: module.settings.image, ...chunks }),
        sentence,
        false,
    );
}

function container(createOptions: object, sentence: string): BadManifest {
    const text = JSON.stringify(createOptions);
    return settings(text, { createOptions: text }, sentence);
}

function route(expression: string, sentence: string): BadManifest {
    return hub(`the route ${expression}`, (desired) => (desired.routes.r = expression), sentence, false);
}

function twin(mistake: string, desired: object, sentence: string): BadManifest {
    return changed(
        mistake,
        (content) => (content.ImageClassifier = { "properties.desired": desired }),
        [sentence],
        false,
    );
}

function nested(depth: number): object {
    return depth === 0 ? {} : { d: nested(depth - 1) };
}
