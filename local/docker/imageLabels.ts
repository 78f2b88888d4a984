/** `none` on an image that was packed without a base: it holds no Node, and runs only as a process of this machine. */
export const baseLabel = "edge-classifier.base";
