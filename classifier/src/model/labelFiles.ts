/** Labels, and where they stand: for people who wonder why. */
export interface SourcedLabels {
    source: string;
    labels: string[];
}

/**
 * One label per line, stripped, as the exported container reads them; HTML escapes, numbers, commas and quotes in them
 * stay as they are. Throws a sentence for a line without one, as every line stands for a score.
 */
export function parseLabelLines(text: string, path: string): string[] {
    const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
    while (lines.at(-1) === "") {
        lines.pop();
    }
    const blank = lines.indexOf("");
    if (lines.length === 0 || blank >= 0) {
        throw new Error(
            `Expected one label per line in ${path}, found ${lines.length === 0 ? "none" : `line ${blank + 1} without one`}. ` +
                "Put the labels there in the order of the network's scores, without blank lines.",
        );
    }
    return lines;
}

/** A `labels.json`: a list, as Azure AutoML writes it, or a map from number to label or from label to number. */
export function parseLabelsJson(text: string, path: string): string[] {
    const labels = labelsOf(parseJson(text, path), path);
    if (!labels) {
        throw new Error(
            `Expected a list of labels in ${path}, or a map from numbers to labels, found neither. ` +
                "Put the labels into a labels.txt instead, one per line in the order of the network's scores.",
        );
    }
    return labels;
}

/** The labels in the `config.json` of a Hugging Face model, where it has some. */
export function parseConfigLabels(text: string, path: string): string[] | undefined {
    const { id2label } = Object(parseJson(text, path));
    return id2label === undefined || id2label === null ? undefined : labelsOf(id2label, `${path} (id2label)`);
}

/**
 * The labels of a list or of a map, undefined for anything else. Throws a sentence where the numbers of a map are not 0, 1, 2 and so on: a
 * label would stand for another score.
 */
export function labelsOf(found: unknown, place: string): string[] | undefined {
    if (Array.isArray(found)) {
        return found.length > 0 && found.every(isLabel) ? found : undefined;
    }
    if (typeof found !== "object" || found === null) {
        return undefined;
    }
    const entries = Object.entries(found);
    const byNumber = entries.every(([key, value]) => /^\d+$/.test(key) && isLabel(value));
    const byLabel =
        entries.every(([key, value]) => isLabel(key) && Number.isInteger(value)) &&
        // Which of two numbers were the label?
        !entries.every(([key]) => /^\d+$/.test(key));
    if (entries.length === 0 || !(byNumber || byLabel)) {
        return undefined;
    }
    const numbered = new Map(
        entries.map(([key, value]) => (byNumber ? [Number(key), value] : [value, key]) as [number, string]),
    );
    return entries.map((_, index) => {
        const label = numbered.get(index);
        if (label === undefined) {
            throw new Error(
                `Expected the ${entries.length} labels in ${place} to be numbered from 0 to ${entries.length - 1}, found ` +
                    `none for ${index}. Put all of them into a labels.txt instead, one per line in the order of the ` +
                    "network's scores.",
            );
        }
        return label;
    });
}

function isLabel(value: unknown): value is string {
    return typeof value === "string" && value.trim() !== "";
}

function parseJson(text: string, path: string): unknown {
    try {
        return JSON.parse(text);
    } catch (cause) {
        throw new Error(
            `Expected ${path} to be JSON, found: ${(cause as Error).message}. Write it again, or remove it.`,
            { cause },
        );
    }
}
