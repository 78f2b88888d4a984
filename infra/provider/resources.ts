import { deployment } from "./deployment/deployment";
import { deploymentCheck } from "./deploymentCheck/deploymentCheck";
import { device } from "./device/device";
import { enrollment, enrollmentGroup } from "./enrollment/enrollment";
import { registryTokenPassword } from "./registryTokenPassword/registryTokenPassword";
import type { ResourceType } from "./resourceType";

/** Everything that the provider can make; whatever is not here is refused. */
export const resources: readonly ResourceType[] = [
    device,
    deployment,
    deploymentCheck,
    enrollment,
    enrollmentGroup,
    registryTokenPassword,
];
