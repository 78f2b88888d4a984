import * as pulumi from "@pulumi/pulumi";
import type { DeviceIdentity } from "./cloudInit";

/** How the device finds its hub and proves who it is. Keys are secret. */
export type EdgeVmIdentity =
    | {
          method: "sas";
          hubHostName: pulumi.Input<string>;
          deviceId: pulumi.Input<string>;
          /** Symmetric key of the identity, base64. */
          key: pulumi.Input<string>;
      }
    | {
          method: "x509";
          hubHostName: pulumi.Input<string>;
          deviceId: pulumi.Input<string>;
          /** PEM. */
          certificate: pulumi.Input<string>;
          /** PEM. */
          privateKey: pulumi.Input<string>;
      }
    | {
          method: "dps";
          idScope: pulumi.Input<string>;
          registrationId: pulumi.Input<string>;
          /** Key of the registration, derived from that of its group, base64. */
          key: pulumi.Input<string>;
      };

/** Parts an identity into what may be written into customData and the key file's bytes in base64, which may not. */
export function splitKey(identity: EdgeVmIdentity): {
    identity: pulumi.Output<DeviceIdentity>;
    key: pulumi.Input<string>;
} {
    if (identity.method === "x509") {
        const { privateKey, ...device } = identity;
        const key = pulumi.output(privateKey).apply((pem) => Buffer.from(pem).toString("base64"));
        return { identity: pulumi.output(device), key };
    }
    const { key, ...device } = identity;
    return { identity: pulumi.output(device) as pulumi.Output<DeviceIdentity>, key };
}
