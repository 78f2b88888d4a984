import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Info } from "./infoSchema";
import type { ModelCatalog, ServedModel } from "./model/modelCatalog";

/** Which service this is, of which version, and what it runs on. */
export function describeService(): Info["service"] {
    const { name, version } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
    return { name, version, node: process.version };
}

/** What is told about the models that are served, and how their pixels are prepared and why so. */
export function describeCatalog(catalog: ModelCatalog): Pick<Info, "models"> {
    const byDefault = catalog.find([]);
    return {
        models: catalog.models.map((served) => ({ ...describeModel(served), default: served === byDefault })),
    };
}

function describeModel({ key, model, probe }: ServedModel) {
    const { name, version, description, labels } = model;
    const described = { key, name, version, description, labels: [...labels] };
    if (model.kind === "array") {
        const { type, dims } = model.input;
        return { kind: model.kind, ...described, input: { type, dims: dims.map((side) => side ?? null) } };
    }
    const { size, format, geometry, sources, activation } = model;
    const { channelOrder, range, ...layout } = format;
    return {
        kind: model.kind,
        ...described,
        preprocessing: {
            ...size,
            ...layout,
            ...geometry,
            channelOrder: { value: channelOrder, source: sources.channelOrder },
            range: { value: range, source: sources.range },
        },
        activation,
        probe,
    };
}
