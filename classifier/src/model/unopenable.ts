/** What onnxruntime says about a network that it does not open, and what that means for whoever exported it. */
const REASONS: [pattern: RegExp, sentence: (path: string, ...groups: string[]) => string][] = [
    [
        /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
        (path, found, most) =>
            `Expected ${path} to be of IR version ${most} or lower, which is what this service's onnxruntime reads, ` +
            `found ${found}. Save it with an older release of the package onnx, or with model.ir_version = ${most} ` +
            "before onnx.save(model, …).",
    ],
    [
        /Opset (\d+) is under development[\s\S]*for domain (\S+) is till opset (\d+)/,
        (path, found, domain, most) =>
            `Expected ${path} to use operator set ${most} of ${domain} or lower, which is what this service's ` +
            `onnxruntime reads, found ${found}. Export it again for a lower one (torch.onnx.export(…, ` +
            `opset_version=${Math.min(Number(most), 17)}), tf2onnx --opset), or convert it with ` +
            `onnx.version_converter.convert_version(model, ${most}).`,
    ],
    [
        /(?:Fatal error: |.*")([\w.:-]+)(?:\(-?\d+\))? is not a registered function\/op/,
        (path, operator) =>
            `Expected ${path} to use operators that onnxruntime has, found ${operator}. An operator of one's own ` +
            "needs a library that this service does not load: export the model without it.",
    ],
    [
        /\("[^"]*", (\w+), "([^"]+)"[\s\S]*No opset import for domain/,
        (path, operator, domain) =>
            `Expected ${path} to use operators that onnxruntime has, found ${domain}:${operator}. An operator of ` +
            "one's own needs a library that this service does not load: export the model without it.",
    ],
    [
        /Could not find an implementation for (\w+)\((\d+)\)/,
        (path, operator, version) =>
            `Expected ${path} to use operators that onnxruntime has for the CPU and for the types of its values, found ` +
            `${operator} (version ${version}). Export the model in float32, or quantize it to 8 bits with ` +
            "onnxruntime.quantization.",
    ],
    [
        /raw_data size .* does not match expected size|TensorProto \(tensor name: [^)]*\) should contain/,
        (path) =>
            `Expected ${path} to have all of its weights, found fewer than their shapes say: the file is damaged, or ` +
            "its weights are of another export. Copy or export it again.",
    ],
    [
        /Missing opset in the model/,
        (path) =>
            `Expected ${path} to say which operator set it uses, found none. Export it again, with a release of its ` +
            "exporter that says so.",
    ],
    [
        /Unsupported data type: 16\b/,
        (path) =>
            `Expected ${path} to take and give float32, float16 or uint8, found bfloat16. Export it in one of these.`,
    ],
];

/** The error for a network that onnxruntime does not take. */
export function unopenable(path: string, cause: unknown): Error {
    const { message } = cause as Error;
    for (const [pattern, sentence] of REASONS) {
        const found = pattern.exec(message);
        if (found) {
            return new Error(sentence(path, ...found.slice(1)), { cause });
        }
    }
    return new Error(
        `Expected onnxruntime to open ${path}, got: ${message.trim()}. Export the model again, as ONNX 1.2 or newer.`,
        { cause },
    );
}
