import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { EdgeVm } from "../edge-vm/edgeVm";
import { assertCompiled } from "./assertCompiled";
import { checkedModel } from "./checkedModel";
import { ClassifierImage, classifierRepository } from "./classifierImage";
import { type Config, readConfig } from "./config";
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
    readonly classifierUrl: pulumi.Output<string>;
    /** Command line that connects to the machine; empty without one, or while nobody is let in. */
    readonly ssh: pulumi.Output<string>;
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

    const registry = new ContainerRegistry("registry", {
        resourceGroupName,
        repository: classifierRepository,
    });
    const { reference: image } = new ClassifierImage("classifier-image", {
        context: classifierFolder,
        model,
        platform: config.platform,
        registry,
    });

    const vm = config.edgeVm ? edgeVm(config, { resourceGroupName, hub, device }) : undefined;

    const manifest = deploymentManifest({
        image,
        registry: { address: registry.loginServer, ...registry.pull },
        hostPort: config.hostPort,
    });
    const deployment = new EdgeDeployment("deployment", {
        hubConnectionString: hub.connectionString,
        deviceId: device.deviceId,
        manifest,
    });

    const classifierUrl = vm?.classifierUrl ?? pulumi.output(url(config.deviceAddress, config.hostPort));
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
            // Nothing waits for a device that is still being created.
            { dependsOn: vm ? [deployment, vm] : deployment },
        );
    }

    return {
        hubHostName: hub.hostName,
        deviceId: device.deviceId,
        deviceConnectionString: device.connectionString,
        image,
        classifierUrl,
        ssh: vm?.ssh ?? pulumi.output(""),
    };
}

/** The machine that becomes the device; settings that are empty leave the choice to it. */
function edgeVm(
    config: Config,
    {
        resourceGroupName,
        hub,
        device,
    }: { resourceGroupName: pulumi.Input<string>; hub: IotHub; device: EdgeDevice },
): EdgeVm {
    const { platform, sshPublicKey, adminUsername, sshFrom, httpFrom, hostPort: httpPort } = config;
    return new EdgeVm("vm", {
        resourceGroupName,
        identity: {
            method: "sas",
            hubHostName: hub.hostName,
            deviceId: device.deviceId,
            key: device.primaryKey,
        },
        platform,
        sshPublicKey,
        adminUsername,
        size: config.vmSize || undefined,
        dnsLabel: config.dnsLabel || undefined,
        sshFrom,
        httpFrom,
        httpPort,
        autoShutdown: config.shutdownTime
            ? { time: config.shutdownTime, timeZone: config.shutdownTimeZone }
            : undefined,
    });
}

function url(address: string, port: number): string {
    if (address === "") return "";
    return port === 80 ? `http://${address}` : `http://${address}:${port}`;
}
