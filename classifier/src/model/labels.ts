import type { SourcedLabels } from "./labelFiles";
import type { ModelFiles } from "./modelFolder";
import type { NetworkValue } from "./networkValues";

/**
 * The labels in the order of a network's scores: `labels.txt`, as the exported container does, before `model.yaml`
 * before other files before `own`, what the network carries itself. Throws a sentence if there are none, if their number
 * is another than that of the scores, or if what an exporter wrote has them in another order.
 */
export function labelsFor(
    files: ModelFiles,
    own: string[] | undefined,
    output: Pick<NetworkValue, "dims">,
): string[] {
    const { path } = files;
    const [chosen, ...others] = labelSources(files, own);
    const scores = output.dims[1];
    if (!chosen) {
        throw new Error(
            `Expected a labels.txt beside ${path}, which has no labels of its own, found none. Put the labels there, ` +
                "one per line in the order of the network's scores; an export's zip has it.",
        );
    }
    const { labels } = chosen;
    if (scores !== undefined && scores !== labels.length) {
        throw new Error(
            `Expected ${scores} labels for the ${scores} scores of ${path}, found ${labels.length} ` +
                `(${labels.join(", ")})${chosen.source === "labels.txt" ? "" : ` in ${chosen.source}`}. ` +
                "Put the labels.txt of the same export beside it.",
        );
    }
    // What somebody wrote in labels.txt stands, as the exported container has it; an exporter's own order is another matter.
    const contrary = others.find(
        (other) =>
            other.source !== "model.yaml" &&
            labels.join() !== other.labels.join() &&
            sorted(labels) === sorted(other.labels),
    );
    if (contrary) {
        const place = contrary.labels === own ? `${path} itself` : `the ${contrary.source} beside ${path}`;
        throw new Error(
            `Expected the labels in the order of ${place} (${contrary.labels.join(", ")}), found another order ` +
                `(${labels.join(", ")}). Put the labels.txt of the same export beside it, or none.`,
        );
    }
    return labels;
}

/** All that name the labels of a model, the one that decides first. */
export function labelSources(
    { labels, yaml, otherLabels }: Pick<ModelFiles, "labels" | "yaml" | "otherLabels">,
    own: string[] | undefined,
): SourcedLabels[] {
    return [
        { source: "labels.txt", labels },
        { source: "model.yaml", labels: yaml.labels },
        ...otherLabels,
        { source: "network", labels: own },
    ].filter((source): source is SourcedLabels => source.labels !== undefined);
}

function sorted(labels: readonly string[]): string {
    return [...labels].sort().join();
}
