/** This label is `none` on an image that was packed without a base: without Node in it, it runs only as a process here. */
export const baseLabel = "edge-classifier.base";
