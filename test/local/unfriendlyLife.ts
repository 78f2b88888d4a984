import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseDocument } from "yaml";
import { askAzure, rotateKeys } from "../support/hubCall";
import { inLocalEnvironment } from "../support/knownSecrets";
import { copyProject, document, type Finished } from "../support/projectCopy";
import { existing, kill, repeated, type Victim } from "./death";

/** What a stack goes through, in this order, again and again. */
export const steps = ["up", "hub change", "rotation", "refresh", "destroy"] as const;
export type Step = (typeof steps)[number];

/** Who is killed in the middle of a step, and how long after it has begun. */
export interface Death {
    readonly victim: Victim;
    readonly afterMs: number;
}

/** A stack with a provisioning service in an Azure as unpleasant as the real one. */
export interface UnfriendlyLife {
    /** Carries out a step, repeated where somebody dies in it, and checks what it has brought about. */
    live(step: Step, death?: Death): Promise<void>;
    remove(): Promise<void>;
}

const inHub = (type: string) => type.endsWith(":IotHubResource") || type.endsWith(":IotDpsResource");

/** A life under `faults`; its stack does not exist yet. */
export async function unfriendlyLife(faults: string): Promise<UnfriendlyLife> {
    const project = await copyProject();
    const shell = (command: string) => project.shell(inLocalEnvironment(command));
    const up = () => project.edge("local", "up", "--json", "--faults", faults);
    let round = 0;

    const configure = (settings: Record<string, string>) => {
        const file = join(project.folder, "Pulumi.local.yaml");
        const config = parseDocument(readFileSync(file, "utf8"));
        for (const [key, value] of Object.entries(settings))
            config.setIn(["config", `edge-classifier:${key}`], value);
        writeFileSync(file, String(config));
    };
    const checkpoint = () => {
        const state = ".local/stacks/local/state/.pulumi/stacks/edge-classifier/local.json";
        return JSON.parse(readFileSync(join(project.folder, state), "utf8")).checkpoint.latest;
    };
    const services = (): string[] =>
        checkpoint()
            .resources.filter(({ type }: { type: string }) => inHub(type))
            .map(({ id }: { id: string }) => id);
    /** A hash for each, since a test that fails shows what it has compared. */
    const keysOf = (ids: string[]) =>
        Promise.all(
            ids.map(async (id) => {
                const keys = await askAzure(project, { method: "POST", path: `${id}/listkeys` });
                return createHash("sha256").update(JSON.stringify(keys)).digest("hex");
            }),
        );
    const version = () => `1.${round}.0`;
    const describeModel = () => {
        const file = join(project.folder, "classifier/model/model.yaml");
        const text = readFileSync(file, "utf8").replace(/^version: .*$/m, `version: ${version()}`);
        writeFileSync(file, text);
    };

    async function expectAlive(): Promise<void> {
        const status = document<{ devices: { modules: { url: string }[] }[] }>(
            await project.edge("local", "status", "--json"),
        );
        const url = status.devices[0]?.modules[0]?.url;
        const info = (await (await fetch(`${url}/info`)).json()) as { models: { version: string }[] };
        expect(info.models[0]?.version).toBe(version());
        expect(checkpoint().pending_operations ?? []).toEqual([]);
    }

    /** Before each step what it is about, then the command, and what must be so afterwards. */
    const script: Record<
        Step,
        { before?(): Promise<unknown>; run(): Promise<Finished>; after(before: unknown): Promise<void> }
    > = {
        up: {
            before: async () => {
                round += 1;
                describeModel();
                document(await project.edge("local", "start", "--json", "--faults", faults));
                configure({ provisioning: "dps-group", hubSku: "S1", registryRotation: "1" });
            },
            run: up,
            after: expectAlive,
        },
        "hub change": {
            before: async () => {
                const keys = await keysOf(services());
                configure({ hubSku: "S2" });
                return keys;
            },
            run: up,
            after: async (keys) => {
                expect(await keysOf(services())).toEqual(keys);
                await expectAlive();
            },
        },
        rotation: {
            before: async () => {
                for (const id of services()) await rotateKeys(project, id);
                configure({ registryRotation: "2" });
            },
            run: up,
            after: expectAlive,
        },
        refresh: {
            run: async () => {
                document(await project.edge("local", "start", "--json"));
                // Whoever killed a plain engine takes its lock away, as its message says.
                await shell("pulumi cancel -s local --yes --non-interactive");
                return shell("pulumi refresh -s local --yes --skip-preview --non-interactive");
            },
            after: async () => {
                const preview = await shell("pulumi preview -s local --non-interactive --expect-no-changes");
                expect(preview).toMatchObject({ exitCode: 0 });
            },
        },
        destroy: {
            run: () => project.edge("local", "destroy", "--json", "--faults", faults),
            after: async () => expect(await existing(project)).toEqual([]),
        },
    };

    return {
        async live(step, death) {
            const { before, run, after } = script[step];
            const known = await before?.();
            const running = run();
            if (death) {
                // Whoever is killed answers nothing, and what else became of the command is not the question.
                const ended = running.catch(() => {});
                await Promise.race([sleep(death.afterMs), ended]);
                await kill(project, death.victim);
                await ended;
                await repeated(run);
            } else {
                const { exitCode, stderr } = await running;
                expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
            }
            await after(known);
        },
        remove: () => project.remove(),
    };
}
