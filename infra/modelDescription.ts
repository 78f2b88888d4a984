import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What `model.yaml` says about a model, for the labels of its image; empty where it says nothing. */
export interface ModelDescription {
    readonly title: string;
    readonly version: string;
    readonly description: string;
}

/** Reads the description of the model in `folder`; a model without `model.yaml` is described by its folder's name. */
export function modelDescription(folder: string): ModelDescription {
    const file = join(folder, "model.yaml");
    const found = existsSync(file)
        ? (parse(readFileSync(file, "utf8")) as Record<string, unknown> | null)
        : null;
    const text = (key: string) => (found?.[key] === undefined ? "" : String(found[key]).trim());
    return {
        title: text("name") || "Image classifier",
        version: text("version"),
        description: text("description"),
    };
}
