import { z } from "zod";

/** The part of a Custom Vision export's `cvexport.manifest` that matters here. */
const manifestSchema = z.looseObject({
    DomainType: z.string().nullish(),
    Platform: z.string().nullish(),
    Flavor: z.string().nullish(),
    ExportedDate: z.string().nullish(),
    IterationId: z.string().nullish(),
    ModelFileName: z.string().nullish(),
    LabelFileName: z.string().nullish(),
    MetadataPropsFileName: z.string().nullish(),
    ModelFileSHA1: z.string().nullish(),
});

const propertiesSchema = z.looseObject({
    "CustomVision.Postprocess.Method": z.string().nullish(),
});

export type ExportManifest = z.infer<typeof manifestSchema>;
export type ExportProperties = z.infer<typeof propertiesSchema>;

export const MANIFEST_FILE = "cvexport.manifest";
export const PROPERTIES_FILE = "metadata_properties.json";

export function parseManifest(text: string, path: string): ExportManifest {
    return parseJson(manifestSchema, text, path);
}

export function parseProperties(text: string, path: string): ExportProperties {
    return parseJson(propertiesSchema, text, path);
}

function parseJson<T>(schema: z.ZodType<T>, text: string, path: string): T {
    try {
        return schema.parse(JSON.parse(text));
    } catch (cause) {
        throw new Error(
            `Expected ${path} to be the JSON file of a Custom Vision export. Export the model again.`,
            {
                cause,
            },
        );
    }
}

/** Files of the flavours of an export that are not ONNX, and what the portal calls them. */
const FOREIGN_FILES: [file: RegExp, flavour: string][] = [
    [/(^|\/)dockerfile$/i, "DockerFile"],
    [/\.tflite$/i, "TensorFlow Lite"],
    [/(^|\/)model\.json$/i, "TensorFlow.js"],
    [/\.pb$/i, "TensorFlow"],
    [/\.mlmodel$/i, "CoreML"],
    [/\.dlc$/i, "Vision AI Dev Kit"],
    [/\.xml$/i, "OpenVINO"],
];

/**
 * Throws the sentence for an export that cannot be served: another flavour than ONNX, or object detection. `names` are
 * the paths of its files, with slashes. Returns if there is nothing against it.
 */
export function refuseForeignExport(
    path: string,
    names: readonly string[],
    manifest: ExportManifest = {},
    properties: ExportProperties = {},
): void {
    const method = properties["CustomVision.Postprocess.Method"] ?? "";
    if (manifest.DomainType === "ObjectDetection" || ["SSD", "Yolo"].includes(method)) {
        throw new Error(detectionRefusal(path));
    }
    const flavour = foreignFlavour(names, manifest);
    if (flavour) {
        const iteration = manifest.IterationId ? ` (${manifest.IterationId})` : "";
        throw new Error(
            `Expected the ONNX flavour of an export, found the ${flavour} flavour in ${path}. At customvision.ai open ` +
                `the project, Performance, the same iteration${iteration}, Export, ONNX, Download, and use that zip.`,
        );
    }
}

export function detectionRefusal(path: string): string {
    return (
        `Expected an image classifier, found an object detection model in ${path}. Only classification is served: ` +
        "at customvision.ai use a project of type Classification with a compact domain and export it as ONNX."
    );
}

function foreignFlavour(names: readonly string[], { Platform, Flavor }: ExportManifest): string | undefined {
    if (Platform && Platform !== "ONNX") {
        return Flavor ? `${Platform} (${Flavor})` : Platform;
    }
    return names.some((name) => /\.onnx$/i.test(name))
        ? undefined
        : FOREIGN_FILES.find(([file]) => names.some((name) => file.test(name)))?.[1];
}
