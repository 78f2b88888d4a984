/**
 * Imported for its effect, on the main thread and before onnxruntime. Since 1.29 onnxruntime reports machine and model to
 * Microsoft, and keeps an identifier of the device for it, unless this variable is set when it is loaded
 * (https://github.com/microsoft/onnxruntime/pull/27379). Only the main thread's variables are those of the process.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
