/** What bytes begin with that are a file of another kind, what that kind is called, and the way to an ONNX file. */
const KINDS: [isIt: (bytes: Buffer) => boolean, name: string, remedy: string][] = [
    [({ length }) => length === 0, "an empty file", "Download or export it again."],
    [
        startsWith("version https://git-lfs"),
        "a pointer of Git LFS instead of the file it stands for",
        "Run git lfs pull where it comes from, or download the file itself.",
    ],
    [
        (bytes) => /^\s*(<!doctype|<html|<\?xml|<head)/i.test(bytes.toString("utf8", 0, 200)),
        "a web page",
        "Download the file itself: on GitHub by Raw, on Hugging Face by the arrow beside it.",
    ],
    [
        (bytes) => bytes.indexOf("PK\x03\x04") === 0 && bytes.subarray(0, 4096).includes("/data.pkl"),
        "a PyTorch file",
        "Export it with torch.onnx.export(model, example, 'model.onnx').",
    ],
    [startsWith("PK\x03\x04"), "a zip archive", "Give the archive itself as .zip, or unpack it."],
    [startsWith("\x1f\x8b"), "a compressed file (gzip)", "Unpack it."],
    [
        at(4, "TFL3"),
        "a TensorFlow Lite model",
        "Convert it: python -m tf2onnx.convert --tflite model.tflite --output model.onnx.",
    ],
    [
        at(4, "ORTM"),
        "a model in the ORT format of onnxruntime",
        "Give the .onnx file that it was converted from.",
    ],
    [
        startsWith("\x89HDF"),
        "a Keras file (HDF5)",
        "Convert it with tf2onnx.convert.from_keras(model, output_path='model.onnx').",
    ],
    [
        (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 9) >= 2 && (bytes[1] ?? 9) <= 5 && bytes.at(-1) === 0x2e,
        "a pickled Python object",
        "Export it with torch.onnx.export or skl2onnx.",
    ],
    [
        (bytes) => at(8, '{"')(bytes) && bytes.readBigUInt64LE(0) < bytes.length,
        "weights alone (safetensors)",
        "Export the model that they belong to: optimum-cli export onnx.",
    ],
    [startsWith("GGUF"), "a GGUF model", "Give an ONNX export."],
];

/** Whether a file is only the text that Git LFS leaves in place of a large one. */
export const isLfsPointer = startsWith("version https://git-lfs");

/** What a file is that cannot be an ONNX model, and what to do about it; nothing for what may be one. */
export function foreignFile(bytes: Uint8Array): { found: string; remedy: string } | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [, found, remedy] = KINDS.find(([isIt]) => isIt(buffer)) ?? [];
    if (found && remedy) {
        return { found, remedy };
    }
    // An ONNX file begins with a number below 32, and so does no text.
    const start = buffer.toString("utf8", 0, 40).split("\n")[0] ?? "";
    return /^[\s[{"'#a-zA-Z][\x20-\x7e]*$/.test(start)
        ? { found: `text, which begins with ${start.trim()}`, remedy: "Download or export the model itself." }
        : undefined;
}

function startsWith(text: string): (bytes: Buffer) => boolean {
    return at(0, text);
}

function at(offset: number, text: string): (bytes: Buffer) => boolean {
    return (bytes) => bytes.toString("latin1", offset, offset + text.length) === text;
}
