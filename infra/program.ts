import * as resources from "@pulumi/azure-native/resources";
import type * as pulumi from "@pulumi/pulumi";
import { assertCompiled } from "./assertCompiled";
import { checkedModel } from "./checkedModel";
import { ClassifierImage } from "./classifierImage";
import { readConfig } from "./config";
import { ContainerRegistry } from "./containerRegistry";
import { deploymentCheck } from "./deploymentCheck";
import { classifierModule, deploymentManifest } from "./deploymentManifest";
import { EdgeDeployment } from "./edgeDeployment";
import { EdgeDevice } from "./edgeDevice";
import { IotHub } from "./iotHub";

/** What the stack tells when it is up. */
export interface Outputs {
    readonly hubHostName: pulumi.Output<string>;
    readonly deviceId: pulumi.Output<string>;
    /** What an existing device provisions itself with, secret. */
    readonly deviceConnectionString: pulumi.Output<string>;
    /** The deployed image, `repository@sha256:…`. */
    readonly image: pulumi.Output<string>;
    /** Where the classifier answers; empty when the device's address is not known. */
    readonly classifierUrl: string;
}

/** The folder that is built into the image, relative to the project's. */
const classifierFolder = "classifier";

/** The whole deployment: a stack of the cloud and one of the local Azure run this same function. */
export function program(): Outputs {
    const config = readConfig();
    assertCompiled();
    const model = checkedModel(classifierFolder);

    const group = new resources.ResourceGroup("rg");
    const resourceGroupName = group.name;

    const hub = new IotHub("hub", { resourceGroupName, sku: config.hubSku });
    const device = new EdgeDevice("device", {
        hubConnectionString: hub.connectionString,
        deviceId: config.deviceId,
    });

    const registry = new ContainerRegistry("registry", { resourceGroupName });
    const { reference: image } = new ClassifierImage("classifier-image", {
        context: classifierFolder,
        model,
        platform: config.platform,
        registry,
    });

    // The VM that becomes the device belongs here, before anything waits for a device.

    const manifest = deploymentManifest({
        image,
        registry: { address: registry.loginServer, username: registry.username, password: registry.password },
        hostPort: config.hostPort,
    });
    const deployment = new EdgeDeployment("deployment", {
        hubConnectionString: hub.connectionString,
        deviceId: device.deviceId,
        manifest,
    });

    const classifierUrl = url(config.deviceAddress, config.hostPort);
    if (config.check !== "none") {
        deploymentCheck(
            "check",
            {
                hubConnectionString: hub.connectionString,
                deviceId: device.deviceId,
                moduleName: classifierModule,
                image,
                url: config.check === "http" ? classifierUrl : undefined,
                timeoutSeconds: config.checkTimeoutSeconds,
                triggers: [image, String(config.hostPort)],
            },
            { dependsOn: deployment },
        );
    }

    return {
        hubHostName: hub.hostName,
        deviceId: device.deviceId,
        deviceConnectionString: device.connectionString,
        image,
        classifierUrl,
    };
}

function url(address: string, port: number): string {
    if (address === "") return "";
    return port === 80 ? `http://${address}` : `http://${address}:${port}`;
}
