import type { Size } from "../image/pixels";
import { dataType } from "../onnx";
import type { TensorFormat } from "../tensor";
import type { PreprocessingYaml } from "./modelYaml";
import { describeValue, type NetworkValue } from "./networkValues";

const TAKEN: number[] = [dataType.float, dataType.float16, dataType.double, dataType.uint8];

/** The side of most networks, for those that take any size and whose `model.yaml` says none. */
const USUAL_SIDE = 224;

export interface ImageInput {
    value: NetworkValue;
    layout: TensorFormat["layout"];
    size: Size;
}

/** Whether a network is made for images, whatever may be wrong with it: four dimensions, one of them three channels. */
export function takesImages(inputs: readonly NetworkValue[]): boolean {
    return inputs.some(({ dims }) => dims.length === 4 && (dims[1] === 3 || dims[3] === 3));
}

/** The network's one input, which must be an RGB image. Throws a sentence if it is something else. */
export function imageInput(inputs: NetworkValue[], path: string, yaml: PreprocessingYaml = {}): ImageInput {
    const [value] = inputs;
    const [batch, second, third, fourth] = value?.dims ?? [];
    const isImage = value?.dims.length === 4 && (second === 3 || fourth === 3) && (batch ?? 1) === 1;
    if (!value || inputs.length !== 1 || !isImage || !TAKEN.includes(value.elemType)) {
        throw new Error(
            `Expected ${path} to take one RGB image at a time, float or uint8, as [1, 3, height, width] or ` +
                `[1, height, width, 3]; it takes ${inputs.map(describeValue).join(" and ") || "nothing"}.`,
        );
    }
    const layout = second === 3 ? "nchw" : "nhwc";
    const [height, width] = layout === "nchw" ? [third, fourth] : [second, third];
    refuseOtherSize(path, { width, height }, yaml);
    return {
        value,
        layout,
        size: {
            width: width ?? yaml.width ?? USUAL_SIDE,
            height: height ?? yaml.height ?? USUAL_SIDE,
        },
    };
}

function refuseOtherSize(path: string, fixed: Partial<Size>, yaml: PreprocessingYaml): void {
    for (const side of ["width", "height"] as const) {
        if (fixed[side] !== undefined && yaml[side] !== undefined && fixed[side] !== yaml[side]) {
            throw new Error(
                `Expected preprocessing.${side} in model.yaml to be ${fixed[side]}, which ${path} is made for, ` +
                    `found ${yaml[side]}. Leave it out.`,
            );
        }
    }
}
