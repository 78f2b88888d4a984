// One copy of a native library per process: training uses the classifier's.
export { default as sharp } from "../classifier/node_modules/sharp";
