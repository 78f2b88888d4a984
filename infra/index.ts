import { program } from "./program";

export const { hubHostName, deviceId, deviceConnectionString, image, classifierUrl, ssh } = program();
