const { TestEnvironment } = require("jest-environment-node");

// A test file's own variables are a copy, which onnxruntime does not see.
process.env.ORT_DISABLE_TELEMETRY = "1";

// Native modules make their arrays in Node's own realm, while jest gives each test file a realm of its own, where
// `instanceof Float32Array` then fails: onnxruntime-node checks its tensors that way.
class NodeEnvironment extends TestEnvironment {
    async setup() {
        await super.setup();
        Object.assign(this.global, {
            Float32Array,
            Float64Array,
            Int32Array,
            BigInt64Array,
            Uint16Array,
        });
    }
}

module.exports = NodeEnvironment;
