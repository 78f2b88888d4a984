/**
 * What a machine is, by the platform of the images that it runs. `size` is the one that it has where none is set: two cores
 * and 4 GiB that earn credits while they idle. The first series of these, Standard_B2s, is retired in November 2028, and
 * not every subscription gets it any more. Both images boot by generation 2, which both sizes do
 * (`server-gen1` would be the other).
 */
export const machineKinds = {
    "linux/amd64": { size: "Standard_B2ls_v2", imageSku: "server" },
    "linux/arm64": { size: "Standard_B2pls_v2", imageSku: "server-arm64" },
} as const;
