/** The version of IoT Edge that this device reports to be, by its edgeAgent and its edgeHub. */
export const runtimeVersion = "1.6.8";
