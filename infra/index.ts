import { program } from "./program";

export const { hubHostName, deviceId, deviceConnectionString, image, classifierUrl, ssh, publicIp, fqdn } =
    program(process.env);
