// Read before anything else, so no syntax here that an old Node cannot parse.

const wanted = { major: 20, minor: 19 };

/**
 * The sentence for a machine this project does not run on, or undefined where it does.
 * @param {{ platform: string, versions: { node: string } }} system Node's `process`, or what is like it.
 */
function unsupportedPlatform(system) {
    if (system.platform === "win32") {
        return (
            "This project runs on Linux and macOS; on Windows it runs inside WSL2: " +
            "install it with `wsl --install`, clone the project there and repeat the command there."
        );
    }
    if (system.platform !== "linux" && system.platform !== "darwin") {
        return `This project runs on Linux and macOS, and this is ${system.platform}: use one of those.`;
    }
    const parts = system.versions.node.split(".").map(Number);
    const major = parts[0] || 0;
    const tooOld = major < wanted.major || (major === wanted.major && (parts[1] || 0) < wanted.minor);
    if (!tooOld) return undefined;
    return (
        `This project needs Node ${wanted.major}.${wanted.minor} or newer and this is Node ${system.versions.node}: ` +
        "install a newer one (https://nodejs.org) and repeat the command."
    );
}

module.exports = { unsupportedPlatform };
