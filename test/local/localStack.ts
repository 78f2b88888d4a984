import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalStatus } from "../../local/status";
import { changesOf, type PreviewDocument } from "../support/previewDocument";
import { copyProject, document, type ProjectCopy } from "../support/projectCopy";

/** The document that `edge local up --json` ends with. */
export interface Update {
    changes: Record<string, number>;
    outputs: { hubHostName: string; deviceId: string; image: string; classifierUrl: string };
}

/** The stack `local` of a copy of the project, as its user works with it. */
export interface LocalStack {
    readonly project: ProjectCopy;
    /** The path of a file of the model. */
    modelFile(name: string): string;
    up(): Promise<Update>;
    status(): Promise<LocalStatus>;
    previewed(): Promise<PreviewDocument>;
    /** The names of the resources that a preview would change. */
    previewedChanges(): Promise<string[]>;
    /** The label that the deployed module gives to one of the project's samples. */
    classify(sample: string): Promise<string | undefined>;
    /** The process of the module; throws while there is none, since killing process 0 would kill the test. */
    modulePid(): Promise<number>;
    /** The resources in the stack's state. */
    resources(): { urn: string; type: string; id?: string }[];
}

/** Copies the project; its stack `local` does not exist yet. */
export async function localStack(): Promise<LocalStack> {
    const project = await copyProject();
    const status = async () => document<LocalStatus>(await project.edge("local", "status", "--json"));
    const previewed = async () => document<PreviewDocument>(await project.edge("local", "preview", "--json"));
    return {
        project,
        modelFile: (name) => join(project.folder, "classifier/model", name),
        up: async () => document(await project.edge("local", "up", "--json")),
        status,
        previewed,
        previewedChanges: async () => changesOf(await previewed()),
        classify: async (sample) => {
            const body = readFileSync(join(project.folder, "samples", sample));
            const url = (await status()).devices[0]?.modules[0]?.url;
            const response = await fetch(`${url}/image`, { method: "POST", body });
            const answer = (await response.json()) as {
                predictions: { tagName: string; probability: number }[];
            };
            return answer.predictions.toSorted((a, b) => b.probability - a.probability)[0]?.tagName;
        },
        modulePid: async () => {
            const found = (await status()).processes.find(({ name }) => name.endsWith("ImageClassifier"));
            if (!found) throw new Error("The module has no process.");
            return found.pid;
        },
        resources: () => {
            const state = ".local/stacks/local/state/.pulumi/stacks/edge-classifier/local.json";
            const text = readFileSync(join(project.folder, state), "utf8");
            return JSON.parse(text).checkpoint.latest.resources ?? [];
        },
    };
}
