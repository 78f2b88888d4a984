import type { ModelCatalog, ServedModel } from "./model/modelCatalog";

/** What `/info` tells about the models that are served, and how their pixels are prepared and why so. */
export function describeCatalog(catalog: ModelCatalog) {
    const byDefault = catalog.find([]);
    return {
        models: catalog.models.map((served) => ({ ...describeModel(served), default: served === byDefault })),
    };
}

function describeModel({ key, model, probe }: ServedModel) {
    const { name, version, description, labels } = model;
    if (model.kind === "array") {
        return { key, kind: model.kind, name, version, description, labels, input: model.input };
    }
    const { size, format, sources, activation } = model;
    const { channelOrder, range, ...layout } = format;
    return {
        key,
        kind: model.kind,
        name,
        version,
        description,
        labels,
        preprocessing: {
            ...size,
            ...layout,
            channelOrder: { value: channelOrder, source: sources.channelOrder },
            range: { value: range, source: sources.range },
        },
        activation,
        probe,
    };
}
