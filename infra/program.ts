import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { assertCompiled } from "./assertCompiled";
import { registerAzureDefaults } from "./azureDefaults";
import { checkedModel, type ModelDescription } from "./checkedModel";
import { checkTimeout } from "./checkTimeout";
import { ClassifierImage, classifierRepository } from "./classifierImage";
import { azureNativeSettings, type Config, readConfig } from "./config";
import { ContainerRegistry } from "./containerRegistry";
import { edgeMachine } from "./edgeMachine";
import { existingIds } from "./existingIds";
import { existingResourceGroup, requireOwnSubscription } from "./existingResource";
import * as iotedge from "./iotedge";
import { IotHub } from "./iotHub";
import { checkManifest } from "./manifest/checkManifest";
import { classifierModule, deploymentManifest } from "./manifest/deploymentManifest";
import { provisionedDevice } from "./provisionedDevice";

/** What the stack tells when it is up. */
export interface Outputs {
    readonly hubHostName: pulumi.Output<string>;
    readonly deviceId: pulumi.Output<string>;
    /** An existing device is set up with this connection string; secret. */
    readonly deviceConnectionString: pulumi.Output<string>;
    /** The deployed image, `repository@sha256:…`. */
    readonly image: pulumi.Output<string>;
    /** Where the classifier answers; empty when the device's address is not known. */
    readonly classifierUrl: pulumi.Output<string>;
    /** Command line that connects to the machine; empty without one, or while nobody is let in. */
    readonly ssh: pulumi.Output<string>;
    /** Address of the machine; empty without one. */
    readonly publicIp: pulumi.Output<string>;
    /** Host name of the machine; empty without one, or without a DNS label. */
    readonly fqdn: pulumi.Output<string>;
}

/** The folder that is built into the image, relative to the project's. */
const classifierFolder = "classifier";

/** The whole deployment: a stack of the cloud and one of the local Azure run this same function, each in its environment. */
export async function program(env: NodeJS.ProcessEnv): Promise<Outputs> {
    assertCompiled();
    const config = readConfig(env);
    checkManifest(config);
    // What the classifier would refuse to serve is refused before anything exists.
    const model = config.image === "" ? checkedModel(classifierFolder) : undefined;

    await requireOwnSubscription(existingIds(config));
    const resourceGroupName = await resourceGroup(config);

    const hub = new IotHub("hub", {
        resourceGroupName,
        sku: config.hubSku,
        auth: config.hubAuth,
        existingId: config.hubId || undefined,
        existingPolicyName: config.hubPolicy,
        provisioning: config.provisioning !== "manual",
    });
    const provider = new iotedge.Provider("iotedge", { ...accessOf(config), ...azureNativeSettings() });
    const { device, identity } = provisionedDevice(config, { resourceGroupName, hub }, { provider });

    const { image, pull } = classifierImage(config, model, resourceGroupName, provider);

    const vm = config.edgeVm ? edgeMachine("vm", config, { resourceGroupName, identity }) : undefined;

    const { hubId } = hub;
    const { deviceId } = device;
    const manifest = deploymentManifest<pulumi.Input<string>>({ ...config, image, registry: pull });
    const deployment = new iotedge.Deployment(
        "deployment",
        { hubId, deviceId, manifest },
        // A machine of the stack goes as a whole; from a device that stays, the modules are taken off first.
        { provider, deletedWith: vm && hub.created },
    );

    const classifierUrl = vm?.classifierUrl ?? pulumi.output(url(config.deviceAddress, config.hostPort));
    if (config.check !== "none" && config.deploy) {
        new iotedge.DeploymentCheck(
            "check",
            {
                hubId,
                deviceId,
                moduleName: classifierModule,
                image,
                url: config.check === "http" ? classifierUrl : undefined,
                timeoutSeconds: checkTimeout(config),
                whenOffline: config.whenOffline,
                triggers: { hostPort: config.hostPort },
            },
            // Nothing waits for a device that is still being created.
            { provider, dependsOn: vm ? [deployment, vm] : deployment },
        );
    }

    const none = pulumi.output("");
    return {
        hubHostName: hub.hostName,
        deviceId,
        deviceConnectionString: device.connectionString,
        image,
        classifierUrl,
        ssh: vm?.ssh ?? none,
        publicIp: vm?.publicIp ?? none,
        fqdn: vm?.fqdn ?? none,
    };
}

/** The group that everything lies in, which gives its region where it is one that exists; and the tags of what is made. */
async function resourceGroup({ resourceGroup: name, tags }: Config): Promise<pulumi.Input<string>> {
    const existing = name === "" ? undefined : await existingResourceGroup(name);
    registerAzureDefaults({ tags, location: existing?.location });
    return existing?.name ?? new resources.ResourceGroup("rg").name;
}

/** How the hub is opened; of a new one the provider finds that out by itself. */
function accessOf({ hubAuth, hubId, hubPolicy }: Config): iotedge.ProviderArgs {
    if (hubAuth === "entra") return { hubAuth };
    return hubId === "" ? {} : { hubPolicyName: hubPolicy };
}

/** The image that is built of the model and pushed, or the prebuilt one; and where and as whom the device pulls it. */
function classifierImage(
    config: Config,
    model: ModelDescription | undefined,
    resourceGroupName: pulumi.Input<string>,
    provider: iotedge.Provider,
) {
    // A prebuilt image comes from where it is; a registry of ours would stay empty.
    const registry =
        model || config.registryId !== ""
            ? new ContainerRegistry(
                  "registry",
                  {
                      resourceGroupName,
                      existingId: config.registryId || undefined,
                      repository: model ? classifierRepository : repositoryOf(config.image),
                      rotation: config.registryRotation,
                  },
                  { providers: [provider] },
              )
            : undefined;
    const pull = registry && { address: registry.loginServer, ...registry.pull };
    if (!model || !registry) return { image: pulumi.output(config.image), pull };
    const { reference } = new ClassifierImage("classifier-image", {
        context: classifierFolder,
        model,
        tags: config.tags,
        platform: config.platform,
        registry,
    });
    return { image: reference, pull };
}

/** `team/classifier` of `registry.azurecr.io/team/classifier@sha256:…`. */
function repositoryOf(image: string): string {
    return image.slice(image.indexOf("/") + 1).replace(/(@|:).*$/, "");
}

function url(address: string, port: number): string {
    if (address === "") return "";
    return port === 80 ? `http://${address}` : `http://${address}:${port}`;
}
