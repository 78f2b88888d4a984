/**
 * How long the check waits where `checkTimeoutSeconds` is left out, in seconds. A machine installs everything first: the
 * waits of its first boot alone add up to fifty minutes, where each stage succeeds at its last try only. A brought device
 * pulls images, and edgeAgent tries again after five minutes at most what failed (iotedge, `MaxCoolOffPeriodSecs`).
 */
export const defaultCheckTimeouts = { machine: 3600, device: 600 };

/** How long the check waits for the device, in seconds. */
export function checkTimeout(settings: { checkTimeoutSeconds?: number; edgeVm: boolean }): number {
    const { checkTimeoutSeconds, edgeVm } = settings;
    return checkTimeoutSeconds ?? (edgeVm ? defaultCheckTimeouts.machine : defaultCheckTimeouts.device);
}
