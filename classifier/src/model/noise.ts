/** Names that systems leave in folders and zips; compared without letter case. */
const NOISE = new Set([
    "__macosx",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "$recycle.bin",
    "system volume information",
    "@eadir",
    "lost+found",
    "__pycache__",
    "node_modules",
]);

/**
 * Whether a path, with slashes, leads through something that no person put there: hidden files such as `.DS_Store`,
 * `._model.onnx` and `.git`, and what Finder, Explorer and their like leave behind.
 */
export function isNoise(path: string): boolean {
    return path
        .split("/")
        .some((name) => (name.startsWith(".") && name !== ".") || NOISE.has(name.toLowerCase()));
}
