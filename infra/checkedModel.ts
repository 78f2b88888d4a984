import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** What a model says of itself, for the labels of its image; empty where it says nothing. */
export interface ModelDescription {
    readonly title: string;
    readonly version: string;
    readonly description: string;
}

/**
 * Has the classifier open and probe the model that is about to be deployed, so that one it would refuse to serve is
 * refused before anything is created. A folder of several models is described by the first.
 */
export function checkedModel(classifierFolder: string): ModelDescription {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(classifierFolder, "dist/checkModel.js"), join(classifierFolder, "model")],
        { encoding: "utf8" },
    );
    if (status !== 0)
        throw new pulumi.RunError(stderr.trim() || `The check of the model ended with ${status}.`);
    const [first = {}] = JSON.parse(stdout) as { name?: string; version?: string; description?: string }[];
    return {
        title: first.name ?? "Image classifier",
        version: first.version ?? "",
        description: first.description ?? "",
    };
}
