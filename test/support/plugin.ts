import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { folderVariable } from "../../local/endpoints";
import { projectFolder } from "./localAzure";

type Properties = Record<string, unknown>;

/** A stand-in as the engine sees it: a process of its own, asked over gRPC. */
export interface TestPlugin {
    configure(variables: Record<string, string>): Promise<void>;
    check(
        urn: string,
        news: Properties,
        olds?: Properties,
    ): Promise<{ inputs: Properties; failures: string[] }>;
    checkWithProposal(urn: string, news: Properties, proposedName: string): Promise<Properties>;
    diff(
        urn: string,
        oldInputs: Properties,
        news: Properties,
        state?: Properties,
    ): Promise<{ changes: string[]; replaces: string[]; deleteBeforeReplace: boolean }>;
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
    ): Promise<{ id: string; inputs: Properties }>;
    update(urn: string, id: string, olds: Properties, news: Properties): Promise<Properties>;
    delete(urn: string, id: string, state: Properties): Promise<void>;
    invoke(token: string, args: Properties): Promise<Properties>;
    stop(): Promise<void>;
}

/** The random part of auto-names in tests: its first four bytes are `01020304`. */
const randomSeed = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

/** A URN of the test's program. */
export function urnOf(type: string, name: string): string {
    return `urn:pulumi:test::edge-classifier::${type}::${name}`;
}

/** Starts the stand-in `name` as the engine does. `azureFolder` is the local Azure it works on. */
export async function startPlugin(name: string, version: string, azureFolder: string): Promise<TestPlugin> {
    const script = `require("tsx/cjs"); require("./local/providers/main.ts").main("${name}", "${version}")`;
    const child = spawn(process.execPath, ["-e", script, "--", "node", "plugin", "127.0.0.1:1"], {
        cwd: projectFolder,
        env: { ...process.env, [folderVariable]: azureFolder },
        stdio: ["pipe", "pipe", "inherit"],
    });
    const port = await firstLine(child);
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
        const request = new messages.CheckRequest();
        request.setUrn(urn);
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        request.setRandomseed(randomSeed);
        if (proposedName !== undefined) {
            const options = new messages.CheckRequest.AutonamingOptions();
            options.setProposedName(proposedName);
            request.setAutonaming(options);
        }
        const response = await ask<messages.CheckRequest, messages.CheckResponse>(client.check, request);
        const failures = response.getFailuresList().map((failure) => failure.getReason());
        return { inputs: object(response.getInputs()), failures };
    }

    return {
        configure: async (variables) => {
            const request = new messages.ConfigureRequest();
            for (const [key, value] of Object.entries(variables)) request.getVariablesMap().set(key, value);
            await ask<messages.ConfigureRequest, messages.ConfigureResponse>(client.configure, request);
        },
        check: (urn, news, olds) => check(urn, news, olds),
        checkWithProposal: async (urn, news, proposedName) =>
            (await check(urn, news, {}, proposedName)).inputs,
        diff: async (urn, oldInputs, news, state = oldInputs) => {
            const request = new messages.DiffRequest();
            request.setUrn(urn);
            request.setOldInputs(struct(oldInputs));
            request.setOlds(struct(state));
            request.setNews(struct(news));
            const response = await ask<messages.DiffRequest, messages.DiffResponse>(client.diff, request);
            return {
                changes: response
                    .getDetaileddiffMap()
                    .toArray()
                    .map(([path]) => path)
                    .sort(),
                replaces: response.getReplacesList(),
                deleteBeforeReplace: response.getDeletebeforereplace(),
            };
        },
        create: async (urn, inputs, preview = false) => {
            const request = new messages.CreateRequest();
            request.setUrn(urn);
            request.setProperties(struct(inputs));
            request.setPreview(preview);
            const response = await ask<messages.CreateRequest, messages.CreateResponse>(
                client.create,
                request,
            );
            return { id: response.getId(), properties: object(response.getProperties()) };
        },
        read: async (urn, id, inputs, state) => {
            const request = new messages.ReadRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setInputs(struct(inputs));
            request.setProperties(struct(state));
            const response = await ask<messages.ReadRequest, messages.ReadResponse>(client.read, request);
            return { id: response.getId(), inputs: object(response.getInputs()) };
        },
        update: async (urn, id, olds, news) => {
            const request = new messages.UpdateRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOlds(struct(olds));
            request.setNews(struct(news));
            const response = await ask<messages.UpdateRequest, messages.UpdateResponse>(
                client.update,
                request,
            );
            return object(response.getProperties());
        },
        delete: async (urn, id, state) => {
            const request = new messages.DeleteRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setProperties(struct(state));
            await ask(client.delete, request);
        },
        invoke: async (token, args) => {
            const request = new messages.InvokeRequest();
            request.setTok(token);
            request.setArgs(struct(args));
            const response = await ask<messages.InvokeRequest, messages.InvokeResponse>(
                client.invoke,
                request,
            );
            return object(response.getReturn());
        },
        stop: async () => {
            client.close();
            child.kill("SIGTERM");
            await once(child, "exit");
        },
    };
}

async function firstLine(child: ChildProcess): Promise<string> {
    if (!child.stdout) throw new Error("Expected a plugin with standard output.");
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    return String(line);
}

function struct(value: Properties): Struct {
    return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function object(value: Struct | undefined): Properties {
    return (value?.toJavaScript() ?? {}) as Properties;
}
