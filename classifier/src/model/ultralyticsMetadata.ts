import type { ModelProto } from "../onnx";
import { detectionRefusal } from "./exportFiles";
import { labelsOf } from "./labelFiles";
import type { ModelFiles } from "./modelFolder";
import type { PreprocessingYaml } from "./modelYaml";
import { parsePythonLiteral } from "./pythonLiteral";

const SOURCE = "metadata of the ONNX file";

/** What a classifier of YOLOv5 wants, which wrote no task into its exports. */
const YOLOV5: PreprocessingYaml = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * Adds what an export of Ultralytics (YOLO) carries in its own metadata: `names`, as Python writes a dict, and how it
 * prepares images. All other descriptions come first. (Source: ultralytics/engine/exporter.py for the metadata;
 * `classify_transforms` in ultralytics/data/augment.py: torchvision's Resize and CenterCrop, values from 0 to 1; in
 * utils/augmentations.py of YOLOv5: the same less ImageNet's mean.)
 */
export function withUltralyticsMetadata(files: ModelFiles, { metadataProps }: ModelProto): ModelFiles {
    const metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
    const names = parsePythonLiteral(metadata.get("names") ?? "");
    if (names === undefined) {
        return files;
    }
    const task = metadata.get("task");
    if (task !== undefined && task !== "classify") {
        throw new Error(`${detectionRefusal(files.path)} Its metadata says that its task is to ${task}.`);
    }
    const labels = labelsOf(names, `the metadata of ${files.path} (names)`);
    const named = {
        ...files,
        otherLabels: [...files.otherLabels, ...(labels ? [{ source: SOURCE, labels }] : [])],
    };
    return task || metadata.has("stride")
        ? prepared(named, task !== undefined, metadata.get("imgsz"))
        : named;
}

function prepared(files: ModelFiles, isNew: boolean, imgsz: string | undefined): ModelFiles {
    const { yaml, evidence } = files;
    const { preprocessing = {} } = yaml;
    const hasValues = preprocessing.range || preprocessing.mean || preprocessing.std || evidence.range;
    return {
        ...files,
        evidence: {
            channelOrder: { value: "rgb", source: SOURCE },
            ...(!hasValues && { range: { value: [0, 1], source: SOURCE } }),
            ...evidence,
        },
        yaml: {
            ...yaml,
            preprocessing: {
                ...(isNew ? sizeOf(imgsz) : hasValues ? {} : YOLOV5),
                ...preprocessing,
            },
        },
    };
}

function sizeOf(imgsz: string | undefined): PreprocessingYaml {
    const found = parsePythonLiteral(imgsz ?? "");
    const [height, width = height] = Array.isArray(found) ? found : [found];
    if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
        return {};
    }
    return { width, height, resize: height === width ? { shortestEdge: width, crop: "round" } : "stretch" };
}
