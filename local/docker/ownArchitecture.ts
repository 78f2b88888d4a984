/** The architecture of this machine's processor, as Docker calls it. */
export const ownArchitecture = process.arch === "x64" ? "amd64" : process.arch;
