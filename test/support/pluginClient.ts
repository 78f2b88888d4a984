import { credentials, type ServiceError } from "@grpc/grpc-js";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Properties = Record<string, unknown>;

/** What differs, as the engine is told. */
export interface TestDiff {
    /** Whether there is anything to do. */
    readonly isChanged: boolean;
    readonly changes: string[];
    readonly replaces: string[];
    readonly deleteBeforeReplace: boolean;
    /** Per path of `changes`, such as `UPDATE_REPLACE`. */
    readonly kinds: Record<string, string>;
}

/** Checked inputs; `failures` are the sentences alone, `refused` has them by their properties. */
export interface TestCheck {
    readonly inputs: Properties;
    readonly failures: string[];
    readonly refused: Record<string, string>;
}

/** A plugin as the engine sees it, asked over gRPC. Secrets are marked where the plugin marks them. */
export interface PluginClient {
    configure(variables: Record<string, string>): Promise<void>;
    checkConfig(news: Properties): Promise<TestCheck>;
    schema(): Promise<string>;
    attach(engineAddress: string): Promise<void>;
    check(urn: string, news: Properties, olds?: Properties): Promise<TestCheck>;
    checkWithProposal(urn: string, news: Properties, proposedName: string): Promise<Properties>;
    diff(urn: string, oldInputs: Properties, news: Properties, state?: Properties): Promise<TestDiff>;
    create(
        urn: string,
        inputs: Properties,
        preview?: boolean,
    ): Promise<{ id: string; properties: Properties }>;
    read(
        urn: string,
        id: string,
        inputs: Properties,
        state: Properties,
    ): Promise<{ id: string; inputs: Properties; properties: Properties }>;
    update(
        urn: string,
        id: string,
        olds: Properties,
        news: Properties,
        preview?: boolean,
    ): Promise<Properties>;
    delete(urn: string, id: string, state: Properties): Promise<void>;
    invoke(token: string, args: Properties): Promise<Properties>;
    close(): void;
}

/** The random part of auto-names in tests: its first four bytes are `01020304`. */
const randomSeed = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

/** Asks the plugin at a loopback port. */
export function pluginClient(port: string): PluginClient {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());

    function ask<Request, Response>(
        method: (
            request: Request,
            callback: (error: ServiceError | null, response: Response) => void,
        ) => unknown,
        request: Request,
    ): Promise<Response> {
        return new Promise((resolve, reject) => {
            method.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
        });
    }

    async function check(urn: string, news: Properties, olds: Properties = {}, proposedName?: string) {
        const request = new messages.CheckRequest()
            .setUrn(urn)
            .setOlds(struct(olds))
            .setNews(struct(news))
            .setRandomseed(randomSeed);
        if (proposedName !== undefined) {
            const options = new messages.CheckRequest.AutonamingOptions();
            options.setProposedName(proposedName);
            request.setAutonaming(options);
        }
        return checked(await ask<messages.CheckRequest, messages.CheckResponse>(client.check, request));
    }

    return {
        configure: async (variables) => {
            const request = new messages.ConfigureRequest();
            for (const [key, value] of Object.entries(variables)) request.getVariablesMap().set(key, value);
            await ask<messages.ConfigureRequest, messages.ConfigureResponse>(client.configure, request);
        },
        checkConfig: async (news) => {
            const request = new messages.CheckRequest().setNews(struct(news));
            return checked(
                await ask<messages.CheckRequest, messages.CheckResponse>(client.checkConfig, request),
            );
        },
        schema: async () => {
            const request = new messages.GetSchemaRequest();
            const response = await ask<messages.GetSchemaRequest, messages.GetSchemaResponse>(
                client.getSchema,
                request,
            );
            return response.getSchema();
        },
        attach: async (engineAddress) => {
            await ask(client.attach, new PluginAttach().setAddress(engineAddress));
        },
        check: (urn, news, olds) => check(urn, news, olds),
        checkWithProposal: async (urn, news, proposedName) =>
            (await check(urn, news, {}, proposedName)).inputs,
        diff: async (urn, oldInputs, news, state = oldInputs) => {
            const request = new messages.DiffRequest()
                .setUrn(urn)
                .setOldInputs(struct(oldInputs))
                .setOlds(struct(state))
                .setNews(struct(news));
            return differing(await ask<messages.DiffRequest, messages.DiffResponse>(client.diff, request));
        },
        create: async (urn, inputs, preview = false) => {
            const request = new messages.CreateRequest()
                .setUrn(urn)
                .setProperties(struct(inputs))
                .setPreview(preview);
            const response = await ask<messages.CreateRequest, messages.CreateResponse>(
                client.create,
                request,
            );
            return { id: response.getId(), properties: object(response.getProperties()) };
        },
        read: async (urn, id, inputs, state) => {
            const request = new messages.ReadRequest()
                .setUrn(urn)
                .setId(id)
                .setInputs(struct(inputs))
                .setProperties(struct(state));
            const response = await ask<messages.ReadRequest, messages.ReadResponse>(client.read, request);
            return {
                id: response.getId(),
                inputs: object(response.getInputs()),
                properties: object(response.getProperties()),
            };
        },
        update: async (urn, id, olds, news, preview = false) => {
            const request = new messages.UpdateRequest()
                .setUrn(urn)
                .setId(id)
                .setOlds(struct(olds))
                .setNews(struct(news))
                .setPreview(preview);
            const response = await ask<messages.UpdateRequest, messages.UpdateResponse>(
                client.update,
                request,
            );
            return object(response.getProperties());
        },
        delete: async (urn, id, state) => {
            const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(state));
            await ask(client.delete, request);
        },
        invoke: async (token, args) => {
            const request = new messages.InvokeRequest().setTok(token).setArgs(struct(args));
            const response = await ask<messages.InvokeRequest, messages.InvokeResponse>(
                client.invoke,
                request,
            );
            return object(response.getReturn());
        },
        close: () => client.close(),
    };
}

function checked(response: messages.CheckResponse): TestCheck {
    const failures = response.getFailuresList();
    return {
        inputs: object(response.getInputs()),
        failures: failures.map((failure) => failure.getReason()),
        refused: Object.fromEntries(
            failures.map((failure) => [failure.getProperty(), failure.getReason()] as const),
        ),
    };
}

function differing(response: messages.DiffResponse): TestDiff {
    const detailed = response.getDetaileddiffMap();
    const paths = detailed
        .toArray()
        .map(([path]) => path)
        .sort();
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    return {
        isChanged: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
        changes: paths,
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        kinds: Object.fromEntries(
            paths.map((path) => [
                path,
                String(kinds.find(([, kind]) => kind === detailed.get(path)?.getKind())?.[0]),
            ]),
        ),
    };
}

function struct(value: Properties): Struct {
    return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function object(value: Struct | undefined): Properties {
    return (value?.toJavaScript() ?? {}) as Properties;
}
