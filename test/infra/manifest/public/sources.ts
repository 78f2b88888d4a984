/** Each rule, and where it is written. */
export const sources = {
    "agent schema": "Azure/iotedge edge-agent/…/EdgeAgentConnection.cs, ValidateSchemaVersion",
    "hub schema": "Azure/iotedge edge-hub/…/EdgeHubConfigParser.cs, GetEdgeHubConfig",
    "module shape":
        "Azure/iotedge edge-agent/…/DockerModule.cs, DockerDesiredModule.cs; schema edgeAgent 1.1",
    "hub shape": "Azure/iotedge edge-hub/…/EdgeHubConfigParser.cs, RouteSpec.cs; schema edgeHub 1.1",
    parts: "Azure/iotedge edge-util/…/JsonEx.cs, ChunkedProperty; DockerConfig.cs",
    "twin limits": "learn iot-hub-devguide-module-twins, limits",
    image: "Azure/iotedge edge-agent/…/DockerConfig.cs, ValidateAndGetImage; Docker's image grammar",
    registry: "Azure/iotedge edge-agent/…/DockerUtil.cs, FirstAuthConfig; RegistryCredentials.cs",
    placeholder:
        "templates of IoT Edge's tools (azure-iot-edge-deployment-template-*.json); no part of the runtime fills them in",
    "names of any case":
        "Go's encoding/json, by which Docker reads; Azure/iotedge Agent.Docker/models/HostConfig.cs",
    types: "moby/moby docs/api/v1.41.yaml, ContainerConfig, HostConfig, Resources, Mount, DeviceRequest",
    "unknown names": "moby/moby docs/api/v1.41.yaml, ContainerConfig and HostConfig: all that there is",
    values: "moby/moby docs/api/v1.41.yaml, enums and ranges; learn production-checklist",
    ports: "moby/moby docs/api/v1.41.yaml, PortMap and PortBinding",
    "route grammar": "Azure/iotedge edge-hub/…/Route.g4, RouteFactory.cs",
    "route source": "Azure/iotedge edge-hub/…/BaseMessageSource.cs",
    "route sink": "Azure/iotedge edge-hub/…/EndpointFactory.cs",
    "route condition": "learn iot-hub-devguide-routing-query-syntax",
    layered: "learn module-deployment-monitoring, layered deployment",
} as const;

/** The name of a rule. */
export type Rule = keyof typeof sources;
