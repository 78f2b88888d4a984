import { z } from "zod";

const uri = z
    .string()
    .regex(/^[a-z][a-z0-9+.-]*:\S+$/, "expected a URI, such as file:///var/secrets/device-id");
const days = z.int().positive();
const text = z.string();
const texts = z.record(text, text);
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected HH:MM");
/** As humantime reads it, such as `7d` or `1h 30m`. */
const duration = z.string().regex(/^(\d+ ?[a-zA-Z]+ ?)+$/, "expected a duration such as 7d");

function exactlyOne(one: string, other: string) {
    return [
        (value: Record<string, unknown>) => (value[one] === undefined) !== (value[other] === undefined),
        `expected either ${one} or ${other}`,
    ] as const;
}

const symmetricKey = z
    .strictObject({ uri: uri.optional(), value: z.base64("expected base64").optional() })
    .refine(...exactlyOne("uri", "value"));

const autoRenew = z.strictObject({
    rotate_key: z.boolean().optional(),
    threshold: text.optional(),
    retry: text.optional(),
});

const estLogin = {
    username: text.optional(),
    password: text.optional(),
    identity_cert: uri.optional(),
    identity_pk: uri.optional(),
    bootstrap_identity_cert: uri.optional(),
    bootstrap_identity_pk: uri.optional(),
};

const issuance = {
    method: z.enum(["est", "local_ca", "self_signed"]),
    common_name: text.optional(),
    subject: texts.optional(),
    expiry_days: days.optional(),
    url: uri.optional(),
    ...estLogin,
    auto_renew: autoRenew.optional(),
};

const x509 = {
    method: z.literal("x509"),
    identity_cert: z.union([uri, z.strictObject(issuance)]),
    identity_pk: uri.optional(),
};
const hasKey = [
    ({ identity_cert, identity_pk }: { identity_cert: unknown; identity_pk?: string }) =>
        typeof identity_cert !== "string" || identity_pk !== undefined,
    "expected identity_pk beside an identity_cert that is a file",
] as const;

const manual = z
    .strictObject({
        source: z.literal("manual"),
        // The daemon's parser takes these three parts and no other.
        connection_string: z
            .string()
            .regex(
                /^(?=.*HostName=)(?=.*DeviceId=)(?:(?:HostName|DeviceId)=[^;]+;?|SharedAccessKey=[A-Za-z0-9+/]+={0,2};?){3}$/,
                "expected HostName=…;DeviceId=…;SharedAccessKey=…",
            )
            .optional(),
        iothub_hostname: text.optional(),
        device_id: text.optional(),
        authentication: z
            .discriminatedUnion("method", [
                z.strictObject({ method: z.literal("sas"), device_id_pk: symmetricKey }),
                z.strictObject(x509).refine(...hasKey),
            ])
            .optional(),
    })
    .refine(...exactlyOne("connection_string", "authentication"))
    .refine(
        (value) => !value.authentication || (value.iothub_hostname && value.device_id),
        "expected iothub_hostname and device_id beside authentication",
    );

const dps = z.strictObject({
    source: z.literal("dps"),
    global_endpoint: uri,
    id_scope: text,
    payload: z.strictObject({ uri }).optional(),
    attestation: z.discriminatedUnion("method", [
        z.strictObject({
            method: z.literal("symmetric_key"),
            registration_id: text,
            symmetric_key: symmetricKey,
        }),
        z.strictObject({ ...x509, registration_id: text.optional() }).refine(...hasKey),
        z.strictObject({ method: z.literal("tpm"), registration_id: text }),
    ]),
});

const agent = z.strictObject({
    name: z.literal("edgeAgent").optional(),
    type: z.literal("docker").optional(),
    imagePullPolicy: z.enum(["on-create", "never"]).optional(),
    config: z.strictObject({
        image: text,
        // Docker's own object, which the daemon hands on.
        createOptions: z.record(text, z.unknown()).optional(),
        auth: z
            .strictObject({
                serveraddress: text.optional(),
                username: text.optional(),
                password: text.optional(),
            })
            .optional(),
    }),
    env: texts.optional(),
});

const endpoints = z.strictObject({ workload_uri: uri, management_uri: uri });

/**
 * What `/etc/aziot/config.toml` may say: the keys of the template that IoT Edge 1.6 installs, in its order, with the
 * types of the daemon's own structures (Azure/iotedge and Azure/iot-identity-service, super_config.rs). The daemon
 * passes over a key that it does not know, so a misspelt one would do nothing for ever; here it is an error.
 */
export const configTomlSchema = z.strictObject({
    hostname: text.optional(),
    parent_hostname: text.optional(),
    trust_bundle_cert: uri.optional(),
    allow_elevated_docker_permissions: z.boolean().optional(),
    prefer_module_identity_cache: z.boolean().optional(),
    auto_reprovisioning_mode: z.enum(["Dynamic", "AlwaysOnStartup", "OnErrorOnly"]).optional(),
    cloud_timeout_sec: z.int().positive().optional(),
    cloud_retries: z.int().nonnegative().optional(),
    provisioning: z.discriminatedUnion("source", [manual, dps]),
    cert_issuance: z
        .strictObject({
            est: z
                .strictObject({
                    trusted_certs: z.array(uri).optional(),
                    auth: z.strictObject(estLogin),
                    identity_auto_renew: autoRenew.optional(),
                    urls: z.record(text, uri),
                })
                .optional(),
            local_ca: z.strictObject({ cert: uri, pk: uri }).optional(),
        })
        .optional(),
    preloaded_keys: texts.optional(),
    preloaded_certs: z.record(text, z.union([uri, z.array(text)])).optional(),
    tpm: z
        .strictObject({
            tcti: text.optional(),
            auth_key_index: text.optional(),
            hierarchy_authorization: z.strictObject({ endorsement: text, owner: text }).optional(),
        })
        .optional(),
    aziot_keys: texts.optional(),
    agent: agent.optional(),
    connect: endpoints.optional(),
    listen: endpoints.optional(),
    watchdog: z
        .strictObject({ max_retries: z.union([z.literal("infinite"), z.int().positive()]) })
        .optional(),
    edge_ca: z
        .strictObject({
            ...issuance,
            method: issuance.method.optional(),
            cert: uri.optional(),
            pk: uri.optional(),
            auto_generated_edge_ca_expiry_days: days.optional(),
        })
        .optional(),
    image_garbage_collection: z
        .strictObject({
            enabled: z.boolean().optional(),
            // The daemon takes whole days only.
            cleanup_recurrence: z
                .string()
                .regex(/^\d+ ?d(ays?)?$/, "expected whole days, such as 1d")
                .optional(),
            image_age_cleanup_threshold: duration.optional(),
            cleanup_time: time.optional(),
        })
        .optional(),
    moby_runtime: z.strictObject({ uri, network: z.union([text, z.record(text, z.unknown())]) }).optional(),
});

/** The content of a config.toml. */
export type ConfigToml = z.infer<typeof configTomlSchema>;
