import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { LocalStatus } from "../../local/status";
import { identify } from "../../setup/processIdentity";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";
import { existing, kill, processes, repeated, type Victim, victims } from "./death";

/** One death: who, how long after the update has begun, and whether that is the one that makes everything. */
export interface Death {
    readonly victim: Victim;
    readonly afterMs: number;
    readonly update: "first" | "later";
}

/** As many deaths as asked for within the first `withinMs` of an update, the same for the same seed. */
export function deaths(count: number, seed: number, withinMs = 4500): Death[] {
    const random = xoroshiro128plus(seed);
    return Array.from({ length: count }, (_, index) => ({
        victim: victims[index % victims.length] ?? "command",
        afterMs: uniformInt(random, 0, withinMs),
        update: index % 5 < 2 ? "first" : "later",
    }));
}

/** A local stack that is updated again and again, and killed in the middle. */
export interface KilledStack {
    /** Begins an update, kills, repeats the update until it succeeds, and checks that nothing is left over. */
    survive(death: Death): Promise<void>;
    remove(): Promise<void>;
}

/** With a plan of `faults` every update but the one that makes the stack is under them. */
export async function killedStack(faults = "none"): Promise<KilledStack> {
    const project = await copyProject();
    document(await project.edge("local", "up", "--json"));
    document(await project.edge("local", "start", "--json", "--faults", faults));
    let version = 0;
    return {
        survive: async (death) => {
            version += 1;
            if (death.update === "first") document(await project.edge("local", "destroy", "--json"));
            describeModel(project, version);
            await updateAndKill(project, death);
            await repeated(() => project.edge("local", "up", "--json"));
            await expectNothingLeft(project, version);
        },
        remove: () => project.remove(),
    };
}

/** Another version of the model is another image, deployment and check. */
function describeModel({ folder }: ProjectCopy, version: number): void {
    const file = join(folder, "classifier/model/model.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^version: .*$/m, `version: 1.0.${version}`));
}

async function updateAndKill(project: ProjectCopy, { victim, afterMs }: Death): Promise<void> {
    const update = project.startEdge("local", "up", "--json");
    const ended = new Promise((resolve) => update.once("exit", resolve));
    await Promise.race([sleep(afterMs), ended]);
    await kill(project, victim, update.pid);
    await ended;
}

async function expectNothingLeft(project: ProjectCopy, version: number): Promise<void> {
    const status = document<LocalStatus>(await project.edge("local", "status", "--json"));
    expect(status.devices).toMatchObject([
        { deviceId: "edge-device", modules: [{ name: "ImageClassifier", status: "running" }] },
    ]);
    const stacks = join(project.folder, ".local/stacks/local/state/.pulumi/stacks/edge-classifier");
    // One that is left empty by a death keeps the engine from reading the state.
    expect(readdirSync(stacks).filter((file) => file.endsWith(".attrs"))).toEqual([]);
    const { resources, pending_operations } = JSON.parse(readFileSync(join(stacks, "local.json"), "utf8"))
        .checkpoint.latest;
    expect(pending_operations ?? []).toEqual([]);
    const urns: string[] = resources.map(({ urn }: { urn: string }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
    expect(resources.filter((one: { delete?: boolean }) => one.delete)).toEqual([]);
    const known: string[] = resources
        .filter(({ type }: { type: string }) => type.startsWith("azure-native:"))
        .map(({ id }: { id: string }) => id.toLowerCase());
    expect((await existing(project)).sort()).toEqual(known.sort());
    // The engine, its plugins and its program end with the update; what runs on is the local Azure and one module.
    const ofTheEngine = /bin\/pulumi|pulumi-resource|pulumi-language|cmd\/run/;
    // Who has lost its engine ends as soon as it looks at its standard input.
    for (let tries = 0; tries < 20 && (await processes(project, ofTheEngine)).length > 0; tries++)
        await sleep(100);
    expect(await processes(project, ofTheEngine)).toEqual([]);
    const modules = await processes(project, /dist\/main\.js/);
    expect(modules).toHaveLength(1);
    expect(await processes(project, /local\/main\.ts/)).toHaveLength(1);
    expect(status.processes.every(({ pid }) => identify(pid) !== undefined)).toBe(true);
    const url = status.devices[0]?.modules[0]?.url;
    const info = (await (await fetch(`${url}/info`)).json()) as { models: { version: string }[] };
    expect(info.models[0]?.version).toBe(`1.0.${version}`);
}
